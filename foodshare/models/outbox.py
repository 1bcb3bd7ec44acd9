"""What must leave the database exactly once, and what must enter it only once."""

import uuid

from django.db import models

from foodshare.db.fields import DatabaseNow, RandomUUID, TimestampField
from foodshare.models.users import User


class OutboxEvent(models.Model):
    """Something that happened, written in the transaction in which it happened, for a stream to carry.

    `event_id` is the event's identity wherever it goes. `user` is whom it concerns, and orders it. A row that is here
    has not been applied: the transaction that applies the event deletes it. One with an `error` is set aside until
    somebody has it tried again.
    """

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    topic = models.CharField(max_length=100)
    event_type = models.CharField(max_length=50)
    user = models.ForeignKey(User, models.DO_NOTHING, null=True, related_name="+")
    payload = models.JSONField(default=dict)
    created_at = TimestampField(db_default=DatabaseNow(), editable=False)
    stream_id = models.CharField(max_length=100, null=True, blank=True,
                                 help_text="The stream's entry that carries it; empty: none, or one that was lost.")
    attempts = models.IntegerField(default=0, db_default=0, help_text="How often it could not be applied.")
    error = models.TextField(blank=True, default="", db_default="", help_text="Why it could not be applied.")

    class Meta:
        db_table = "outbox_events"

    def __str__(self) -> str:
        return f"{self.event_type} {self.event_id}"


class IdempotencyKey(models.Model):
    """The answer given to a write that carried an Idempotency-Key, to be given again to its retry."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64, help_text="SHA-256 of method, path and body, in hex.")
    status_code = models.IntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = TimestampField(db_default=DatabaseNow(), editable=False, db_index=True)

    class Meta:
        db_table = "idempotency_keys"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_keys_user_id_key_uniq")]

    def __str__(self) -> str:
        return self.key
