"""Check the rows that were there before the constraints."""

from django.db import migrations

from foodshare.db.operations import RunSQLFile


class Migration(migrations.Migration):
    atomic = False  # each step may be run again
    dependencies = [
        ("foodshare", "0005_platform_columns"),
    ]
    operations = [
        RunSQLFile("foodshare", "platform_constraints"),
        RunSQLFile("foodshare", "food_posts_group_id_fkey"),
        RunSQLFile("foodshare", "food_posts_group_id_fkey_valid"),
    ]
