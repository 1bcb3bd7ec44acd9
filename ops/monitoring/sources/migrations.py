"""Migrations of this code that the database lacks."""

from collections.abc import Iterator

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.health import known_migrations
from ops.monitoring.figures import Figure
from ops.monitoring.rows import fetch


def pending(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Those not applied, by app and name."""
    applied = fetch(lambda app, name: (app, name), connection, "SELECT app, name FROM django_migrations")
    return sorted(known_migrations() - set(applied))


def figures() -> Iterator[Figure]:
    yield "foodshare_migrations_pending", {}, len(pending(connections["owner"]))
