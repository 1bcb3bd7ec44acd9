"""Profiles, and what people are to each other."""

import uuid

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from foodshare.db.fields import DatabaseNow, RandomUUID, TimestampField


class Migration(migrations.Migration):
    dependencies = [
        ("foodshare", "0011_claimed_posts_index"),
    ]
    operations = [
        migrations.CreateModel(
            name="Profile",
            fields=[
                ("user", models.OneToOneField(db_column="id", on_delete=models.CASCADE, primary_key=True, related_name="profile", serialize=False, to=settings.AUTH_USER_MODEL)),
                ("bio", models.TextField(blank=True, db_default="")),
                ("interests", models.JSONField(blank=True, db_default=[], default=list, help_text="A list of words.")),
                ("roles", models.JSONField(blank=True, db_default=[], default=list, help_text="A list of words, such as “driver”.")),
                ("location_city", models.CharField(blank=True, db_default="", max_length=100)),
                ("location_state", models.CharField(blank=True, db_default="", max_length=100)),
            ],
            options={
                "db_table": "profiles",
                "indexes": [GinIndex(fields=["interests"], name="idx_profiles_interests"), GinIndex(fields=["roles"], name="idx_profiles_roles"), models.Index(fields=["location_city", "location_state"], name="idx_profiles_location")],
            },
        ),
        migrations.CreateModel(
            name="Relationship",
            fields=[
                ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", TimestampField(db_default=DatabaseNow(), editable=False)),
                ("type", models.CharField(choices=[("FRIEND", "Friend"), ("FOLLOW", "Follow"), ("BLOCK", "Block")], max_length=20)),
                ("status", models.CharField(choices=[("PENDING", "Pending"), ("ACCEPTED", "Accepted")], max_length=20)),
                ("from_user", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="relationships", to=settings.AUTH_USER_MODEL)),
                ("to_user", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="incoming_relationships", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "relationships",
                "indexes": [models.Index(condition=models.Q(("status", "ACCEPTED"), ("type", "FRIEND")), fields=["from_user", "to_user"], name="relationships_friends_idx"), models.Index(fields=["from_user", "-created_at", "-id"], name="relationships_from_page_idx"), models.Index(fields=["to_user", "-created_at", "-id"], name="relationships_to_page_idx")],
                "constraints": [models.UniqueConstraint(fields=("from_user", "to_user", "type"), name="relationships_pair_type_uniq"), models.CheckConstraint(condition=models.Q(("type__in", ["FRIEND", "FOLLOW", "BLOCK"])), name="relationships_type_check"), models.CheckConstraint(condition=models.Q(("status__in", ["PENDING", "ACCEPTED"])), name="relationships_status_check"), models.CheckConstraint(condition=models.Q(("from_user", models.F("to_user")), _negated=True), name="relationships_self_check")],
            },
        ),
    ]
