"""Document A, step 1: reputation and its streams."""

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import migrations, models

from foodshare.db.fields import DatabaseNow, RandomUUID, TimestampField
from foodshare.db.operations import RunSQLFile


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("groups", "0001_dual_mode_foundation"),
    ]
    operations = [
        RunSQLFile("reputation", "user_global_reputation", state_operations=[
            migrations.CreateModel(
                name="UserGlobalReputation",
                fields=[
                    ("user", models.OneToOneField(on_delete=models.DO_NOTHING, primary_key=True, related_name="reputation", serialize=False, to=settings.AUTH_USER_MODEL)),
                    ("overall_score", models.DecimalField(db_default=Decimal("75.00"), decimal_places=2, default=Decimal("75.00"), max_digits=4, null=True)),
                    ("trust_level", models.CharField(db_default="developing", default="developing", max_length=20, null=True)),
                    ("total_food_shared", models.IntegerField(db_default=0, default=0, null=True)),
                    ("total_food_claimed", models.IntegerField(db_default=0, default=0, null=True)),
                    ("total_exchanges_completed", models.IntegerField(db_default=0, default=0, null=True)),
                    ("total_groups_participated", models.IntegerField(db_default=0, default=0, null=True)),
                    ("avg_food_rating", models.DecimalField(db_default=Decimal("0.00"), decimal_places=2, default=Decimal("0.00"), max_digits=3, null=True)),
                    ("avg_recipient_rating", models.DecimalField(db_default=Decimal("0.00"), decimal_places=2, default=Decimal("0.00"), max_digits=3, null=True)),
                    ("reliability_score", models.DecimalField(db_default=Decimal("75.00"), decimal_places=2, default=Decimal("75.00"), max_digits=4, null=True)),
                    ("reported_incidents", models.IntegerField(db_default=0, default=0, null=True)),
                    ("resolved_disputes", models.IntegerField(db_default=0, default=0, null=True)),
                    ("community_contributions", models.IntegerField(db_default=0, default=0, null=True)),
                    ("account_age_days", models.IntegerField(db_default=0, default=0, null=True)),
                    ("last_activity", TimestampField(db_default=DatabaseNow(), null=True)),
                    ("reputation_updated_at", TimestampField(db_default=DatabaseNow(), null=True)),
                    ("peak_reputation", models.DecimalField(db_default=Decimal("75.00"), decimal_places=2, default=Decimal("75.00"), max_digits=4, null=True)),
                    ("reputation_trend", models.CharField(db_default="stable", default="stable", max_length=10, null=True)),
                    ("last_stream_event_id", models.CharField(max_length=100, null=True)),
                    ("stream_lag_seconds", models.IntegerField(db_default=0, default=0, null=True)),
                    ("reputation_sync_status", models.CharField(db_default="synced", default="synced", max_length=20, null=True)),
                ],
                options={"db_table": "user_global_reputation", "verbose_name": "reputation"},
            ),
        ]),
        RunSQLFile("reputation", "reputation_events", state_operations=[
            migrations.CreateModel(
                name="ReputationEvent",
                fields=[
                    ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ("user", models.ForeignKey(db_index=False, null=True, on_delete=models.DO_NOTHING, related_name="reputation_events", to=settings.AUTH_USER_MODEL)),
                    ("event_type", models.CharField(max_length=50)),
                    ("impact_score", models.DecimalField(decimal_places=2, max_digits=5)),
                    ("previous_score", models.DecimalField(decimal_places=2, max_digits=4)),
                    ("new_score", models.DecimalField(decimal_places=2, max_digits=4)),
                    ("group", models.ForeignKey(db_index=False, null=True, on_delete=models.DO_NOTHING, related_name="+", to="groups.communitygroup")),
                    ("related_exchange_id", models.UUIDField(null=True)),
                    ("description", models.TextField(null=True)),
                    ("stream_id", models.CharField(max_length=100, null=True)),
                    ("stream_partition", models.IntegerField(null=True)),
                    ("processed_at", TimestampField(null=True)),
                    ("created_at", TimestampField(db_default=DatabaseNow(), editable=False, null=True)),
                ],
                options={"db_table": "reputation_events"},
            ),
        ]),
        RunSQLFile("reputation", "event_stream_checkpoints", state_operations=[
            migrations.CreateModel(
                name="EventStreamCheckpoint",
                fields=[
                    ("pk", models.CompositePrimaryKey("consumer_group", "stream_name", blank=True, editable=False, primary_key=True, serialize=False)),
                    ("consumer_group", models.CharField(max_length=100)),
                    ("stream_name", models.CharField(max_length=100)),
                    ("last_processed_id", models.CharField(max_length=50)),
                    ("processed_at", TimestampField(db_default=DatabaseNow(), null=True)),
                    ("lag_seconds", models.IntegerField(db_default=0, default=0, null=True)),
                ],
                options={"db_table": "event_stream_checkpoints"},
            ),
        ]),
    ]
