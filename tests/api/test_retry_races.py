"""The same write sent several times at once, over real connections."""

from typing import Any, TypeVar

import pytest

from foodshare.exceptions import Conflict
from foodshare.models import IdempotencyKey, ModeTransitionEvent, User, VerificationRequest
from foodshare.services import verification
from tests.factories import (
    PASSWORD,
    client_for,
    make_building,
    make_moderator,
    make_user,
    make_verification_request,
    token_for,
)
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")


def send(user: User, method: str, path: str, body: dict[str, object], key: str) -> Any:
    token = token_for(user)

    def request(index: int) -> Any:
        client = client_for()
        client.credentials(HTTP_AUTHORIZATION=f"Token {token}", HTTP_IDEMPOTENCY_KEY=key)
        return getattr(client, method)(f"/api/v1/{path}", body, format="json")

    return at_once(request)


def test_retries_at_once_do_the_work_once_and_get_one_answer() -> None:
    user = make_user("neighborhood")
    body: dict[str, object] = {"address": "Brook Street 1", "apartment": "2B", "phone": "+31 20 123"}
    answers = send(user, "post", "me/verification", body, "a")
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert (VerificationRequest.objects.count(), IdempotencyKey.objects.count()) == (1, 1)


def test_switches_at_once_are_recorded_once() -> None:
    user = make_user()
    token = token_for(user)

    def switch(index: int) -> int:
        client = client_for()
        client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
        status: int = client.put("/api/v1/me/mode", {"sharing_mode": "neighborhood"}, format="json").status_code
        return status

    assert set(at_once(switch)) == {200}
    assert ModeTransitionEvent.objects.count() == 1


def test_registrations_at_once_open_one_account() -> None:
    body = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD}
    statuses = at_once(lambda _: client_for().post("/api/v1/auth/register", body, format="json").status_code, 4)
    assert sorted(statuses) == [201, 400, 400, 400]
    assert User.objects.count() == 1


def test_a_request_is_reviewed_once_while_the_person_submits_again() -> None:
    request, building = make_verification_request(), make_building()
    moderators = [make_moderator() for _ in range(8)]

    def act(index: int) -> str:
        try:
            if index % 2:
                verification.approve(VerificationRequest.objects.get(pk=request.pk), moderators[index])
            else:
                verification.submit(request.user, address=building.address, apartment="3C", phone="+31 20 123")
        except (Conflict, VerificationRequest.DoesNotExist):
            return "refused"
        return "approved" if index % 2 else "submitted"

    outcomes = at_once(act)
    assert outcomes.count("submitted") == 4
    assert outcomes.count("approved") <= 1
    assert VerificationRequest.objects.filter(state="pending").count() == 1
    assert VerificationRequest.objects.filter(state="approved").count() == outcomes.count("approved")
