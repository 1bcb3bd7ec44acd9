"""Indexes of our own."""

from django.db import migrations

from foodshare.db.operations import CreateIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("reputation", "0002_performance_indexes"),
    ]
    operations = [
        CreateIndexConcurrently("reputation", "reputation_events_group_id_idx"),
    ]
