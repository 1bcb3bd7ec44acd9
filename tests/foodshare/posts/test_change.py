"""Editing and withdrawing one's post."""

from typing import Any

import pytest

from foodshare.models import OutboxEvent
from foodshare.services import posts
from tests import factories as make

pytestmark = pytest.mark.django_db


def url(post: Any, action: str = "") -> str:
    return f"/api/v1/food-posts/{post.pk}{action}"


def test_the_author_changes_an_available_post() -> None:
    post = make.make_post(handover_notes="old")
    answer = make.client_for(post.author).patch(url(post), {"title": "Soup", "handover_notes": "Bell 3"}, format="json")
    assert (answer.status_code, answer.json()["title"], answer.json()["handover_notes"]) == (200, "Soup", "Bell 3")
    post.refresh_from_db()
    assert (post.title, post.handover_notes) == ("Soup", "Bell 3")


def test_a_change_of_nothing_is_harmless() -> None:
    post = make.make_post()
    answer = make.client_for(post.author).patch(url(post), {}, format="json")
    assert (answer.status_code, answer.json()["title"]) == (200, post.title)


@pytest.mark.parametrize("field", ["group", "status", "sharing_mode", "author", "id"])
def test_what_a_post_belongs_to_stays(field: str) -> None:
    post = make.make_post()
    answer = make.client_for(post.author).patch(url(post), {field: str(post.pk)}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, field)


@pytest.mark.parametrize("status", ["claimed", "completed", "withdrawn", "expired"])
def test_a_post_that_is_not_available_stays_as_it_is(status: str) -> None:
    post = make.make_post(status=status)
    answer = make.client_for(post.author).patch(url(post), {"title": "Soup"}, format="json")
    assert answer.status_code == 409
    assert status in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize(("method", "action"), [("patch", ""), ("delete", ""), ("post", "/withdraw")])
def test_only_the_author_changes_a_post(method: str, action: str) -> None:
    post = make.make_post()
    assert post.group is not None
    client = make.client_for(make.make_member(post.group))
    assert getattr(client, method)(url(post, action), {}, format="json").status_code == 403
    post.refresh_from_db()
    assert post.status == "available"


def test_a_post_is_not_replaced_whole() -> None:
    post = make.make_post()
    assert make.client_for(post.author).put(url(post), {}, format="json").status_code == 405


def test_delete_withdraws() -> None:
    post = make.make_post()
    assert make.client_for(post.author).delete(url(post)).status_code == 204
    post.refresh_from_db()
    told = OutboxEvent.objects.filter(user=post.author).order_by("id").values_list("topic", "event_type")
    assert (post.status, list(told)) == ("withdrawn", [("group.mode.activities", "food_withdrawn"),
                                                       ("reputation.events", "reversal")])


def test_withdrawing_shows_the_post_and_again_changes_nothing() -> None:
    post = make.make_post()
    client = make.client_for(post.author)
    answers = [client.post(url(post, "/withdraw")) for _ in range(2)]
    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(200, "withdrawn")] * 2
    assert OutboxEvent.objects.count() == 2


@pytest.mark.parametrize("status", ["claimed", "completed", "expired"])
def test_a_post_that_is_taken_or_over_is_not_withdrawn(status: str) -> None:
    post = make.make_post(status=status)
    answer = make.client_for(post.author).delete(url(post))
    assert answer.status_code == 409
    assert status in answer.json()["errors"][0]["detail"]


def test_one_withdraws_what_one_posted_before_a_switch_of_mode() -> None:
    post = make.make_post()
    post.author.sharing_mode, post.author.verification_level = "neighborhood", "pending"
    post.author.save()
    assert make.client_for(post.author).delete(url(post)).status_code == 204


def test_a_moderator_withdraws_and_is_named() -> None:
    post, moderator = make.make_post(), make.make_moderator()
    assert posts.withdraw(post, moderator).status == "withdrawn"
    assert OutboxEvent.objects.get(event_type="food_withdrawn").payload["by"] == str(moderator.pk)


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
@pytest.mark.parametrize("key", ["00000000-0000-0000-0000-000000000000", "nonsense", "1"])
def test_an_unknown_id_is_not_found(method: str, key: str) -> None:
    answer = getattr(make.client_for(make.make_user()), method)(f"/api/v1/food-posts/{key}")
    assert answer.status_code == 404
