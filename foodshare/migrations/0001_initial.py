"""What document A takes as given, and nothing more; `manage.py adopt` fakes it where it exists."""

import uuid

from django.conf import settings
from django.db import migrations, models

from foodshare.db.fields import DatabaseNow, RandomUUID, TimestampField
from foodshare.db.operations import RunSQLFile


class Migration(migrations.Migration):
    initial = True
    dependencies = [
    ]
    operations = [
        RunSQLFile("foodshare", "users", state_operations=[
            migrations.CreateModel(
                name="User",
                fields=[
                    ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ("name", models.CharField(max_length=255)),
                    ("image", models.TextField(blank=True, help_text="URL of a picture.", null=True)),
                    ("is_active", models.BooleanField(db_default=True, default=True)),
                    ("created_at", TimestampField(db_default=DatabaseNow(), editable=False)),
                ],
                options={"db_table": "users"},
            ),
        ]),
        RunSQLFile("foodshare", "food_posts", state_operations=[
            migrations.CreateModel(
                name="FoodPost",
                fields=[
                    ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ("group_id", models.UUIDField(null=True)),
                    ("status", models.CharField(choices=[("available", "Available"), ("claimed", "Claimed"), ("completed", "Completed"), ("withdrawn", "Withdrawn"), ("expired", "Expired")], db_default="available", default="available", max_length=20)),
                    ("pickup_time", TimestampField(help_text="Until when it can be picked up; then the post expires.")),
                    ("created_at", TimestampField(db_default=DatabaseNow(), editable=False)),
                    ("title", models.CharField(max_length=255)),
                    ("author", models.ForeignKey(db_index=False, on_delete=models.DO_NOTHING, related_name="food_posts", to=settings.AUTH_USER_MODEL)),
                ],
                options={"db_table": "food_posts"},
            ),
        ]),
        RunSQLFile("foodshare", "exchanges", state_operations=[
            migrations.CreateModel(
                name="Exchange",
                fields=[
                    ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ("food", models.ForeignKey(db_index=False, on_delete=models.DO_NOTHING, related_name="exchanges", to="foodshare.foodpost")),
                    ("recipient", models.ForeignKey(db_index=False, on_delete=models.DO_NOTHING, related_name="exchanges_received", to=settings.AUTH_USER_MODEL)),
                    ("status", models.CharField(choices=[("pending", "Pending"), ("confirmed", "Confirmed"), ("completed", "Completed"), ("cancelled", "Cancelled"), ("disputed", "Disputed")], db_default="pending", default="pending", max_length=20)),
                    ("created_at", TimestampField(db_default=DatabaseNow(), editable=False)),
                ],
                options={"db_table": "exchanges"},
            ),
        ]),
        RunSQLFile("foodshare", "ratings", state_operations=[
            migrations.CreateModel(
                name="Rating",
                fields=[
                    ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ("exchange", models.ForeignKey(db_index=False, on_delete=models.DO_NOTHING, related_name="ratings", to="foodshare.exchange")),
                    ("stars", models.IntegerField()),
                    ("created_at", TimestampField(db_default=DatabaseNow(), editable=False)),
                ],
                options={"db_table": "ratings"},
            ),
        ]),
    ]
