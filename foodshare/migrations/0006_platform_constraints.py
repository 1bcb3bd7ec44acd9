"""Check the rows that were there before the constraints."""

from django.db import migrations

from foodshare.db.operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("foodshare", "0005_platform_columns"),
    ]
    operations = [
        RunSQLFile("foodshare", "platform_constraints"),
    ]
