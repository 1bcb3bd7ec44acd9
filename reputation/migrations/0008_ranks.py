"""Who stands where by score, counted every few minutes."""

from django.conf import settings
from django.db import migrations, models

from foodshare.db.fields import TimestampField


class Migration(migrations.Migration):
    dependencies = [
        ("reputation", "0007_privacy"),
    ]
    operations = [
        migrations.CreateModel(
            name="ReputationRanking",
            fields=[
                ("scope", models.UUIDField(primary_key=True, serialize=False)),
                ("people", models.IntegerField(help_text="How many are ranked.")),
                ("as_of", TimestampField()),
            ],
            options={
                "db_table": "reputation_rankings",
            },
        ),
        migrations.CreateModel(
            name="ReputationRank",
            fields=[
                ("pk", models.CompositePrimaryKey("scope", "score", blank=True, editable=False, primary_key=True, serialize=False)),
                ("scope", models.UUIDField()),
                ("score", models.DecimalField(decimal_places=2, max_digits=4)),
                ("people", models.IntegerField()),
                ("above", models.IntegerField()),
            ],
            options={
                "db_table": "reputation_ranks",
            },
        ),
        migrations.CreateModel(
            name="ReputationLeader",
            fields=[
                ("pk", models.CompositePrimaryKey("scope", "place", blank=True, editable=False, primary_key=True, serialize=False)),
                ("scope", models.UUIDField()),
                ("place", models.IntegerField()),
                ("user", models.ForeignKey(db_constraint=False, db_index=False, on_delete=models.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("score", models.DecimalField(decimal_places=2, max_digits=4)),
                ("rank", models.IntegerField()),
            ],
            options={
                "db_table": "reputation_leaders",
            },
        ),
    ]
