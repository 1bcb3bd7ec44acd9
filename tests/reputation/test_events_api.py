"""A person's own ledger: newest first, in pages, and without a word of who else took part."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from foodshare.models import User
from reputation.models import ReputationEvent
from tests.factories import client_for, later, make_group, make_user
from tests.plans import explained, nodes, selects, vacuum
from tests.reputation.ledgers import apply_events, event

ADDRESS = "/api/v1/me/reputation/events"
FILL = """
    INSERT INTO reputation_events (user_id, event_type, impact_score, previous_score, new_score, created_at,
                                   description)
    SELECT (%(people)s::uuid[])[1 + n %% 10], 'food_shared', 2, 75, 77, now() - n * interval '1 minute',
           '{"raw":"2.00","why":"+2.00"}'
    FROM generate_series(1, %(number)s) AS n
"""


def results(client: APIClient, **parameters: Any) -> list[dict[str, Any]]:
    answer = client.get(ADDRESS, parameters)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


@pytest.mark.django_db
def test_an_event_tells_what_it_did_and_why() -> None:
    user, group, exchange = make_user(), make_group(name="Bakers"), uuid4()
    partner = str(uuid4())
    at = later(minutes=-5)
    (made,) = [event("exchange_completed", at, group=str(group.pk), partner=partner, role="giver")]
    apply_events(user, [made], exchange)
    (shown,) = results(client_for(user))
    assert shown == {
        "id": str(made.id), "event_type": "exchange_completed", "impact": "1.50", "raw": "1.5", "why": "+1.50",
        "previous_score": "75.00", "new_score": "76.50", "group": {"id": str(group.pk), "name": "Bakers"},
        "exchange": str(exchange), "created_at": shown["created_at"], "processed_at": shown["processed_at"]}
    assert shown["created_at"] < shown["processed_at"]


@pytest.mark.django_db
def test_a_capped_event_says_what_was_withheld() -> None:
    user, noon = make_user(), later(days=-1).replace(hour=12)
    apply_events(user, [event("food_shared", noon) for _ in range(6)])
    newest = results(client_for(user))
    assert [each["impact"] for each in sorted(newest, key=lambda each: each["processed_at"])] == ["2.00"] * 5 + ["0.00"]
    assert any("withheld 2.00" in each["why"] for each in newest)


@pytest.mark.django_db
def test_nobody_else_is_named() -> None:
    user, partner, exchange = make_user(), make_user(), uuid4()
    apply_events(user, [event("highly_rated_food", later(days=-1), partner=str(partner.pk), stars=5, of="food")
                        for _ in range(3)], exchange)
    answer = client_for(user).get(ADDRESS)
    assert len(answer.json()["results"]) == 3
    assert str(partner.pk) not in answer.content.decode()


@pytest.mark.django_db
def test_only_ones_own() -> None:
    user, other = make_user(), make_user()
    apply_events(other, [event("food_shared", later(days=-1))])
    assert results(client_for(user)) == []


@pytest.mark.django_db
def test_an_unverified_neighbor_sees_their_own() -> None:
    user = make_user("neighborhood")
    apply_events(user, [event("food_shared", later(days=-1))])
    assert len(results(client_for(user))) == 1


@pytest.mark.django_db
def test_pages_are_newest_first_and_complete() -> None:
    user = make_user()
    made = [event("food_shared", later(hours=-number // 3)) for number in range(50, 0, -1)]  # some at the same time
    apply_events(user, made)
    client, walked, address = client_for(user), [], f"{ADDRESS}?limit=7"
    while address:
        page = client.get(address).json()
        walked += page["results"]
        address = page["next"]
    assert {each["id"] for each in walked} == {str(each.id) for each in made}
    assert len(walked) == 50
    assert [each["created_at"] for each in walked] == sorted((each["created_at"] for each in walked), reverse=True)


@pytest.mark.django_db
def test_one_kind_alone() -> None:
    user = make_user()
    apply_events(user, [event(kind, later(days=-1)) for kind in ("food_shared", "spam_report", "food_shared")])
    assert [each["event_type"] for each in results(client_for(user), event_type="spam_report")] == ["spam_report"]


@pytest.mark.django_db
@pytest.mark.parametrize("parameter", ["event_type=flying", "kind=food_shared", "cursor=x", "limit=0"])
def test_a_wrong_parameter_is_refused(parameter: str) -> None:
    answer = client_for(make_user()).get(f"{ADDRESS}?{parameter}")
    assert answer.status_code == 400
    assert [error["attr"] for error in answer.json()["errors"]] == [parameter.partition("=")[0]]


@pytest.mark.django_db
@pytest.mark.parametrize(("description", "why"), [(None, None), ("by hand", "by hand"), ("7", "7")])
def test_a_row_of_other_origin_is_shown_as_it_is(description: str | None, why: str | None) -> None:
    user = make_user()
    ReputationEvent.objects.create(user=user, event_type="imported", impact_score=Decimal(1), description=description,
                                   previous_score=Decimal(75), new_score=Decimal(76))
    (shown,) = results(client_for(user))
    assert (shown["event_type"], shown["raw"], shown["why"]) == ("imported", None, why)


@pytest.mark.django_db
def test_constant_queries() -> None:
    user, group = make_user(), make_group()
    apply_events(user, [event("food_shared", later(days=-1), group=str(group.pk)) for _ in range(30)])
    client = client_for(user)
    for limit in (1, 30):
        with CaptureQueriesContext(connection) as captured:
            assert len(results(client, limit=limit)) == limit
        assert len(captured) == 3  # token, page, count


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_page_reads_little_of_a_long_ledger() -> None:
    """Ten people with ten thousand events each, written in turn."""
    people = [make_user() for _ in range(10)]
    with connections["owner"].cursor() as cursor:
        cursor.execute(FILL, {"people": [person.pk for person in people], "number": 100_000})
    vacuum("reputation_events")
    client = client_for(people[0])
    client.get(ADDRESS)
    second = client.get(ADDRESS).json()["next"]
    for address in (ADDRESS, second):
        page, count = plans(lambda address=address: client.get(address))
        assert page["Shared Hit Blocks"] + page["Shared Read Blocks"] < 60  # 21 rows
        assert count["Shared Hit Blocks"] + count["Shared Read Blocks"] < 300  # a thousand rows
        assert {node["Index Name"] for node in nodes(page) if node.get("Relation Name") == "reputation_events"} == {
            "idx_reputation_events_user_recent"}


def plans(work: Any) -> list[dict[str, Any]]:
    return [explained(statement) for statement in selects(work) if "reputation_events" in statement]


def test_a_person_without_a_token_is_refused(db: None) -> None:
    assert client_for().get(ADDRESS).status_code == 401
    assert User.objects.count() == 0
