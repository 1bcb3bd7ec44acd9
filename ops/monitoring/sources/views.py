"""group_activity_summary: how old it is, and by which of its two definitions it is refreshed."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from groups import summary
from ops.monitoring.figures import Figure

_known: dict[str, summary.Definition | None] = {}  # the last definition that was looked at, as the server prints it


def definition(connection: BaseDatabaseWrapper) -> summary.Definition | None:
    """The definition in force. To compare it makes temporary views, so that it is done once for each one seen."""
    with connection.cursor() as cursor:
        text = summary.printed(cursor, summary.VIEW)
    if text is None:
        return None
    if text not in _known:
        found = summary.definition_in_force(connection)
        _known.clear()
        _known[text] = found
    return _known[text]


def figures() -> Iterator[Figure]:
    with connections["owner"].cursor() as cursor:
        refreshed = summary.refreshed_at(cursor)
    if refreshed:
        yield "foodshare_view_age_seconds", {}, (datetime.now(UTC) - refreshed).total_seconds()
    if found := definition(connections["owner"]):
        yield "foodshare_view_aggregated", {}, found == "aggregated"
