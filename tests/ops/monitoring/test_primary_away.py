"""Without the primary `/metrics` still answers, and tells what can be told."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connections

from ops.monitoring.sources import ASIDE, DATABASE
from tests.ops.monitoring.scraped import scrape, values

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", *settings.REPLICA_ALIASES])


@contextmanager
def nobody_at(*aliases: str) -> Iterator[None]:
    """These databases are looked for where nobody listens."""
    before = {alias: connections[alias].settings_dict["PORT"] for alias in aliases}
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        for alias in aliases:
            connections[alias].close()
            connections[alias].settings_dict["PORT"] = unused.getsockname()[1]
        try:
            yield
        finally:
            for alias, port in before.items():
                connections[alias].settings_dict["PORT"] = port


def test_without_the_primary_the_rest_is_told() -> None:
    with nobody_at("owner", "default"):
        found = scrape()
    up = values(found["foodshare_source_up"], "source")
    assert {name for name in DATABASE if up[name]} == set()
    assert {name for name in ASIDE if up[name]} == set(ASIDE)
    assert values(found["foodshare_postgres_up"], "alias") == {
        "default": 0.0, **dict.fromkeys(settings.REPLICA_ALIASES, 1.0)}
