"""Document A, step 2: its indexes on this app's tables."""

from django.db import migrations

from foodshare.db.operations import CreateIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("groups", "0001_dual_mode_foundation"),
        ("foodshare", "0003_performance_indexes"),
    ]
    operations = [
        CreateIndexConcurrently("groups", "idx_community_groups_telegram"),
    ]
