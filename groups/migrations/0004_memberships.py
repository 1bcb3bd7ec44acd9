"""Who belongs to a group, and what a group says of itself."""

import uuid

from django.conf import settings
from django.db import migrations, models

from foodshare.db.fields import DatabaseNow, RandomUUID, TimestampField
from foodshare.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("groups", "0003_group_activity_summary"),
    ]
    operations = [
        RunSQLFile("groups", "platform_columns", state_operations=[
            migrations.AddField("CommunityGroup", "description", models.TextField(blank=True, db_default="")),
            migrations.AddField("CommunityGroup", "city", models.CharField(blank=True, db_default="", max_length=100)),
            migrations.AddField("CommunityGroup", "member_count", models.IntegerField(db_default=0, default=0, help_text="Active members; kept by the services.")),
            migrations.AddConstraint("communitygroup", models.CheckConstraint(condition=models.Q(("group_type__in", ["neighborhood", "community"])), name="community_groups_group_type_check")),
            migrations.AddConstraint("communitygroup", models.CheckConstraint(condition=models.Q(("member_count__gte", 0)), name="community_groups_member_count_check")),
        ]),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", TimestampField(db_default=DatabaseNow(), editable=False)),
                ("role", models.CharField(choices=[("member", "Member"), ("admin", "Admin")], default="member", max_length=20)),
                ("state", models.CharField(choices=[("pending", "Pending"), ("active", "Active")], default="active", max_length=20)),
                ("group", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="memberships", to="groups.communitygroup")),
                ("user", models.ForeignKey(on_delete=models.CASCADE, related_name="memberships", to=settings.AUTH_USER_MODEL)),
            ],
            options={"db_table": "group_memberships"},
        ),
        migrations.AddConstraint("membership", models.UniqueConstraint(fields=("group", "user"), name="group_memberships_group_id_user_id_uniq")),
        migrations.AddConstraint("membership", models.CheckConstraint(condition=models.Q(("role__in", ["member", "admin"])), name="group_memberships_role_check")),
        migrations.AddConstraint("membership", models.CheckConstraint(condition=models.Q(("state__in", ["pending", "active"])), name="group_memberships_state_check")),
        migrations.AddIndex("membership", models.Index(fields=["group", "-created_at", "-id"], name="group_memberships_page_idx")),
    ]
