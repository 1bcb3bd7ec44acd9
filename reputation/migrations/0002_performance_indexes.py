"""Document A, step 2: its indexes on this app's tables."""

from django.db import migrations

from foodshare.db.operations import CreateIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("reputation", "0001_dual_mode_foundation"),
        ("groups", "0002_performance_indexes"),
    ]
    operations = [
        CreateIndexConcurrently("reputation", "idx_users_reputation_active"),
        CreateIndexConcurrently("reputation", "idx_reputation_events_user_recent"),
        CreateIndexConcurrently("reputation", "idx_reputation_events_stream"),
    ]
