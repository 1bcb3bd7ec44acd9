"""relationships: asking, accepting, declining, following, blocking and ending."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from foodshare.models import Relationship, User
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/relationships"
Edges = set[tuple[str, str, str, str]]


def edges() -> Edges:
    """Every relationship: from, to, type, status."""
    return set(Relationship.objects.values_list("from_user__name", "to_user__name", "type", "status"))


def friendship(one: str, other: str) -> Edges:
    return {(one, other, "FRIEND", "ACCEPTED"), (other, one, "FRIEND", "ACCEPTED")}


@pytest.fixture
def ada() -> User:
    return make_user(name="Ada")


@pytest.fixture
def ben() -> User:
    return make_user(name="Ben")


def relate(who: User, to: User, type: str = "FRIEND") -> Any:
    return client_for(who).post(URL, {"to": str(to.pk), "type": type}, format="json")


def answer_to(request: Any, who: User, what: str) -> Any:
    return client_for(who).post(f"{URL}/{request.json()['id']}/{what}")


def ended(who: User, relationship_id: str) -> int:
    return int(client_for(who).delete(f"{URL}/{relationship_id}").status_code)


def listed(who: User, **query: str) -> list[dict[str, Any]]:
    answer = client_for(who).get(URL, query)
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_a_request_waits_for_its_answer(ada: User, ben: User) -> None:
    asked = relate(ada, ben)
    assert asked.status_code == 201
    assert asked.json() | {"id": "", "created_at": ""} == {
        "id": "", "type": "FRIEND", "status": "PENDING", "direction": "outgoing", "created_at": "",
        "user": {"id": str(ben.pk), "name": "Ben", "image": None}}
    assert edges() == {("Ada", "Ben", "FRIEND", "PENDING")}


def test_to_ask_again_is_harmless(ada: User, ben: User) -> None:
    first, again = relate(ada, ben), relate(ada, ben)
    assert (again.status_code, again.json()) == (200, first.json())


def test_an_accepted_friendship_stands_in_both_directions(ada: User, ben: User) -> None:
    asked = relate(ada, ben)
    accepted = answer_to(asked, ben, "accept")
    assert (accepted.status_code, accepted.json()["status"]) == (200, "ACCEPTED")
    assert edges() == friendship("Ada", "Ben")
    assert answer_to(asked, ben, "accept").status_code == 200
    assert relate(ben, ada).status_code == 200
    assert edges() == friendship("Ada", "Ben")


def test_who_asks_back_accepts(ada: User, ben: User) -> None:
    relate(ada, ben)
    assert relate(ben, ada).json()["status"] == "ACCEPTED"
    assert edges() == friendship("Ada", "Ben")


def test_a_declined_request_is_gone_and_may_be_sent_again(ada: User, ben: User) -> None:
    asked = relate(ada, ben)
    assert answer_to(asked, ben, "decline").status_code == 204
    assert edges() == set()
    assert relate(ada, ben).status_code == 201


def test_an_accepted_request_is_not_declined(ada: User, ben: User) -> None:
    asked = relate(ada, ben)
    answer_to(asked, ben, "accept")
    assert answer_to(asked, ben, "decline").status_code == 409
    assert edges() == friendship("Ada", "Ben")


@pytest.mark.parametrize("what", ["accept", "decline"])
def test_only_the_person_asked_answers(ada: User, ben: User, what: str) -> None:
    asked = relate(ada, ben)
    for other in (ada, make_user()):
        assert answer_to(asked, other, what).status_code == 404
    assert edges() == {("Ada", "Ben", "FRIEND", "PENDING")}


@pytest.mark.parametrize("type", ["FOLLOW", "BLOCK"])
def test_only_requests_of_friendship_are_answered(ada: User, ben: User, type: str) -> None:
    set_by_ada = relate(ada, ben, type)
    assert [answer_to(set_by_ada, ben, what).status_code for what in ("accept", "decline")] == [404, 404]


@pytest.mark.parametrize("who", ["Ada", "Ben"])
def test_a_friendship_ends_for_both(ada: User, ben: User, who: str) -> None:
    answer_to(relate(ada, ben), ben, "accept")
    relate(ada, ben, "FOLLOW")
    own = listed(ada if who == "Ada" else ben, type="FRIEND")[0]
    assert ended(ada if who == "Ada" else ben, own["id"]) == 204
    assert edges() == {("Ada", "Ben", "FOLLOW", "ACCEPTED")}


@pytest.mark.parametrize("type", ["FRIEND", "FOLLOW", "BLOCK"])
def test_who_set_it_takes_it_back_and_nobody_else(ada: User, ben: User, type: str) -> None:
    key = relate(ada, ben, type).json()["id"]
    assert [ended(ben, key), ended(make_user(), key), ended(ada, key), ended(ada, key)] == [404, 404, 204, 404]
    assert edges() == set()


def test_a_block_ends_everything_between_the_two(ada: User, ben: User) -> None:
    answer_to(relate(ada, ben), ben, "accept")
    relate(ada, ben, "FOLLOW")
    relate(ben, ada, "FOLLOW")
    answer_to(relate(ben, make_user(name="Cem")), ben, "accept")
    relate(ben, ada, "BLOCK")
    assert edges() == {("Ben", "Ada", "BLOCK", "ACCEPTED"), ("Ben", "Cem", "FRIEND", "PENDING")}


def test_a_block_ends_a_request(ada: User, ben: User) -> None:
    relate(ada, ben)
    relate(ada, ben, "BLOCK")
    assert edges() == {("Ada", "Ben", "BLOCK", "ACCEPTED")}


@pytest.mark.parametrize("type", ["FRIEND", "FOLLOW"])
def test_behind_a_block_nothing_begins_and_nobody_is_told_whose_it_is(ada: User, ben: User, type: str) -> None:
    relate(ada, ben, "BLOCK")
    mine, theirs = relate(ada, ben, type), relate(ben, ada, type)
    assert (mine.status_code, mine.json()) == (403, theirs.json())
    assert edges() == {("Ada", "Ben", "BLOCK", "ACCEPTED")}


def test_both_may_block(ada: User, ben: User) -> None:
    assert [relate(ada, ben, "BLOCK").status_code, relate(ben, ada, "BLOCK").status_code] == [201, 201]


def test_the_lists_are_by_direction_type_and_status(ada: User, ben: User) -> None:
    relate(ada, ben)
    relate(ben, ada, "FOLLOW")
    relate(ada, make_user(name="Cem"), "BLOCK")
    assert {(row["type"], row["user"]["name"]) for row in listed(ada)} == {("BLOCK", "Cem"), ("FRIEND", "Ben")}
    assert [row["direction"] for row in listed(ada, direction="incoming")] == ["incoming"]
    (waiting,) = listed(ben, direction="incoming", type="FRIEND", status="PENDING")
    assert waiting["user"]["name"] == "Ada"
    assert listed(ada, status="ACCEPTED", type="FRIEND") == []


def test_nobody_learns_who_blocks_them(ada: User, ben: User) -> None:
    relate(ada, ben, "BLOCK")
    assert listed(ben, direction="incoming") == listed(ben, direction="incoming", type="BLOCK") == []


def test_pages_meet_each_once_by_a_fixed_number_of_queries(
        ada: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    others = [make_user() for _ in range(7)]
    Relationship.objects.bulk_create(Relationship(from_user=ada, to_user=other, type="FOLLOW", status="ACCEPTED")
                                     for other in others)
    client, link, seen = client_for(ada), f"{URL}?limit=3", []
    while link:
        with django_assert_num_queries(3):  # the token, the page and the count
            page = client.get(link).json()
        seen += [row["user"]["id"] for row in page["results"]]
        link = page["next"]
    assert sorted(seen) == sorted(str(other.pk) for other in others)


def test_oneself_and_nobody_are_refused(ada: User) -> None:
    for other in (ada, User(), make_user(is_active=False)):
        answer = relate(ada, other)
        assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "to")


@pytest.mark.parametrize("change", [{"to": None}, {"to": 5}, {"to": "\0"}, {"type": None}, {"type": "LOVE"},
                                    {"status": "ACCEPTED"}, {"id": "x"}])
def test_bad_bodies_are_refused_by_the_field(ada: User, ben: User, change: dict[str, Any]) -> None:
    body = {"to": str(ben.pk), "type": "FRIEND"} | change
    answer = client_for(ada).post(URL, body, format="json")
    assert (answer.status_code, [error["attr"] for error in answer.json()["errors"]]) == (400, [*change])
    assert edges() == set()


def test_requests_are_limited(ada: User, ben: User, settings: Any) -> None:
    settings.POSTING_RATES = {**settings.POSTING_RATES, "relationships": "2/hour"}
    client: APIClient = client_for(ada)
    body = {"to": str(ben.pk), "type": "FRIEND"}
    answers = [client.post(URL, body, format="json") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0
