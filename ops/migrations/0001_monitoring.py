"""What monitoring remembers."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import foodshare.db.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MonitoringSample",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", foodshare.db.fields.TimestampField()),
                ("seconds", models.IntegerField()),
                ("figures", models.JSONField(help_text="Numbers by the name of the figure.")),
            ],
            options={
                "db_table": "monitoring_samples",
                "permissions": [("cancel_query", "Can cancel a running statement")],
                "constraints": [
                    models.UniqueConstraint(fields=("seconds", "at"), name="monitoring_samples_seconds_at_uniq")
                ],
            },
        ),
        migrations.CreateModel(
            name="MonitoringBaseline",
            fields=[
                ("name", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("at", foodshare.db.fields.TimestampField()),
                ("figures", models.JSONField(default=dict)),
            ],
            options={"db_table": "monitoring_baselines"},
        ),
        migrations.CreateModel(
            name="StatementEndpoint",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("fingerprint", models.CharField(max_length=16)),
                ("endpoint", models.CharField(max_length=200)),
                ("statement", models.TextField(help_text="Without its values.")),
                ("calls", models.BigIntegerField(default=0)),
                ("seen_at", foodshare.db.fields.TimestampField(db_default=foodshare.db.fields.DatabaseNow())),
            ],
            options={
                "db_table": "statement_endpoints",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("fingerprint", "endpoint"), name="statement_endpoints_fingerprint_endpoint_uniq"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementSample",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", foodshare.db.fields.TimestampField(help_text="The hour's beginning.")),
                ("fingerprint", models.CharField(max_length=16)),
                ("calls", models.BigIntegerField()),
                ("milliseconds", models.FloatField()),
                ("rows", models.BigIntegerField()),
                ("blocks_read", models.BigIntegerField()),
            ],
            options={
                "db_table": "statement_samples",
                "constraints": [
                    models.UniqueConstraint(fields=("at", "fingerprint"), name="statement_samples_at_fingerprint_uniq")
                ],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("rule", models.CharField(max_length=100)),
                (
                    "subject",
                    models.CharField(blank=True, default="", help_text="Its labels' values, if any.", max_length=200),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[("info", "info"), ("warning", "warning"), ("critical", "critical")], max_length=10
                    ),
                ),
                ("summary", models.TextField()),
                ("value", models.FloatField(null=True)),
                (
                    "since",
                    foodshare.db.fields.TimestampField(
                        db_default=foodshare.db.fields.DatabaseNow(), help_text="When it was first seen."
                    ),
                ),
                (
                    "fired_at",
                    foodshare.db.fields.TimestampField(help_text="When it had held for long enough.", null=True),
                ),
                ("ended_at", foodshare.db.fields.TimestampField(null=True)),
                ("notified_at", foodshare.db.fields.TimestampField(help_text="When people were last to be told.", null=True)),
                (
                    "owed",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        default=list,
                        help_text="Ways by which they still must be.",
                        size=None,
                    ),
                ),
                ("acknowledged_at", foodshare.db.fields.TimestampField(null=True)),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "alerts",
                "indexes": [models.Index(fields=["-ended_at", "-id"], name="alerts_ended_at_idx")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("rule", "subject"),
                        name="alerts_rule_subject_uniq",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertSilence",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("rule", models.CharField(help_text="The rule's name, or * for all.", max_length=100)),
                (
                    "subject",
                    models.CharField(blank=True, default="", help_text="Empty: of whatever subject.", max_length=200),
                ),
                ("reason", models.CharField(max_length=200)),
                ("starts_at", foodshare.db.fields.TimestampField(default=django.utils.timezone.now)),
                ("ends_at", foodshare.db.fields.TimestampField()),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "alert_silences",
                "indexes": [models.Index(fields=["-ends_at", "-id"], name="alert_silences_ends_at_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="alert_silences_ends_at_check",
                        violation_error_message="It must end after it starts.",
                    )
                ],
            },
        ),
    ]
