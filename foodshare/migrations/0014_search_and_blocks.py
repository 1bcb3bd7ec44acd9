"""Indexes for the search of people by words of their names, and for who blocks whom."""

from django.db import migrations

from foodshare.db.operations import CreateIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("foodshare", "0013_missing_indexes"),
    ]
    operations = [
        CreateIndexConcurrently("foodshare", "users_name_search_idx"),
        CreateIndexConcurrently("foodshare", "users_name_id_idx"),
        CreateIndexConcurrently("foodshare", "relationships_blocks_from_idx"),
        CreateIndexConcurrently("foodshare", "relationships_blocks_to_idx"),
    ]
