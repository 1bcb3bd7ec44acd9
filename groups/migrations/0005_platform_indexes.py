"""Indexes of our own."""

from django.db import migrations

from foodshare.db.operations import CreateIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("groups", "0004_memberships"),
    ]
    operations = [
        CreateIndexConcurrently("groups", "community_groups_admin_user_id_idx"),
        CreateIndexConcurrently("groups", "community_groups_name_id_idx"),
    ]
