"""Which PostgreSQL servers answer. A standby tells itself what recovery has cancelled on it."""

import logging
from collections.abc import Iterator

import psycopg
from django.conf import settings
from django.db import connections

from foodshare.health import query
from ops.monitoring.figures import Figure

CONFLICTS = "SELECT conflicts FROM pg_stat_database WHERE datname = current_database()"
logger = logging.getLogger("ops.monitoring")


def conflicts(alias: str) -> int | None:
    """Queries that recovery cancelled on a server; None where it does not answer."""
    try:
        return int(query(connections[alias].get_connection_params(), CONFLICTS)[0][0])
    except psycopg.Error as error:
        logger.info("monitoring: %s does not answer: %s", alias, f"{error}".strip())
        return None


def figures() -> Iterator[Figure]:
    for alias in ("default", *settings.REPLICA_ALIASES):
        found = conflicts(alias)
        yield "foodshare_postgres_up", {"alias": alias}, found is not None
        if alias != "default":
            yield "foodshare_database_conflicts_total", {"alias": alias}, found
