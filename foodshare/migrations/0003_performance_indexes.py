"""Document A, step 2: its indexes on this app's tables."""

from django.db import migrations

from foodshare.db.operations import CreateIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("foodshare", "0002_dual_mode_foundation"),
        ("reputation", "0001_dual_mode_foundation"),
    ]
    operations = [
        CreateIndexConcurrently("foodshare", "idx_food_posts_active_location"),
        CreateIndexConcurrently("foodshare", "idx_users_sharing_mode"),
        CreateIndexConcurrently("foodshare", "idx_exchanges_group_status"),
        CreateIndexConcurrently("foodshare", "idx_food_posts_discovery"),
    ]
