"""What people show of their reputation."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reputation", "0006_trust_violations"),
    ]
    operations = [
        migrations.CreateModel(
            name="ReputationPrivacy",
            fields=[
                ("user", models.OneToOneField(on_delete=models.CASCADE, primary_key=True, related_name="reputation_privacy", serialize=False, to=settings.AUTH_USER_MODEL)),
                ("show_score", models.BooleanField(db_default=True, default=True, help_text="The score and its peak.")),
                ("show_level", models.BooleanField(db_default=True, default=True, help_text="The trust level.")),
                ("show_statistics", models.BooleanField(db_default=True, default=True, help_text="Totals, averages, reliability and when you were last active.")),
                ("show_trend", models.BooleanField(db_default=True, default=True, help_text="Where the score is going.")),
            ],
            options={
                "db_table": "reputation_privacy",
                "verbose_name_plural": "reputation privacy",
            },
        ),
    ]
