"""Keys that carry their time: UUID version 7 (RFC 9562), from one clock reading with the row's `created_at`.

A partitioned table is split by time, so a key that tells its time tells its partition.
"""

import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Col
from django.db.models.lookups import Exact, In
from django.db.models.sql.compiler import SQLCompiler

from foodshare.db.fields import TimestampField

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND, MICROSECOND = timedelta(milliseconds=1), timedelta(microseconds=1)
VERSION, VARIANT = 0x7 << 76, 0x2 << 62
LAST_MILLISECOND = (datetime.max.replace(tzinfo=UTC) - EPOCH) // MILLISECOND
TAG = 0xFFFF  # the bits that may hold a second part of the partition key


def new_key(at: datetime | None = None) -> UUID:
    """A key of the time `at` (default: now), exact to the microsecond.

    48 bits of milliseconds, 12 of the next finer part (RFC 9562, section 6.2, method 3), then chance.
    """
    milliseconds, rest = divmod((at or datetime.now(UTC)) - EPOCH, MILLISECOND)
    fraction = -(-(rest // MICROSECOND) * 4096 // 1000)
    return UUID(int=milliseconds << 80 | VERSION | fraction << 64 | VARIANT | secrets.randbits(62))


def time_of(key: UUID) -> datetime:
    """The time that `new_key` was given."""
    fraction = key.int >> 64 & 0xFFF
    return EPOCH + (key.int >> 80) * MILLISECOND + fraction * 1000 // 4096 * MICROSECOND


def is_time_key(key: UUID) -> bool:
    """Whether `new_key` can have made it: of version 7, and of a time that there is."""
    return key.version == 7 and key.int >> 80 < LAST_MILLISECOND


class TimeKeyField(models.UUIDField):  # type: ignore[type-arg]
    """The key of a table partitioned by time. Looked up by it alone, a row is sought in its own partition only.

    A UUID of another version is nobody's key: it finds nothing, without a query.
    """

    def implied(self, keys: Sequence[UUID]) -> Iterator[tuple[str, str, list[Any]]]:
        """What rows with these keys hold in other columns: the field's name, a condition and its values."""
        times = [time_of(key) for key in keys]
        yield "created_at", "BETWEEN %s AND %s", [min(times), max(times)]


class TaggedKeyField(TimeKeyField):
    """The key of a table partitioned by a small whole number, then by time: it carries both."""

    def __init__(self, *args: Any, tag: str = "", **kwargs: Any) -> None:
        self.tag = tag  # the foreign key whose value is the number
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"tag": self.tag}

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        if add:
            number: int = getattr(instance, f"{self.tag}_id")
            key = UUID(int=getattr(instance, self.attname).int & ~TAG | number)
            setattr(instance, self.attname, key)
        return super().pre_save(instance, add)

    def implied(self, keys: Sequence[UUID]) -> Iterator[tuple[str, str, list[Any]]]:
        yield from super().implied(keys)
        tags = sorted({key.int & TAG for key in keys})
        yield self.tag, f"IN ({', '.join(['%s'] * len(tags))})", tags


class KeyTimeField(TimestampField):
    """The time that the row's key carries."""

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        if add:
            setattr(instance, self.attname, time_of(instance.pk))
        return super().pre_save(instance, add)


def narrowed(lookup: Exact | In, keys: Sequence[UUID], compiler: SQLCompiler,
             condition: tuple[str, Any]) -> tuple[str, Any]:
    """The lookup's condition, and what the keys tell of other columns."""
    statement, parameters = condition[0], [*condition[1]]
    real = [key for key in keys if is_time_key(key)]
    if not real:
        raise EmptyResultSet
    for name, text, values in lookup.lhs.target.implied(real):
        field = lookup.lhs.target.model._meta.get_field(name)
        column, _ = compiler.compile(Col(lookup.lhs.alias, field))
        statement += f" AND {column} {text}"
        parameters += [field.get_db_prep_value(value, compiler.connection) for value in values]
    return f"({statement})", parameters


@TimeKeyField.register_lookup
class KeyExact(Exact):
    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        condition = super().as_sql(compiler, connection)
        is_plain = self.rhs_is_direct_value() and isinstance(self.lhs, Col)
        return narrowed(self, [self.rhs], compiler, condition) if is_plain else condition


@TimeKeyField.register_lookup
class KeyIn(In):
    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        condition = super().as_sql(compiler, connection)
        is_plain = self.rhs_is_direct_value() and isinstance(self.lhs, Col)
        return narrowed(self, list(self.rhs), compiler, condition) if is_plain else condition
