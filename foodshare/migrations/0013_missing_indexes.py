"""Document B's index of active people, and the one foreign key that had no index."""

from django.db import migrations

from foodshare.db.operations import CreateIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("foodshare", "0012_social"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    operations = [
        CreateIndexConcurrently("foodshare", "idx_active_users"),
        CreateIndexConcurrently("foodshare", "procrastinate_jobs_worker_id_idx"),
    ]
