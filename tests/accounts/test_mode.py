"""Switching between neighborhood and community mode."""

import pytest
from pytest_django import DjangoAssertNumQueries

from foodshare.models import ModeTransitionEvent, OutboxEvent, User
from foodshare.services.accounts import switch_mode
from tests.factories import client_for, make_neighbor, make_user

pytestmark = pytest.mark.django_db


def test_community_mode_holds_at_once_and_keeps_the_building() -> None:
    neighbor = make_neighbor()
    answer = client_for(neighbor).put("/api/v1/me/mode", {"sharing_mode": "community"}, format="json")
    assert (answer.status_code, dict(answer.data)) == (
        200, {"sharing_mode": "community", "verification_level": "light"})
    assert User.objects.get(pk=neighbor.pk).building == neighbor.building


def test_neighborhood_mode_needs_a_new_verification() -> None:
    neighbor = make_neighbor()
    person = switch_mode(switch_mode(neighbor, "community"), "neighborhood")
    assert (person.sharing_mode, person.verification_level) == ("neighborhood", "pending")


def test_a_switch_is_recorded_and_sent() -> None:
    user = make_user()
    client_for(user).put("/api/v1/me/mode", {"sharing_mode": "neighborhood", "reason": "We moved"}, format="json")
    transition = ModeTransitionEvent.objects.get(user=user)
    assert (transition.from_mode, transition.to_mode, transition.reason) == ("community", "neighborhood", "We moved")
    event = OutboxEvent.objects.get(user=user)
    assert (event.topic, event.event_type, event.payload["transition_id"]) == (
        "user.mode.transitions", "mode_switched", str(transition.pk))


def test_switching_to_the_present_mode_does_nothing() -> None:
    neighbor = make_neighbor()
    answer = client_for(neighbor).put("/api/v1/me/mode", {"sharing_mode": "neighborhood"}, format="json")
    assert answer.data["verification_level"] == "full"
    assert not ModeTransitionEvent.objects.exists()


def test_a_person_without_a_mode_can_choose_one() -> None:
    adopted = make_user()
    User.objects.filter(pk=adopted.pk).update(sharing_mode=None, verification_level=None)
    assert switch_mode(adopted, "community").verification_level == "light"


@pytest.mark.parametrize("body", [{}, {"sharing_mode": None}, {"sharing_mode": "both"}, {"sharing_mode": ["community"]},
                                  {"sharing_mode": 1}, {"sharing_mode": "community", "reason": None},
                                  {"sharing_mode": "community", "reason": "r" * 501},
                                  {"sharing_mode": "community", "reason": "a\0"}])
def test_a_bad_switch_is_refused(body: dict[str, object]) -> None:
    user = make_user("neighborhood")
    assert client_for(user).put("/api/v1/me/mode", body, format="json").status_code == 400
    assert User.objects.get(pk=user.pk).sharing_mode == "neighborhood"


def test_a_switch_takes_a_constant_number_of_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = client_for(make_user())
    with django_assert_num_queries(8):  # token, savepoint, release, lock, update, transition, outbox, log
        client.put("/api/v1/me/mode", {"sharing_mode": "neighborhood"}, format="json")
