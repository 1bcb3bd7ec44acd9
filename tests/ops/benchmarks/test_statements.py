"""What is known of the statements that a call sends."""

import pytest
from django.db import connections

from foodshare.models import User
from ops.benchmarks.performance import measure_read
from ops.benchmarks.plans import plans_of
from ops.benchmarks.read import Read
from ops.benchmarks.statements import buffers_of, recorded, time_in_statements
from ops.seed.session import own_session
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def run(statement: str) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("statement", [
    "SELECT 1", " (SELECT 1)", "-- why\n-- so\nWITH one AS (SELECT 1) SELECT * FROM one"])
def test_a_statement_that_reads_is_recorded(statement: str) -> None:
    with recorded() as statements:
        run(statement)
    assert [each.text for each in statements] == [statement]


def test_what_writes_is_not() -> None:
    with recorded() as statements:
        make_user()
        run("SET LOCAL work_mem = '4MB'")
    assert statements == []


def test_only_the_statements_are_timed() -> None:
    assert time_in_statements(lambda: None) == 0.0
    assert time_in_statements(lambda: run("SELECT pg_sleep(0.02)")) >= 20


def test_a_read_is_judged_by_its_slowest_statements_not_by_their_average() -> None:
    calls = [lambda: run("SELECT 1")] * 9 + [lambda: run("SELECT pg_sleep(0.2)")]
    found = measure_read(Read("naps", 100.0, calls, as_statements=True), 10, 1000.0, judged=True,
                         tell=lambda *_: None)
    assert found.timing.average < 100.0 < found.timing.p95
    assert (found.time, found.as_statements) == ("FAIL", True)


def test_buffers_grow_with_what_is_read() -> None:
    with own_session() as session:
        session.run("INSERT INTO users (name, email) SELECT repeat('long name ', 20), n || '@example.org' "
                    "FROM generate_series(1, 2000) n")
        session.run("ANALYZE users")
    one = buffers_of(lambda: User.objects.filter(email="7@example.org").first())
    assert 0 < one < 10 < buffers_of(lambda: list(User.objects.all()))


def test_partitions_are_counted_and_their_indexes_go_by_the_tables() -> None:
    plans = plans_of([lambda: run("SET enable_seqscan = off"),
                      lambda: run("SELECT 1 FROM messages WHERE room_id IS NULL AND created_at < 'infinity'"),
                      lambda: run("SELECT 1 FROM messages WHERE created_at = '2000-01-01'"), lambda: run("RESET ALL")])
    assert plans.partitions["messages"] > 3
    assert plans.indexes <= {"messages_created_at_id_idx", "idx_messages_created_at_brin", "idx_messages_room_id",
                             "messages_pkey", "idx_messages_sender_id", "messages_conversation_page_idx"}
    assert plans.indexes
