"""What moderators should look at, and their right to."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from foodshare.db.fields import DatabaseNow, TimestampField
from foodshare.db.rights import rights_of

ROLES = {"moderator": ("reputation.view_trustviolation", "reputation.change_trustviolation")}
grant, revoke = rights_of(ROLES)


class Migration(migrations.Migration):
    dependencies = [
        ("foodshare", "0009_staff_roles"),
        ("groups", "0010_chat_roles"),
        ("reputation", "0005_reputation_states"),
    ]
    operations = [
        migrations.CreateModel(
            name="TrustViolation",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=50)),
                ("details", models.JSONField(default=dict, help_text="The evidence.")),
                ("stream_id", models.CharField(max_length=100, null=True)),
                ("created_at", TimestampField(help_text="When it was found.")),
                ("processed_at", TimestampField(db_default=DatabaseNow(), help_text="When it came here.")),
                ("reviewed_at", TimestampField(null=True)),
                ("note", models.TextField(blank=True, db_default="", help_text="What the moderator found.")),
                ("reviewed_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("user", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "trust_violations",
                "indexes": [models.Index(fields=["-reviewed_at", "-created_at", "-id"], name="trust_violations_queue_idx")],
            },
        ),
        migrations.RunPython(grant, revoke),
    ]
