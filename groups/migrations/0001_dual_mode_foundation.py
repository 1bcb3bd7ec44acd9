"""Document A, step 1: the groups."""

import uuid

from django.conf import settings
from django.db import migrations, models

from foodshare.db.fields import DatabaseNow, RandomUUID, TimestampField
from foodshare.db.operations import RunSQLFile


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("foodshare", "0002_dual_mode_foundation"),
    ]
    operations = [
        RunSQLFile("groups", "community_groups", state_operations=[
            migrations.CreateModel(
                name="CommunityGroup",
                fields=[
                    ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ("telegram_group_id", models.BigIntegerField(blank=True, null=True, unique=True)),
                    ("name", models.CharField(max_length=255)),
                    ("group_type", models.CharField(choices=[("neighborhood", "Neighborhood"), ("community", "Community")], max_length=20)),
                    ("verification_required", models.BooleanField(db_default=False, default=False, help_text="Members are approved by the group's admin.", null=True)),
                    ("admin_user", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.DO_NOTHING, related_name="administered_groups", to=settings.AUTH_USER_MODEL)),
                    ("created_at", TimestampField(db_default=DatabaseNow(), editable=False, null=True)),
                ],
                options={"db_table": "community_groups"},
            ),
        ]),
    ]
