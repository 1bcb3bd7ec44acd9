"""The order in which discovery pages through the summary."""

from django.db import migrations

from foodshare.db.operations import CreateIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("groups", "0005_platform_indexes"),
    ]
    operations = [
        CreateIndexConcurrently("groups", "group_activity_summary_food_posts_30d_group_id_idx"),
    ]
