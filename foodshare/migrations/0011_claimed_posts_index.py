"""The index by which claims left unanswered are found."""

from django.db import migrations

from foodshare.db.operations import CreateIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("foodshare", "0010_admin_indexes"),
    ]
    operations = [
        CreateIndexConcurrently("foodshare", "food_posts_pickup_time_claimed_idx"),
    ]
