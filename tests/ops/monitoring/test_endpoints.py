"""Which endpoint runs which statement: what the server has statistics of is found by its fingerprint."""

import pytest
from django.db import connections

from foodshare.tasks import expire_posts
from ops.models import StatementEndpoint
from ops.monitoring import endpoints
from ops.monitoring.fingerprint import fingerprint, normal
from ops.monitoring.sources.statements import main_endpoints, statements
from tests.factories import client_for, later, make_group, make_member, make_post

RESET = "SELECT pg_stat_statements_reset(0, oid) FROM pg_database WHERE datname = current_database()"
KEPT = """
    SELECT query FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
    WHERE datname = current_database() AND userid = %s::regrole
"""
BEGINNINGS = ("BEGIN", "COMMIT", "ROLLBACK", "SET ")  # of what the driver itself runs


@pytest.fixture(autouse=True)
def nothing_pending() -> None:
    endpoints._pending.clear()


def work() -> None:
    """A little of everything: reads, writes, lists, an error, a job."""
    group = make_group()
    author, reader = make_member(group), make_member(group)
    make_post(author=author, group=group)
    writer, client = client_for(author), client_for(reader)
    with connections["owner"].cursor() as cursor:
        cursor.execute(RESET)
    body = {"title": "Bread", "group": str(group.pk), "pickup_time": later(hours=5).isoformat()}
    post = writer.post("/api/v1/food-posts", body, format="json", headers={"Idempotency-Key": "one"})
    assert post.status_code == 201, post.content
    exchange = client.post(f"/api/v1/food-posts/{post.json()['id']}/claim")
    assert exchange.status_code == 201, exchange.content
    for path in ("food-posts", "food-posts?mine=true", "groups", "me", "me/reputation/events", "feed", "conversations",
                 "exchanges", f"groups/{group.pk}", f"users/{author.pk}/reputation", "food-posts/no-id"):
        client.get(f"/api/v1/{path}")
    writer.post(f"/api/v1/exchanges/{exchange.json()['id']}/confirm")
    endpoints.noting("job expire_posts", expire_posts.func)(timestamp=0)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_all_that_the_application_ran_is_known() -> None:
    work()
    with connections["owner"].cursor() as cursor:
        cursor.execute(KEPT, [connections["default"].settings_dict["USER"]])
        kept = {fingerprint(query): normal(query) for (query,) in cursor.fetchall()}
    endpoints.write()
    known = set(StatementEndpoint.objects.values_list("fingerprint", flat=True))
    unknown = {text for key, text in kept.items() if key not in known and not text.startswith(BEGINNINGS)}
    assert len(kept) > 30
    assert unknown == set()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_endpoint_that_runs_it_most_comes_first() -> None:
    statement = "SELECT name FROM users WHERE id = %s"
    for endpoint, calls in (("GET /rare", 1), ("GET /often", 5), ("job some", 2)):
        endpoints.note(endpoint, {statement: calls})
    endpoints.write()
    endpoints.note("GET /rare", {"SELECT name  FROM users WHERE id = 5": 2})
    endpoints.write()
    key = fingerprint(statement)
    assert endpoints.endpoints_of(key) == [endpoints.Ran("GET /often", 5), endpoints.Ran("GET /rare", 3),
                                           endpoints.Ran("job some", 2)]
    assert main_endpoints(connections["owner"], [key, "0" * 16]) == {key: "GET /often"}
    assert StatementEndpoint.objects.filter(fingerprint=key).values_list("statement", flat=True)[0] == (
        "SELECT name FROM users WHERE id=?")


@pytest.mark.django_db(databases=["default", "owner"])
def test_what_several_entries_have_in_common_is_added_up() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(RESET)
        for number in range(3):
            cursor.execute(f"SELECT relname FROM pg_class WHERE oid IN ({', '.join(['1'] * (number + 1))})")
    key = fingerprint("SELECT relname FROM pg_class WHERE oid IN (1)")
    assert statements(connections["owner"])[key].calls == 3


@pytest.mark.django_db(databases=[])
def test_no_more_pairs_than_the_limit_are_kept() -> None:
    endpoints.note("GET /many", {f"SELECT {number}": 1 for number in range(endpoints.MOST + 10)})
    assert len(endpoints._pending) == endpoints.MOST
    endpoints._pending.clear()
