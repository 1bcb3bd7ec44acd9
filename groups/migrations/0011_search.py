"""The index for the search of groups by words of their names."""

from django.db import migrations

from foodshare.db.operations import CreateIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("groups", "0010_chat_roles"),
    ]
    operations = [
        CreateIndexConcurrently("groups", "community_groups_name_search_idx"),
    ]
