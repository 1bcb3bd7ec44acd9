"""Tables of the platform's own: places, verification, the outbox and idempotency keys."""

import uuid

from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Lower

from foodshare.db.fields import DatabaseNow, RandomUUID, TimestampField


class Migration(migrations.Migration):
    dependencies = [
        ("foodshare", "0003_performance_indexes"),
        ("groups", "0003_group_activity_summary"),
    ]
    operations = [
        migrations.CreateModel(
            name="Neighborhood",
            fields=[
                ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", TimestampField(db_default=DatabaseNow(), editable=False)),
                ("name", models.CharField(max_length=100)),
                ("city", models.CharField(max_length=100)),
            ],
            options={"db_table": "neighborhoods"},
        ),
        migrations.CreateModel(
            name="Building",
            fields=[
                ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", TimestampField(db_default=DatabaseNow(), editable=False)),
                ("address", models.CharField(max_length=255)),
                ("verified_at", TimestampField(blank=True, help_text="When its address was confirmed; empty: not yet.", null=True)),
                ("neighborhood", models.ForeignKey(on_delete=models.PROTECT, related_name="buildings", to="foodshare.neighborhood")),
            ],
            options={"db_table": "buildings"},
        ),
        migrations.CreateModel(
            name="VerificationRequest",
            fields=[
                ("id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", TimestampField(db_default=DatabaseNow(), editable=False)),
                ("address", models.CharField(max_length=255)),
                ("apartment", models.CharField(max_length=50)),
                ("phone", models.CharField(max_length=30)),
                ("state", models.CharField(choices=[("pending", "Pending"), ("approved", "Approved"), ("rejected", "Rejected")], default="pending", max_length=20)),
                ("reviewed_at", TimestampField(blank=True, null=True)),
                ("rejection_reason", models.TextField(blank=True)),
                ("building", models.ForeignKey(blank=True, help_text="The building of that address; needed to approve.", null=True, on_delete=models.SET_NULL, to="foodshare.building")),
                ("reviewed_by", models.ForeignKey(blank=True, null=True, on_delete=models.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("user", models.ForeignKey(on_delete=models.CASCADE, related_name="verification_requests", to=settings.AUTH_USER_MODEL)),
            ],
            options={"db_table": "verification_requests"},
        ),
        migrations.CreateModel(
            name="OutboxEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("event_id", models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4, editable=False, unique=True)),
                ("topic", models.CharField(max_length=100)),
                ("event_type", models.CharField(max_length=50)),
                ("payload", models.JSONField(default=dict)),
                ("created_at", TimestampField(db_default=DatabaseNow(), editable=False)),
                ("user", models.ForeignKey(null=True, on_delete=models.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={"db_table": "outbox_events"},
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=255)),
                ("request_hash", models.CharField(help_text="SHA-256 of method, path and body, in hex.", max_length=64)),
                ("status_code", models.IntegerField(null=True)),
                ("body", models.JSONField(null=True)),
                ("created_at", TimestampField(db_default=DatabaseNow(), db_index=True, editable=False)),
                ("user", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={"db_table": "idempotency_keys"},
        ),
        migrations.AddConstraint("neighborhood", models.UniqueConstraint(Lower("city"), Lower("name"), name="neighborhoods_city_name_uniq")),
        migrations.AddConstraint("building", models.UniqueConstraint(models.F("neighborhood"), Lower("address"), name="buildings_neighborhood_address_uniq")),
        migrations.AddConstraint("verificationrequest", models.UniqueConstraint(condition=models.Q(("state", "pending")), fields=("user",), name="verification_requests_open_uniq")),
        migrations.AddConstraint("verificationrequest", models.CheckConstraint(condition=models.Q(("state__in", ["pending", "approved", "rejected"])), name="verification_requests_state_check")),
        migrations.AddConstraint("idempotencykey", models.UniqueConstraint(fields=("user", "key"), name="idempotency_keys_user_id_key_uniq")),
        migrations.AddIndex("verificationrequest", models.Index(fields=["state", "created_at"], name="verification_requests_queue")),
    ]
