"""Document A, step 1: what it adds to the core app."""

import uuid

from django.conf import settings
from django.db import migrations, models

from foodshare.db.fields import DatabaseNow, RandomUUID, TimestampField
from foodshare.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("foodshare", "0001_initial"),
    ]
    operations = [
        RunSQLFile("foodshare", "users_mode", state_operations=[
            migrations.AddField("User", "sharing_mode", models.CharField(choices=[("neighborhood", "Neighborhood"), ("community", "Community")], db_default="neighborhood", default="neighborhood", max_length=20, null=True)),
            migrations.AddField("User", "verification_level", models.CharField(choices=[("full", "Full"), ("light", "Light"), ("pending", "Pending")], db_default="full", default="full", max_length=20, null=True)),
        ]),
        RunSQLFile("foodshare", "mode_transition_events", state_operations=[
            migrations.CreateModel(
                name="ModeTransitionEvent",
                fields=[
                    ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ("user", models.ForeignKey(db_index=False, null=True, on_delete=models.DO_NOTHING, related_name="mode_transitions", to=settings.AUTH_USER_MODEL)),
                    ("from_mode", models.CharField(max_length=20, null=True)),
                    ("to_mode", models.CharField(max_length=20, null=True)),
                    ("reason", models.TextField(null=True)),
                    ("stream_id", models.CharField(max_length=100, null=True)),
                    ("created_at", TimestampField(db_default=DatabaseNow(), editable=False, null=True)),
                ],
                options={"db_table": "mode_transition_events"},
            ),
        ]),
    ]
