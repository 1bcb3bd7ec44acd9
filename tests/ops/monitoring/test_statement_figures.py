"""Figures of a statement go on under the same labels, whatever runs it."""

import pytest
from django.db import connections

from ops.models import StatementEndpoint
from ops.monitoring.sources.statements import figures, statements

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def of(fingerprint: str) -> dict[str, dict[str, str]]:
    """The labels of all figures of a statement, by their names."""
    return {name: labels for name, labels, _ in figures() if labels.get("fingerprint") == fingerprint}


def runs(fingerprint: str, endpoint: str, calls: int) -> None:
    StatementEndpoint.objects.using("owner").create(
        fingerprint=fingerprint, endpoint=endpoint, statement="s", calls=calls)


def test_an_endpoint_that_takes_the_lead_changes_no_counter() -> None:
    key = next(iter(statements(connections["owner"])))
    before = of(key)
    runs(key, "GET /one", 10**9)
    one = of(key)
    runs(key, "GET /two", 2 * 10**9)
    two = of(key)
    told = [found.pop("foodshare_statement_info")["endpoint"] for found in (before, one, two)]
    assert told[1:] == ["GET /one", "GET /two"]
    assert before == one == two
    assert all(labels == {"fingerprint": key} for labels in two.values())
    assert len(two) == 8
