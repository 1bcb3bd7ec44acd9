"""When people were last seen, written behind the cache."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import foodshare.db.fields
from foodshare.db.operations import RunSQLFile


class Migration(migrations.Migration):

    dependencies = [
        ("foodshare", "0018_people_noted"),
    ]

    operations = [
        migrations.CreateModel(
            name="UserActivity",
            fields=[
                ("user", models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="activity",
                    serialize=False, to=settings.AUTH_USER_MODEL)),
                ("last_seen_at", foodshare.db.fields.TimestampField()),
            ],
            options={"db_table": "user_activity"},
        ),
        RunSQLFile("foodshare", "user_activity_storage"),
    ]
