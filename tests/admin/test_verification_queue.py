"""Moderators verify neighbours from a queue."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from foodshare.models import Building, RequestState, User, VerificationLevel, VerificationRequest
from tests.admin.acting import decide, page, told
from tests.admin.rows import url
from tests.factories import make_building, make_neighborhood, make_verification_request

pytestmark = pytest.mark.django_db
QUEUE = VerificationRequest


def listed(client: Client, **query: str) -> list[VerificationRequest]:
    return list(client.get(url(QUEUE, "changelist"), query).context["cl"].result_list)


def state_of(request: VerificationRequest) -> str:
    return VerificationRequest.objects.get(pk=request.pk).state


def test_queue_shows_what_waits_oldest_first(moderator_client: Client, moderator: User) -> None:
    first, second, decided = (make_verification_request() for _ in range(3))
    VerificationRequest.objects.filter(pk=first.pk).update(created_at="2026-01-01T00:00:00Z")
    VerificationRequest.objects.filter(pk=decided.pk).update(state=RequestState.REJECTED)
    assert listed(moderator_client) == [first, second]
    assert listed(moderator_client, state="rejected") == [decided]
    assert listed(moderator_client, q=str(decided.user.email)) == [decided]


def test_approving_is_asked_for_before_it_is_done(moderator_client: Client) -> None:
    request = make_verification_request()
    answer = moderator_client.post(url(QUEUE, "changelist"), {"action": "approve", "_selected_action": str(request.pk)})
    assert request.address in answer.content.decode()
    assert state_of(request) == RequestState.PENDING


def test_moderator_approves_several(moderator_client: Client, moderator: User) -> None:
    requests = [make_verification_request() for _ in range(3)]
    answer = decide(moderator_client, "approve", *requests)
    assert told(answer) == ["3 approved."]
    for request in requests:
        request.refresh_from_db()
        assert (request.state, request.reviewed_by) == (RequestState.APPROVED, moderator)
        assert request.user.verification_level == VerificationLevel.FULL


def test_each_row_that_fails_says_why_and_the_others_are_done(moderator_client: Client) -> None:
    good, homeless = make_verification_request(), make_verification_request(building=None)
    answer = decide(moderator_client, "approve", good, homeless)
    refused, done = told(answer)
    assert homeless.user.name in refused
    assert "building" in refused
    assert done == "1 approved."
    assert (state_of(good), state_of(homeless)) == (RequestState.APPROVED, RequestState.PENDING)


def test_what_left_the_list_meanwhile_is_told(moderator_client: Client) -> None:
    request, gone = make_verification_request(), make_verification_request()
    VerificationRequest.objects.filter(pk=gone.pk).update(state=RequestState.REJECTED)
    assert told(decide(moderator_client, "approve", request, gone)) == [
        "1 approved.", "1 of the selected are no longer in this list."]


def test_rejecting_needs_a_reason(moderator_client: Client) -> None:
    request = make_verification_request()
    assert "required" in decide(moderator_client, "reject", request, reason=" ").content.decode()
    assert state_of(request) == RequestState.PENDING
    decide(moderator_client, "reject", request, reason="No such street.")
    request.refresh_from_db()
    assert (request.state, request.rejection_reason) == (RequestState.REJECTED, "No such street.")


def test_one_request_is_rejected_from_its_page(moderator_client: Client) -> None:
    request = make_verification_request()
    assert "Reject" in moderator_client.get(url(QUEUE, "change", request.pk)).content.decode()
    assert state_of(request) == RequestState.PENDING
    answer = moderator_client.post(page(request, "reject"), {"_confirmed": "1", "reason": "Illegible."})
    assert answer.status_code == 302
    assert state_of(request) == RequestState.REJECTED


def test_looking_at_the_page_to_reject_changes_nothing(moderator_client: Client) -> None:
    request = make_verification_request()
    assert moderator_client.get(page(request, "reject"), {"_confirmed": "1", "reason": "x"}).status_code == 200
    assert state_of(request) == RequestState.PENDING


def test_moderator_chooses_the_building_and_approves_in_one_step(moderator_client: Client) -> None:
    request, building = make_verification_request(building=None), make_building()
    moderator_client.post(url(QUEUE, "change", request.pk), {
        "building": str(building.pk), "foodshare_verificationrequest_save_and_approve": "1"})
    assert state_of(request) == RequestState.APPROVED
    assert User.objects.get(pk=request.user_id).building == building


def test_moderator_makes_the_building(moderator_client: Client) -> None:
    neighborhood = make_neighborhood()
    fields = {"address": "New Lane 1", "neighborhood": str(neighborhood.pk)}
    moderator_client.post(url(Building, "add"), fields)
    assert Building.objects.filter(address="New Lane 1", neighborhood=neighborhood, verified_at=None).exists()
    again = moderator_client.post(url(Building, "add"), fields | {"address": "new lane 1"})
    assert again.status_code == 200  # the form again, naming what is wrong
    assert Building.objects.filter(address__iexact="new lane 1").count() == 1


def test_buildings_are_found_by_the_beginning_of_their_address(moderator_client: Client) -> None:
    make_building(address="Brook Street 12a")
    answer = moderator_client.get("/admin/autocomplete/", {
        "app_label": "foodshare", "model_name": "verificationrequest", "field_name": "building",
        "term": "brook street 12a"})
    assert [found["text"] for found in answer.json()["results"]] == ["Brook Street 12a"]


def test_decided_request_stays_as_it_is(moderator_client: Client) -> None:
    request = make_verification_request(state=RequestState.REJECTED)
    moderator_client.post(url(QUEUE, "change", request.pk), {"building": str(make_building().pk)})
    assert VerificationRequest.objects.get(pk=request.pk).building == request.building


def test_state_is_no_field_of_the_form(moderator_client: Client) -> None:
    request = make_verification_request()
    moderator_client.post(url(QUEUE, "change", request.pk), {
        "building": str(request.building_id), "state": "approved", "user": str(request.user_id), "apartment": "9Z"})
    request.refresh_from_db()
    assert (request.state, request.apartment) == (RequestState.PENDING, "2B")


def test_decision_is_logged(moderator_client: Client, moderator: User) -> None:
    request = make_verification_request()
    decide(moderator_client, "reject", request, reason="No such street.")
    entry = LogEntry.objects.get(object_id=str(request.pk))
    assert (entry.user, entry.change_message) == (moderator, "Rejected. No such street.")


def test_support_sees_the_queue_and_decides_nothing(support_client: Client) -> None:
    request = make_verification_request()
    assert listed(support_client) == [request]
    decide(support_client, "approve", request)
    assert support_client.post(page(request, "reject"), {"_confirmed": "1", "reason": "x"}).status_code == 403
    answer = support_client.post(url(QUEUE, "change", request.pk), {
        "building": str(request.building_id), "foodshare_verificationrequest_save_and_approve": "1"})
    assert answer.status_code == 403
    assert state_of(request) == RequestState.PENDING
