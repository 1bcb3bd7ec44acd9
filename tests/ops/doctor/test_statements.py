"""Statements that are slow, that became so, and that want an index."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from foodshare.models import User
from ops.models import StatementEndpoint, StatementSample
from ops.monitoring.doctor.checks.statements import compared
from ops.monitoring.fingerprint import fingerprint, normal
from tests.databases import run
from tests.ops.doctor.tools import embedded_only, flush_statistics, migrate, only, subjects

SLOW = "SELECT pg_sleep(0.03) FROM users LIMIT 1"
KEY = "0123456789abcdef"


@pytest.fixture(scope="module", autouse=True)
def people(scratch: BaseDatabaseWrapper) -> None:
    """Three thousand people, each in another apartment."""
    User.objects.bulk_create([User(name=f"Person {n}", apartment=f"{n}") for n in range(3000)])
    run("ANALYZE users")


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    yield
    StatementSample.objects.all().delete()
    StatementEndpoint.objects.all().delete()


def look_for_an_apartment(times: int) -> str:
    """Read all people for one of them, again and again; return the statement."""
    wanted = User.objects.filter(apartment="17").only("name")
    for _ in range(times):
        list(wanted.all())
    flush_statistics()
    run("SELECT pg_stat_force_next_flush()", alias="default")
    return str(wanted.query)
@embedded_only
def test_a_statement_that_is_slow() -> None:
    StatementEndpoint.objects.create(fingerprint=fingerprint(SLOW), endpoint="api/v1/dreams", statement=SLOW, calls=7)
    for _ in range(5):
        run(SLOW)
    assert subjects("slow_queries") == []  # it takes a hundred calls
    finding = only("slow_queries", statement_calls=5)
    assert (finding.subject, finding.model) == (fingerprint(SLOW), "foodshare.User")
    assert finding.endpoints == ("api/v1/dreams",)
    assert "in 5 calls" in finding.what
    assert subjects("slow_queries", statement_calls=5, statement_mean=10.0) == []


@pytest.mark.parametrize("statement", [
    'SELECT "users"."id" FROM "users" WHERE "users"."apartment" = %s',
    "SELECT u.id FROM users AS u WHERE u.apartment = '17'",
    "SELECT u.id FROM food_posts p JOIN users u ON u.id = p.author_id WHERE u.apartment IN ('17', '18')",
    "UPDATE users AS u SET name = 'x' WHERE u.apartment = '17'",
])  # fmt: skip
def test_columns_are_of_tables_by_whatever_name(statement: str) -> None:
    assert ("users", "apartment") in set(compared(normal(statement)))


@embedded_only
def test_what_looks_at_the_server_is_not_the_sites_own() -> None:
    statement = "SELECT pg_sleep(0.03), relname FROM pg_class LIMIT 1"
    for _ in range(5):
        run(statement)
    assert fingerprint(statement) not in subjects("slow_queries", statement_calls=5)


def keep(hours_ago: int, milliseconds: float) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    StatementSample.objects.create(at=hour - timedelta(hours=hours_ago), fingerprint=KEY, calls=1000, rows=1000,
                                   milliseconds=milliseconds * 1000, blocks_read=0)


def test_a_statement_that_became_slower() -> None:
    for hours in (2, 3, 50):
        keep(hours, 10)
    keep(1, 25)
    assert subjects("slower_queries") == []
    StatementSample.objects.all().delete()
    keep(2, 10)
    keep(1, 31)
    finding = only("slower_queries")
    assert (finding.subject, "31 ms" in finding.what, "10.0 ms" in finding.what) == (KEY, True, True)


def test_one_that_is_new_is_not_slower() -> None:
    keep(1, 5000)
    assert subjects("slower_queries") == []
@embedded_only
def test_a_table_that_is_read_whole_for_want_of_an_index() -> None:
    statement = look_for_an_apartment(6)
    StatementEndpoint.objects.create(fingerprint=fingerprint(statement), endpoint="api/v1/doors", statement=statement,
                                     calls=6)
    limits = {"scans": 5, "scanned_rows": 2000}
    assert subjects("missing_indexes") == []
    finding = only("missing_indexes", **limits)
    assert (finding.subject, finding.model) == ("users.apartment", "foodshare.User")
    assert finding.endpoints == ("api/v1/doors",)
    assert finding.fix_sql == ("CREATE INDEX CONCURRENTLY users_apartment_idx ON users (apartment)",)
    migrate(finding)
    try:
        assert subjects("missing_indexes", **limits) == []
    finally:
        migrate(finding, undo=True)
