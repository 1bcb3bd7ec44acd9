"""Indexes for the admin's lists, newest first, and for its searches by the beginning of a name."""

from django.db import migrations

from foodshare.db.operations import CreateIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("foodshare", "0009_staff_roles"),
    ]
    operations = [
        CreateIndexConcurrently("foodshare", "users_created_at_id_idx"),
        CreateIndexConcurrently("foodshare", "users_created_at_id_suspended_idx"),
        CreateIndexConcurrently("foodshare", "users_created_at_id_staff_idx"),
        CreateIndexConcurrently("foodshare", "users_email_prefix_idx"),
        CreateIndexConcurrently("foodshare", "users_upper_name_idx"),
        CreateIndexConcurrently("foodshare", "food_posts_created_at_id_idx"),
        CreateIndexConcurrently("foodshare", "exchanges_created_at_id_idx"),
        CreateIndexConcurrently("foodshare", "exchanges_created_at_id_disputed_idx"),
        CreateIndexConcurrently("foodshare", "buildings_upper_address_idx"),
        CreateIndexConcurrently("foodshare", "neighborhoods_upper_name_idx"),
        CreateIndexConcurrently("foodshare", "neighborhoods_upper_city_idx"),
        CreateIndexConcurrently("groups", "community_groups_upper_name_idx"),
    ]
