"""Column types and defaults that the documents order and Django does not have."""

from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Func


class DatabaseNow(Func):
    """`now()`: the transaction's start. Django's own Now() is the statement's."""

    template = "now()"
    output_field = models.DateTimeField()


class RandomUUID(Func):
    """`gen_random_uuid()`, in core since PostgreSQL 13."""

    template = "gen_random_uuid()"
    output_field = models.UUIDField()


def naive(time: datetime) -> datetime:
    """An aware time as a `timestamp without time zone` holds it: UTC, without saying so."""
    return time.astimezone(UTC).replace(tzinfo=None)


class TimestampField(models.DateTimeField):  # type: ignore[type-arg]
    """A `timestamp without time zone` holding UTC; an aware UTC datetime in Python.

    Values are sent as naive UTC, so that a comparison stays `timestamp` with `timestamp`: with a
    `timestamptz` it would follow the session's time zone and could not use an index.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "timestamp without time zone"

    def from_db_value(self, value: datetime | None, *_: Any) -> datetime | None:
        return value and value.replace(tzinfo=UTC)

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        value = super().get_db_prep_value(value, connection, prepared)
        if isinstance(value, datetime) and value.tzinfo is not None:
            return naive(value)
        return value
