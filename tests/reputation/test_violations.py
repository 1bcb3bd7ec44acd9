"""The moderators' list: what the stream trust.violations brings, and its review."""

import pytest

from foodshare.exceptions import Conflict
from foodshare.models import OutboxEvent
from foodshare.services import outbox
from reputation import violations
from reputation.models import TrustViolation
from tests.factories import make_moderator, make_user

pytestmark = pytest.mark.django_db


def told(**payload: object) -> OutboxEvent:
    event = outbox.append(outbox.TRUST_VIOLATIONS, "rating_ring", make_user().pk, **payload)
    event.refresh_from_db()
    return event


def applied() -> TrustViolation:
    violations.apply([told(ratings=18)])
    return TrustViolation.objects.get()


def test_an_event_becomes_a_row() -> None:
    event = told(ratings=18)
    violations.apply([event, told()])
    row = TrustViolation.objects.get(pk=event.event_id)
    assert (row.kind, row.user_id, row.details) == ("rating_ring", event.user_id, {"ratings": 18})
    assert (row.created_at, row.reviewed_at, row.note) == (event.created_at, None, "")


def test_a_second_delivery_changes_nothing() -> None:
    event = told()
    violations.apply([event])
    violations.review(TrustViolation.objects.get(), make_moderator(), "Flatmates.")
    violations.apply([event, told()])
    assert TrustViolation.objects.get(pk=event.event_id).note == "Flatmates."
    assert TrustViolation.objects.count() == 2


def test_a_review_says_who_and_when() -> None:
    moderator = make_moderator()
    row = violations.review(applied(), moderator, "Flatmates.")
    row.refresh_from_db()
    assert (row.reviewed_by, row.note) == (moderator, "Flatmates.")
    assert row.reviewed_at is not None


def test_it_is_reviewed_once() -> None:
    row, first = applied(), make_moderator()
    violations.review(row, first)
    with pytest.raises(Conflict, match="reviewed"):
        violations.review(row, make_moderator())
    row.refresh_from_db()
    assert row.reviewed_by == first
