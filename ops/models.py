"""What monitoring remembers: figures over time, which endpoint runs which statement, and who was told of what.

Times are UTC. The worker writes all of it but statements' endpoints, which web processes write every few seconds.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foodshare.db.fields import DatabaseNow, TimestampField


class MonitoringSample(models.Model):
    """The figures of one moment, or their means over `seconds` from then on: old samples are merged."""

    id = models.BigAutoField(primary_key=True)
    at = TimestampField()
    seconds = models.IntegerField()
    figures = models.JSONField(help_text="Numbers by the name of the figure.")

    class Meta:
        db_table = "monitoring_samples"
        permissions = [("cancel_query", "Can cancel a running statement")]
        constraints = [models.UniqueConstraint(fields=["seconds", "at"], name="monitoring_samples_seconds_at_uniq")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} for {self.seconds} s"


class MonitoringBaseline(models.Model):
    """Counters as they stood when last looked at, from which the next look tells what they grew by."""

    name = models.CharField(max_length=100, primary_key=True)
    at = TimestampField()
    figures = models.JSONField(default=dict)

    class Meta:
        db_table = "monitoring_baselines"

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M}"


class StatementSample(models.Model):
    """What one statement did within an hour."""

    id = models.BigAutoField(primary_key=True)
    at = TimestampField(help_text="The hour's beginning.")
    fingerprint = models.CharField(max_length=16)
    calls = models.BigIntegerField()
    milliseconds = models.FloatField()
    rows = models.BigIntegerField()
    blocks_read = models.BigIntegerField()

    class Meta:
        db_table = "statement_samples"
        constraints = [models.UniqueConstraint(fields=["at", "fingerprint"],
                                               name="statement_samples_at_fingerprint_uniq")]

    def __str__(self) -> str:
        return f"{self.fingerprint} at {self.at:%Y-%m-%d %H:%M}"


class StatementEndpoint(models.Model):
    """That an endpoint, a route or the name of a job, runs a statement, and how often it has."""

    id = models.BigAutoField(primary_key=True)
    fingerprint = models.CharField(max_length=16)
    endpoint = models.CharField(max_length=200)
    statement = models.TextField(help_text="Without its values.")
    calls = models.BigIntegerField(default=0)
    seen_at = TimestampField(db_default=DatabaseNow())

    class Meta:
        db_table = "statement_endpoints"
        constraints = [models.UniqueConstraint(fields=["fingerprint", "endpoint"],
                                               name="statement_endpoints_fingerprint_endpoint_uniq")]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.fingerprint}"


class Alert(models.Model):
    """A rule that holds of a subject, from when it was first seen to until it no longer was."""

    id = models.BigAutoField(primary_key=True)
    rule = models.CharField(max_length=100)
    subject = models.CharField(max_length=200, blank=True, default="", help_text="Its labels' values, if any.")
    severity = models.CharField(max_length=10, choices=[(name, name) for name in ("info", "warning", "critical")])
    summary = models.TextField()
    value = models.FloatField(null=True)
    since = TimestampField(db_default=DatabaseNow(), help_text="When it was first seen.")
    fired_at = TimestampField(null=True, help_text="When it had held for long enough.")
    ended_at = TimestampField(null=True)
    notified_at = TimestampField(null=True, help_text="When people were last to be told.")
    owed = ArrayField(models.CharField(max_length=10), default=list, help_text="Ways by which they still must be.")
    acknowledged_at = TimestampField(null=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True,
                                        related_name="+")

    class Meta:
        db_table = "alerts"
        constraints = [models.UniqueConstraint(fields=["rule", "subject"], condition=Q(ended_at=None),
                                               name="alerts_rule_subject_uniq")]
        indexes = [models.Index(fields=["-ended_at", "-id"], name="alerts_ended_at_idx")]  # open ones come first

    def __str__(self) -> str:
        return " ".join([self.rule, *([self.subject] if self.subject else [])])


class AlertSilence(models.Model):
    """A time in which nobody is told of some alerts."""

    id = models.BigAutoField(primary_key=True)
    rule = models.CharField(max_length=100, help_text="The rule's name, or * for all.")
    subject = models.CharField(max_length=200, blank=True, default="", help_text="Empty: of whatever subject.")
    reason = models.CharField(max_length=200)
    starts_at = TimestampField(default=timezone.now)
    ends_at = TimestampField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False,
                                   related_name="+")

    class Meta:
        db_table = "alert_silences"
        indexes = [models.Index(fields=["-ends_at", "-id"], name="alert_silences_ends_at_idx")]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")),
                                              name="alert_silences_ends_at_check",
                                              violation_error_message="It must end after it starts.")]

    def __str__(self) -> str:
        return f"{self.rule} until {self.ends_at:%Y-%m-%d %H:%M}"
