"""The order in which discovery pages through the summary of one type's groups."""

from django.db import migrations

from foodshare.db.operations import CreateIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("groups", "0006_discovery_index"),
    ]
    operations = [
        CreateIndexConcurrently("groups", "group_activity_summary_type_posts_idx"),
    ]
