"""Moderators resolve disputes, and withdraw posts."""

import pytest
from django.test import Client

from foodshare.models import Exchange, ExchangeStatus, FoodPost, PostStatus, User
from tests.admin.acting import decide, page, told
from tests.admin.rows import url
from tests.factories import make_exchange, make_post

pytestmark = pytest.mark.django_db


def disputed() -> Exchange:
    return make_exchange(status=ExchangeStatus.DISPUTED, dispute_reason="It was not there.")


def status_of(exchange: Exchange) -> str:
    return Exchange.objects.get(pk=exchange.pk).status


@pytest.mark.parametrize("outcome", ["completed", "cancelled", "confirmed"])
def test_moderator_resolves_a_dispute(moderator_client: Client, moderator: User, outcome: str) -> None:
    exchange = disputed()
    assert "It was not there." in moderator_client.get(url(Exchange, "change", exchange.pk)).content.decode()
    answer = moderator_client.post(page(exchange, "resolve"), {
        "_confirmed": "1", "outcome": outcome, "resolution": "Both agreed."})
    assert told(answer) == ["1 resolved."]
    exchange.refresh_from_db()
    assert (exchange.status, exchange.resolved_by, exchange.resolution) == (outcome, moderator, "Both agreed.")


def test_resolving_needs_an_outcome_and_a_text(moderator_client: Client) -> None:
    exchange = disputed()
    for answers in ({"outcome": "completed", "resolution": ""}, {"outcome": "", "resolution": "x"},
                    {"outcome": "pending", "resolution": "x"}):
        assert decide(moderator_client, "resolve", exchange, **answers).status_code == 200
    assert status_of(exchange) == ExchangeStatus.DISPUTED


def test_only_disputed_exchanges_are_resolved(moderator_client: Client) -> None:
    exchange = make_exchange()
    (refused,) = told(decide(moderator_client, "resolve", exchange, outcome="completed", resolution="x"))
    assert "not disputed" in refused
    assert status_of(exchange) == ExchangeStatus.PENDING


def test_disputes_have_a_list(moderator_client: Client) -> None:
    make_exchange()
    exchange = disputed()
    answer = moderator_client.get(url(Exchange, "changelist"), {"status": "disputed"})
    assert list(answer.context["cl"].result_list) == [exchange]


def test_status_is_no_field_of_any_form(superuser_client: Client) -> None:
    exchange = make_exchange()
    assert superuser_client.post(url(Exchange, "change", exchange.pk), {"status": "completed"}).status_code == 403
    assert superuser_client.post(url(FoodPost, "change", exchange.food_id), {"status": "available"}).status_code == 403
    assert status_of(exchange) == ExchangeStatus.PENDING


def test_moderator_withdraws_a_post(moderator_client: Client) -> None:
    post, claimed = make_post(), make_exchange().food
    refused, done = told(decide(moderator_client, "withdraw", post, claimed))
    assert "claimed" in refused
    assert done == "1 withdrawn."
    assert FoodPost.objects.get(pk=post.pk).status == PostStatus.WITHDRAWN
    assert FoodPost.objects.get(pk=claimed.pk).status == PostStatus.CLAIMED


def test_support_resolves_and_withdraws_nothing(support_client: Client) -> None:
    exchange, post = disputed(), make_post()
    answers = {"_confirmed": "1", "outcome": "completed", "resolution": "x"}
    assert support_client.get(url(Exchange, "change", exchange.pk)).status_code == 200
    assert support_client.post(page(exchange, "resolve"), answers).status_code == 403
    assert support_client.post(page(post, "withdraw"), answers).status_code == 403
    decide(support_client, "resolve", exchange, outcome="completed", resolution="x")
    decide(support_client, "withdraw", post)
    assert status_of(exchange) == ExchangeStatus.DISPUTED
    assert FoodPost.objects.get(pk=post.pk).status == PostStatus.AVAILABLE
