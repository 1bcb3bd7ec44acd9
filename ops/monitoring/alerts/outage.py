"""What the worker tells while the database is away, where alerts are kept: that it is, and that it is back."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from django.db import connections

from foodshare.health import check_database
from ops.monitoring.alerts.deliver import Notice, configured, send
from ops.monitoring.alerts.rules import Rule, render, rules

RULE = "PostgresDown"


@dataclass
class Outage:
    """The database's absence, as one worker sees it; each worker tells of it."""

    since: datetime | None = None
    told: frozenset[str] = frozenset()  # the ways by which people know

    def look(self, now: datetime) -> None:
        """Ask the database, by a connection of its own: one that hangs breaks no other."""
        try:
            check_database(connections["default"].get_connection_params())
        except psycopg.Error:
            self.goes_on(now)
        else:
            self.is_over(now)

    def goes_on(self, now: datetime) -> None:
        """Tell people once it has lasted as long as the rule says; again by ways that failed."""
        self.since = self.since or now
        if now - self.since >= rule().hold:
            self.told |= {way for way in configured() if way not in self.told and send(way, [self.notice()]) is None}

    def is_over(self, now: datetime) -> None:
        """Tell those who know of it."""
        for way in self.told & set(configured()):
            send(way, [self.notice(now)])
        self.since, self.told = None, frozenset()

    def notice(self, ended: datetime | None = None) -> Notice:
        assert self.since is not None  # noqa: S101 - there is something to tell of
        found, labels = rule(), {"alias": "default"}
        summary = "\n".join(render(text, labels, 0) for text in (found.summary, found.description))
        return Notice(RULE, "default", found.severity, summary, self.since, ended)


def rule() -> Rule:
    return next(found for found in rules() if found.name == RULE)
