"""For how many minutes a fresh post waits for whom."""

import django.core.validators
from django.db import migrations, models

from foodshare.db.operations import RunSQLFile

MINUTES = [django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1440)]


class Migration(migrations.Migration):
    dependencies = [
        ("groups", "0011_search"),
    ]
    operations = [
        RunSQLFile("groups", "claim_delays", state_operations=[
            migrations.AddField("CommunityGroup", "claim_minutes_trusted", models.SmallIntegerField(db_default=0, default=0, help_text="Minutes until trusted people may claim a fresh post.", validators=MINUTES)),
            migrations.AddField("CommunityGroup", "claim_minutes_others", models.SmallIntegerField(db_default=0, default=0, help_text="Minutes until people neither trusted nor of concern may claim a fresh post.", validators=MINUTES)),
            migrations.AddField("CommunityGroup", "claim_minutes_concerning", models.SmallIntegerField(db_default=0, default=0, help_text="Minutes until people of concern may claim a fresh post.", validators=MINUTES)),
            migrations.AddConstraint("communitygroup", models.CheckConstraint(condition=models.Q(("claim_minutes_concerning__range", (0, 1440)), ("claim_minutes_others__range", (0, 1440)), ("claim_minutes_trusted__range", (0, 1440))), name="community_groups_claim_minutes_check")),
            migrations.AddConstraint("communitygroup", models.CheckConstraint(condition=models.Q(("claim_minutes_others__lte", models.F("claim_minutes_concerning")), ("claim_minutes_trusted__lte", models.F("claim_minutes_others"))), name="community_groups_claim_ladder_check", violation_error_message="Trusted people wait no longer than others, and people of concern no less.")),
        ]),
    ]
