"""Every page of every admin loads, by as many queries for 30 rows as for 5, and counts nothing whole.

Rows are made once for all admins: one test walks them all.
"""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foodshare.models import Building, Exchange, FoodPost, User
from tests.admin.rows import (
    all_admins,
    make_rows,
    name_of,
    some,
    tables_with_rows,
    url,
)

pytestmark = pytest.mark.django_db
MOST = 20  # queries of a page, the session and the reader's rights among them
TERMS = ("x", "42", "9" * 30, "a@b.org", "Ålesund' OR 1=1", "7d444840-9dc0-11d1-b245-5ffdce74fad2", "%", "\\")


def statements(client: Client, address: str, **query: str) -> list[str]:
    """The SQL that a page takes. Fails unless the page loads."""
    ContentType.objects.clear_cache()  # or the first page of all takes more
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address, query)
    assert answer.status_code == 200, (address, query, answer.content[:500])
    return [each["sql"] for each in captured.captured_queries]


def queries_of_lists(client: Client) -> dict[str, int]:
    return {name_of(found): len(statements(client, url(found.model, "changelist"))) for found in all_admins()}


def pages_of_rows() -> list[str]:
    """The change and history page of one row of each table."""
    rows = [(found.model, some(found.model).pk) for found in tables_with_rows()]
    return [url(model, page, key) for model, key in rows for page in ("change", "history")]


@pytest.mark.slow
def test_lists_take_a_constant_number_of_queries(superuser_client: Client) -> None:
    make_rows(5)
    few = queries_of_lists(superuser_client)
    make_rows(25)
    assert queries_of_lists(superuser_client) == few
    assert max(few.values()) <= MOST


@pytest.mark.slow
def test_pages_of_rows_take_a_constant_number_of_queries(superuser_client: Client) -> None:
    make_rows(1)
    addresses = pages_of_rows()
    few = {address: len(statements(superuser_client, address)) for address in addresses}
    make_rows(10)
    assert {address: len(statements(superuser_client, address)) for address in addresses} == few
    assert max(few.values()) <= MOST


def test_lists_count_up_to_a_limit(superuser_client: Client) -> None:
    make_rows(1)
    counts = {name_of(found): [sql for sql in statements(superuser_client, url(found.model, "changelist"))
                               if "count(" in sql.lower()] for found in all_admins()}
    assert all(counts.values())
    assert [name for name, found in counts.items() if not all("LIMIT 1001" in sql for sql in found)] == []


def test_first_page_counts_what_waits_up_to_a_limit(superuser_client: Client) -> None:
    make_rows(3)
    counts = [sql for sql in statements(superuser_client, reverse("admin:index")) if "count(" in sql.lower()]
    assert len(counts) == 5
    assert all("LIMIT 1001" in sql for sql in counts)


@pytest.mark.slow
def test_searches_by_anything_are_answered(superuser_client: Client) -> None:
    make_rows(1)
    for found in all_admins():
        for term in TERMS:
            statements(superuser_client, url(found.model, "changelist"), q=term)


def test_searches_find_by_whole_id_by_person_and_by_beginning(superuser_client: Client) -> None:
    make_rows(3)
    exchange = Exchange.objects.select_related("food__author", "recipient").filter(status="disputed").first()
    assert exchange is not None
    giver, recipient = exchange.food.author, exchange.recipient
    building = some(Building)
    found = {
        (Exchange, str(exchange.pk)): exchange, (Exchange, giver.email): exchange,
        (Exchange, str(recipient.email).upper()): exchange, (FoodPost, giver.email): exchange.food,
        (User, giver.name): giver, (User, str(giver.email)[:9]): giver, (User, giver.name.upper()): giver,
        (Building, building.address.lower()): building,
    }
    for (model, term), row in found.items():
        answer = superuser_client.get(url(model, "changelist"), {"q": term})
        assert row in list(answer.context["cl"].result_list), (model, term)


def test_order_of_the_address_is_not_taken(superuser_client: Client) -> None:
    make_rows(1)
    for found in all_admins():
        address = url(found.model, "changelist")
        plain, asked = (
            [sql for sql in statements(superuser_client, address, **query) if "ORDER BY" in sql]
            for query in ({}, {"o": "-1.2"}))
        assert asked == plain


def test_conditions_of_the_address_are_refused(superuser_client: Client) -> None:
    for found in all_admins():
        for condition in ("pk__gt", "user__password__startswith", f"{found.opts.pk.name}__icontains"):
            assert superuser_client.get(url(found.model, "changelist"), {condition: "0"}).status_code == 400


def test_rows_are_added_only_where_a_class_allows(superuser_client: Client) -> None:
    make_rows(1)
    for found in all_admins():
        answer = superuser_client.get(url(found.model, "add"))
        assert answer.status_code == (200 if found.may_add else 403), name_of(found)


def test_nothing_is_deleted(superuser_client: Client) -> None:
    make_rows(1)
    for found in tables_with_rows():
        row = some(found.model)
        assert superuser_client.post(url(found.model, "delete", row.pk), {"post": "yes"}).status_code == 403
        superuser_client.post(url(found.model, "changelist"),
                              {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
        assert found.model._default_manager.filter(pk=row.pk).exists()


def test_list_says_that_there_is_more_than_it_counts(superuser_client: Client) -> None:
    User.objects.bulk_create(User(name=f"Adopted {number}") for number in range(1050))
    answer = superuser_client.get(url(User, "changelist"), {"p": 20})
    assert answer.context["cl"].result_count == 1000
    assert "and more" in answer.content.decode()


def test_checkpoints_have_a_page(superuser_client: Client) -> None:
    make_rows(3)
    answer = superuser_client.get(reverse("admin:reputation_eventstreamcheckpoint"))
    assert "events:2-3" in answer.content.decode()


@pytest.mark.slow
def test_nothing_is_fetched_from_outside(superuser_client: Client) -> None:
    make_rows(1)
    addresses = [reverse("admin:login"), reverse("admin:index"),
                 *(url(found.model, "changelist") for found in all_admins()),
                 *(url(found.model, "change", some(found.model).pk) for found in tables_with_rows())]
    for address in addresses:
        html = superuser_client.get(address, follow=True).content.decode()
        for source in ('src="http', "src='http", 'src="//', '<link href="http', 'href="//', "@import", "url(http"):
            assert source not in html, (address, source)
