"""The index by which the job finds the live rows that tell of events that wait."""

from django.db import migrations

from foodshare.db.operations import CreateIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("reputation", "0010_moderators"),
    ]
    operations = [
        CreateIndexConcurrently("reputation", "user_global_reputation_user_id_unsynced_idx"),
    ]
