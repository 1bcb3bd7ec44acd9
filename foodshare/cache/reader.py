"""Whom the request at hand serves, as far as the cache must know: what they must not see older than."""

from contextvars import ContextVar
from uuid import UUID

from django.db import connections

from foodshare.cache import writers
from foodshare.db.backend.base import DatabaseWrapper

_required: ContextVar[int | None] = ContextVar("required", default=0)


def nobody() -> None:
    """Serve somebody of whom nothing is known: they know of nothing either."""
    _required.set(0)
    primary().has_written = False


def person(person_id: UUID) -> None:
    """Serve this person from now on."""
    _required.set(writers.required(person_id))


def unknown() -> None:
    """Serve somebody of whom it is not known what they know."""
    _required.set(None)


def required() -> int | None:
    """Up to where in the log what is served must be true; None: what was just written, here or nobody knows where."""
    return None if has_written() or is_in_transaction() else _required.get()


def is_in_transaction() -> bool:
    """Whether what is read now may not be committed yet."""
    return primary().in_atomic_block


def has_written() -> bool:
    """Whether this request has written."""
    return primary().has_written


def primary() -> DatabaseWrapper:
    wrapper = connections["default"]
    assert isinstance(wrapper, DatabaseWrapper)  # noqa: S101 - tells mypy what settings.DATABASES says
    return wrapper
