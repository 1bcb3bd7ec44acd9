"""From an address submitted to a verified neighbor."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from foodshare.exceptions import Conflict, Forbidden, Invalid
from foodshare.models import Building, OutboxEvent, User, VerificationRequest
from foodshare.services import verification
from foodshare.services.accounts import switch_mode
from tests.factories import (
    client_for,
    later,
    make_building,
    make_moderator,
    make_neighbor,
    make_neighborhood,
    make_user,
    make_verification_request,
)

pytestmark = pytest.mark.django_db

URL = "/api/v1/me/verification"
BODY = {"address": "Brook Street 1", "apartment": "2B", "phone": "+31 (0)20 123-4567"}


def submit(user: User, **changes: Any) -> Any:
    return client_for(user).post(URL, BODY | changes, format="json")


def test_nothing_was_submitted_at_first() -> None:
    assert client_for(make_user("neighborhood")).get(URL).data == {"verification_level": "pending", "request": None}


def test_a_submission_is_shown() -> None:
    user = make_user("neighborhood")
    answer = submit(user)
    assert (answer.status_code, answer.data["state"], answer.data["address"]) == (201, "pending", "Brook Street 1")
    assert client_for(user).get(URL).data["request"] == answer.data


@pytest.mark.parametrize("written", ["Brook Street 1", "brook street 1", "BROOK STREET 1", "  Brook Street 1 "])
def test_the_building_is_found_by_its_address(written: str) -> None:
    building = make_building(address="Brook Street 1")
    user = make_user("neighborhood")
    submit(user, address=written)
    assert VerificationRequest.objects.get(user=user).building == building


def test_an_address_in_two_cities_is_told_apart_by_the_city() -> None:
    here, there = (make_building(address="Brook Street 1", neighborhood=make_neighborhood(city=city))
                   for city in ("Utrecht", "Leiden"))
    user = make_user("neighborhood")
    submit(user)
    assert VerificationRequest.objects.get(user=user).building is None
    answer = submit(user, city="leiden")
    assert answer.data["address"] == "Brook Street 1, leiden"
    assert VerificationRequest.objects.get(user=user).building == there != here


def test_a_new_submission_replaces_the_open_one() -> None:
    user = make_user("neighborhood")
    first, second = submit(user), submit(user, apartment="3C")
    assert [str(pk) for pk in user.verification_requests.values_list("pk", flat=True)] == [second.data["id"]]
    assert first.data["id"] != second.data["id"]


def test_people_in_community_mode_are_not_verified_by_address() -> None:
    answer = submit(make_user())
    assert answer.status_code == 409
    assert "neighborhood mode" in answer.data["errors"][0]["detail"]


@pytest.mark.parametrize("change", [
    {"address": ""}, {"address": None}, {"address": "a" * 151}, {"address": "a\0"}, {"apartment": "a" * 51},
    {"apartment": None}, {"phone": "call me"}, {"phone": "1"}, {"phone": "1" * 31}, {"phone": 12}, {"city": "c" * 101},
    {"address": {"street": "x"}}])
def test_a_bad_submission_is_named(change: dict[str, Any]) -> None:
    user = make_user("neighborhood")
    answer = submit(user, **change)
    assert answer.status_code == 400
    assert {error["attr"] for error in answer.data["errors"]} == set(change)
    assert not user.verification_requests.exists()


def test_approval_makes_a_neighbor() -> None:
    request = make_verification_request(building=make_building(verified=False))
    moderator = make_moderator()
    verification.approve(request, moderator)
    person = User.objects.get(pk=request.user.pk)
    assert (person.verification_level, person.building, person.apartment) == ("full", request.building, "2B")
    assert Building.objects.get(residents=person).verified_at is not None
    assert (request.state, request.reviewed_by) == ("approved", moderator)
    assert client_for(person).get(URL).data["request"]["state"] == "approved"
    assert OutboxEvent.objects.get(user=person).event_type == "verification_approved"


def test_approval_leaves_a_verified_building_as_it_is() -> None:
    building = make_building()
    verification.approve(make_verification_request(building=building), make_moderator())
    assert Building.objects.get(pk=building.pk).verified_at == building.verified_at


def test_approval_needs_a_building() -> None:
    request = make_verification_request(building=None)
    with pytest.raises(Conflict, match="building"):
        verification.approve(request, make_moderator())
    assert User.objects.get(pk=request.user.pk).verification_level == "pending"


def test_approval_after_a_switch_to_community_leaves_the_mode_alone() -> None:
    request = make_verification_request()
    switch_mode(request.user, "community")
    verification.approve(request, make_moderator())
    person = User.objects.get(pk=request.user.pk)
    assert (person.sharing_mode, person.verification_level, person.building) == (
        "community", "light", request.building)


def test_a_neighbor_who_moves_stays_verified_until_approved() -> None:
    neighbor = make_neighbor()
    new = make_building()
    submit(neighbor, address=new.address)
    assert User.objects.get(pk=neighbor.pk).verification_level == "full"
    verification.approve(neighbor.verification_requests.get(), make_moderator())
    assert User.objects.get(pk=neighbor.pk).building == new


def test_a_rejection_tells_the_reason() -> None:
    request = make_verification_request()
    verification.reject(request, make_moderator(), " Unreadable ")
    shown = client_for(request.user).get(URL).data
    assert (shown["verification_level"], shown["request"]["state"], shown["request"]["rejection_reason"]) == (
        "pending", "rejected", "Unreadable")


def test_a_rejection_needs_a_reason() -> None:
    with pytest.raises(Invalid, match="reason"):
        verification.reject(make_verification_request(), make_moderator(), "  ")


def test_after_a_rejection_one_may_submit_again() -> None:
    request = make_verification_request()
    verification.reject(request, make_moderator(), "Unreadable")
    assert submit(request.user).status_code == 201
    assert request.user.verification_requests.count() == 2


def approve_or_reject(request: VerificationRequest, moderator: User, approved: bool) -> None:
    if approved:
        verification.approve(request, moderator)
    else:
        verification.reject(request, moderator, "No")


@pytest.mark.parametrize("approved", [True, False])
def test_a_reviewed_request_is_closed(approved: bool) -> None:
    request, moderator = make_verification_request(), make_moderator()
    verification.reject(VerificationRequest.objects.get(pk=request.pk), moderator, "No")
    with pytest.raises(Conflict, match="already rejected"):
        approve_or_reject(request, moderator, approved)


@pytest.mark.parametrize("approved", [True, False])
def test_a_replaced_request_is_closed(approved: bool) -> None:
    request = make_verification_request()
    submit(request.user)
    with pytest.raises(Conflict, match="newer"):
        approve_or_reject(request, make_moderator(), approved)


@pytest.mark.parametrize("approved", [True, False])
def test_ones_own_request_is_for_others(approved: bool) -> None:
    moderator = make_moderator(mode="neighborhood")
    with pytest.raises(Forbidden):
        approve_or_reject(make_verification_request(moderator), moderator, approved)


def test_the_newest_request_is_shown(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    request = make_verification_request()
    for _ in range(3):
        verification.reject(request, make_moderator(), "No")
        request = make_verification_request(request.user, created_at=later(seconds=1))
    client = client_for(request.user)
    with django_assert_num_queries(2):
        assert client.get(URL).data["request"]["id"] == str(request.pk)
