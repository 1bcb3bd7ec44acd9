"""From a claim to its end, over the API; the post's status goes along."""

from typing import Any

import pytest

from foodshare.models import Exchange, OutboxEvent, User
from tests import factories as make

pytestmark = pytest.mark.django_db
URL = "/api/v1/exchanges"


@pytest.fixture
def exchange() -> Exchange:
    return make.make_exchange()


def act(user: User, exchange: Exchange, action: str, expected: int = 200, **body: Any) -> Any:
    answer = make.client_for(user).post(f"{URL}/{exchange.pk}/{action}", body, format="json")
    assert answer.status_code == expected, answer.json()
    return answer.json()


def events() -> list[tuple[str, str, Any]]:
    return list(OutboxEvent.objects.order_by("id").values_list("topic", "event_type", "user_id"))


def statuses(exchange: Exchange) -> tuple[str, str]:
    fresh = Exchange.objects.select_related("food").get(pk=exchange.pk)
    return fresh.status, fresh.food.status


def test_from_claim_to_completion() -> None:
    post = make.make_post()
    assert post.group is not None
    giver, recipient = post.author, make.make_member(post.group)
    answer = make.client_for(recipient).post(f"/api/v1/food-posts/{post.pk}/claim")
    shown = answer.json()
    assert (answer.status_code, shown["status"], shown["role"]) == (201, "pending", "recipient")
    assert shown["recipient_confirmed_at"] is not None
    assert (shown["post"]["status"], shown["giver"]["id"]) == ("claimed", str(giver.pk))
    exchange = Exchange.objects.get(pk=shown["id"])
    confirmed = act(giver, exchange, "confirm")
    assert (confirmed["status"], confirmed["role"]) == ("confirmed", "giver")
    assert confirmed["giver_confirmed_at"] is not None
    completed = act(recipient, exchange, "complete")
    assert (completed["status"], completed["post"]["status"]) == ("completed", "completed")
    assert completed["completed_at"] is not None
    assert events() == [
        ("group.mode.activities", "food_claimed", recipient.pk),
        ("group.mode.activities", "exchange_confirmed", recipient.pk),
        ("reputation.events", "exchange_completed", giver.pk),
        ("reputation.events", "exchange_completed", recipient.pk),
        ("reputation.events", "reliable_pickup", recipient.pk),
    ]


@pytest.mark.parametrize("side", ["giver", "recipient"])
def test_confirming_and_completing_again_change_nothing(exchange: Exchange, side: str) -> None:
    giver = exchange.food.author
    user = giver if side == "giver" else exchange.recipient
    act(giver, exchange, "confirm")
    before = act(user, exchange, "confirm")
    assert act(user, exchange, "confirm") == before
    first = act(giver, exchange, "complete")
    assert act(user, exchange, "complete")["completed_at"] == first["completed_at"]
    assert len(events()) == 4


def test_the_recipients_confirmation_waits_for_the_givers(exchange: Exchange) -> None:
    assert act(exchange.recipient, exchange, "confirm")["status"] == "pending"
    assert events() == []


@pytest.mark.parametrize("side", ["giver", "recipient"])
@pytest.mark.parametrize("confirmed", [False, True])
def test_either_side_cancels_and_the_post_is_on_offer_again(exchange: Exchange, side: str, confirmed: bool) -> None:
    user = exchange.food.author if side == "giver" else exchange.recipient
    if confirmed:
        act(exchange.food.author, exchange, "confirm")
    shown = act(user, exchange, "cancel", reason="Cannot come")
    assert (shown["cancelled_by"], shown["cancel_reason"]) == (str(user.pk), "Cannot come")
    assert statuses(exchange) == ("cancelled", "available")
    assert events()[-1] == ("reputation.events", "exchange_cancelled", user.pk)
    assert exchange.food.group is not None
    other = make.make_member(exchange.food.group)
    assert make.client_for(other).post(f"/api/v1/food-posts/{exchange.food_id}/claim").status_code == 201


def test_cancelled_after_its_pickup_time_the_post_is_over(exchange: Exchange) -> None:
    exchange.food.pickup_time = make.later(minutes=-1)
    exchange.food.save()
    act(exchange.recipient, exchange, "cancel")
    assert statuses(exchange) == ("cancelled", "expired")
    assert {kind for _, kind, _ in events()} == {"food_expired", "exchange_cancelled"}


@pytest.mark.parametrize("completed", [False, True])
@pytest.mark.parametrize("side", ["giver", "recipient"])
def test_either_side_disputes_and_the_post_stays_held(exchange: Exchange, side: str, completed: bool) -> None:
    user = exchange.food.author if side == "giver" else exchange.recipient
    act(exchange.food.author, exchange, "confirm")
    if completed:
        act(user, exchange, "complete")
    shown = act(user, exchange, "dispute", reason="Nobody was there")
    assert (shown["disputed_by"], shown["dispute_reason"]) == (str(user.pk), "Nobody was there")
    assert statuses(exchange) == ("disputed", "completed" if completed else "claimed")
    assert events()[-1][1:] == ("exchange_disputed", user.pk)
    for action in ("confirm", "complete", "cancel"):
        assert "moderator" in act(user, exchange, action, expected=409)["errors"][0]["detail"]


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": None}, {"reason": "x" * 1001},
                                  {"reason": "a\x00"}, {"reason": ["x"]}])
def test_a_dispute_needs_a_reason(exchange: Exchange, body: dict[str, Any]) -> None:
    act(exchange.food.author, exchange, "confirm")
    assert act(exchange.recipient, exchange, "dispute", 400, **body)["errors"][0]["attr"] == "reason"


@pytest.mark.parametrize(("path", "action"), [
    (("confirm", "complete"), "cancel"), (("cancel",), "confirm"), (("cancel",), "complete"), (("cancel",), "cancel"),
    ((), "complete"), (("confirm", "complete"), "confirm"),
])
def test_what_the_status_does_not_allow_is_refused_by_its_name(exchange: Exchange, path: tuple[str, ...],
                                                               action: str) -> None:
    for step in path:
        act(exchange.food.author, exchange, step)
    before = statuses(exchange)
    detail = act(exchange.food.author, exchange, action, expected=409)["errors"][0]["detail"]
    assert before[0] in detail
    assert statuses(exchange) == before


def test_a_retried_cancel_with_its_key_gets_the_first_answer(exchange: Exchange) -> None:
    client = make.client_for(exchange.recipient)
    answers = [client.post(f"{URL}/{exchange.pk}/cancel", {}, format="json", headers={"Idempotency-Key": "c"})
               for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
