"""Document A, step 3: the materialized view and its refresh function."""

from django.db import migrations, models

from foodshare.db.fields import TimestampField
from foodshare.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("reputation", "0002_performance_indexes"),
        ("groups", "0002_performance_indexes"),
    ]
    operations = [
        RunSQLFile("groups", "group_activity_summary", state_operations=[
            migrations.CreateModel(
                name="GroupActivitySummary",
                fields=[
                    ("group", models.OneToOneField(db_constraint=False, on_delete=models.DO_NOTHING, primary_key=True, related_name="summary", serialize=False, to="groups.communitygroup")),
                    ("group_name", models.CharField(max_length=255)),
                    ("group_type", models.CharField(choices=[("neighborhood", "Neighborhood"), ("community", "Community")], max_length=20)),
                    ("active_members", models.BigIntegerField()),
                    ("food_posts_30d", models.BigIntegerField()),
                    ("avg_rating", models.DecimalField(decimal_places=16, max_digits=20, null=True)),
                    ("successful_exchanges_30d", models.BigIntegerField()),
                    ("last_food_post", TimestampField(null=True)),
                ],
                options={"db_table": "group_activity_summary", "managed": False, "verbose_name_plural": "group activity summary"},
            ),
        ]),
        RunSQLFile("groups", "refresh_group_activity_summary"),
    ]
