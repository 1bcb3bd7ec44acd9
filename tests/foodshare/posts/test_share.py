"""Sharing food: who may, where it goes, what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from foodshare.models import FoodPost, OutboxEvent
from tests import factories as make

pytestmark = pytest.mark.django_db
URL = "/api/v1/food-posts"


def body(**fields: Any) -> dict[str, Any]:
    return {"title": "Rye bread", "pickup_time": make.later(hours=3).isoformat(), **fields}


def test_a_member_shares_in_the_group() -> None:
    group = make.make_group()
    author = make.make_member(group)
    sent = body(group=str(group.pk), description="Two loaves", category="bread", quantity="2", allergens=["gluten"],
                dietary_tags=["vegan"], best_before=str(timezone.now().date()), handover_notes="Ring twice")
    answer = make.client_for(author).post(URL, sent, format="json")
    assert answer.status_code == 201, answer.json()
    shown = answer.json()
    assert {key: shown[key] for key in sent if key != "pickup_time"} == {
        key: value for key, value in sent.items() if key != "pickup_time"}
    assert (shown["status"], shown["sharing_mode"], shown["neighborhood"]) == ("available", "community", None)
    assert shown["author"] == {"id": str(author.pk), "name": author.name, "image": None}


def test_a_neighbor_shares_in_the_building() -> None:
    author = make.make_neighbor()
    answer = make.client_for(author).post(URL, body(), format="json")
    assert answer.status_code == 201
    post = FoodPost.objects.get(pk=answer.json()["id"])
    assert author.building is not None
    assert (post.sharing_mode, post.building_id) == ("neighborhood", author.building_id)
    assert (post.neighborhood_id, post.group_id) == (author.building.neighborhood_id, None)


def test_a_neighbor_may_share_in_a_neighborhood_group() -> None:
    group = make.make_group("neighborhood")
    author = make.make_member(group)
    answer = make.client_for(author).post(URL, body(group=str(group.pk)), format="json")
    assert (answer.status_code, answer.json()["group"]) == (201, str(group.pk))


def test_sharing_goes_to_the_outbox() -> None:
    group = make.make_group()
    author = make.make_member(group)
    answer = make.client_for(author).post(URL, body(group=str(group.pk)), format="json")
    event = OutboxEvent.objects.get()
    assert (event.topic, event.event_type, event.user_id) == ("reputation.events", "food_shared", author.pk)
    assert str(event.event_id) == answer.json()["id"]
    assert event.payload == {"post_id": answer.json()["id"], "group_id": str(group.pk), "mode": "community"}


def test_a_pending_neighbor_shares_nothing() -> None:
    answer = make.client_for(make.make_user("neighborhood")).post(URL, body(), format="json")
    assert (answer.status_code, FoodPost.objects.count()) == (403, 0)
    assert "not verified" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("mode", [None, "neighborhood"])
def test_an_adopted_person_without_mode_or_address_shares_nothing(mode: Any) -> None:
    user = make.make_user(mode, verification_level="full")
    assert make.client_for(user).post(URL, body(), format="json").status_code == 403


def test_a_community_post_needs_a_group() -> None:
    answer = make.client_for(make.make_user()).post(URL, body(), format="json")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "group")


@pytest.mark.parametrize("membership", [None, "pending", "other mode"])
def test_a_group_in_which_one_does_not_share_is_refused(membership: str | None) -> None:
    group = make.make_group("neighborhood" if membership == "other mode" else "community")
    user = make.make_user()
    if membership:
        make.make_member(group, user, state="pending" if membership == "pending" else "active")
    answer = make.client_for(user).post(URL, body(group=str(group.pk)), format="json")
    assert (answer.status_code, answer.json()["errors"][0]["attr"], FoodPost.objects.count()) == (400, "group", 0)


@pytest.mark.parametrize(("field", "value"), [
    ("title", ""), ("title", "  "), ("title", "x" * 256), ("title", None), ("title", ["a"]), ("title", "a\x00b"),
    ("description", "x" * 5001), ("category", "stones"), ("quantity", "x" * 101),
    ("allergens", ["milk", "milk"]), ("allergens", ["plutonium"]), ("allergens", "milk"), ("allergens", None),
    ("allergens", [{}]), ("dietary_tags", ["vegan", "vegan"]), ("dietary_tags", ["keto"]),
    ("best_before", "0001-01-01"), ("best_before", "9999-12-31"), ("best_before", "tomorrow"),
    ("pickup_time", None), ("pickup_time", "9999-12-31T23:59:59-14:00"), ("pickup_time", "0001-01-01T00:00:00+14:00"),
    ("pickup_time", 5), ("handover_notes", "x" * 2001), ("group", "not-a-uuid"), ("group", 5), ("status", "completed"),
    ("colour", "red"),
])
def test_a_bad_value_is_named(field: str, value: Any) -> None:
    group = make.make_group()
    client = make.client_for(make.make_member(group))
    answer = client.post(URL, body(**{"group": str(group.pk), field: value}), format="json")
    assert answer.status_code == 400
    assert {error["attr"].split(".")[0] for error in answer.json()["errors"]} == {field}
    assert FoodPost.objects.count() == 0


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=-1), timedelta(days=30, minutes=1)])
def test_pickup_is_in_the_future_and_within_thirty_days(ahead: timedelta) -> None:
    group = make.make_group()
    sent = body(group=str(group.pk), pickup_time=(timezone.now() + ahead).isoformat())
    answer = make.client_for(make.make_member(group)).post(URL, sent, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "pickup_time")


def test_nobody_shares_without_logging_in() -> None:
    assert make.client_for().post(URL, body(), format="json").status_code == 401


def test_a_retry_with_the_same_key_shares_once() -> None:
    group = make.make_group()
    client, sent = make.client_for(make.make_member(group)), body(group=str(group.pk))
    answers = [client.post(URL, sent, format="json", headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert FoodPost.objects.count() == 1


@pytest.mark.parametrize("group", [5, True, 0, 1.5, ["5"]])
def test_a_group_that_is_no_text_is_no_id(group: object) -> None:
    answer = make.client_for(make.make_user()).post(URL, body(group=group), format="json")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["attr"]) == (400, "group")
    assert "valid UUID" in error["detail"]
