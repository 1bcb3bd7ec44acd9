"""Moderators record events of people, and reverse those of the ledger."""

from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foodshare.models import OutboxEvent, User
from reputation.models import ReputationEvent, UserGlobalReputation
from tests.admin.acting import decide, page, told
from tests.admin.rows import url
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def reputation() -> UserGlobalReputation:
    return UserGlobalReputation.objects.get(pk=make_user().pk)


def entry(person: User | None = None) -> ReputationEvent:
    return ReputationEvent.objects.create(user=person or make_user(), event_type="spam_report", impact_score=-5,
                                          previous_score=75, new_score=70)


def test_a_moderator_records_an_event(moderator_client: Client, moderator: User) -> None:
    row = reputation()
    assert told(decide(moderator_client, "record", row, kind="spam_report", reason="Adverts")) == ["1 recorded."]
    event = OutboxEvent.objects.get()
    assert (event.topic, event.event_type, event.user_id) == ("reputation.events", "spam_report", row.pk)
    assert event.payload == {"note": "Adverts", "by": str(moderator.pk)}


def test_an_adjustment_is_made_on_the_persons_page_and_logged(moderator_client: Client) -> None:
    row = reputation()
    assert "Record an event" in moderator_client.get(url(UserGlobalReputation, "change", row.pk)).content.decode()
    answers = {"_confirmed": "1", "kind": "adjustment", "points": "-2.5", "reason": "An error"}
    assert told(moderator_client.post(page(row, "record"), answers)) == ["1 recorded."]
    assert OutboxEvent.objects.get().payload["raw"] == "-2.50"
    assert "adjustment -2.5 An error" in LogEntry.objects.get().get_change_message()


@pytest.mark.parametrize("answers", [
    {"kind": "", "reason": "x"}, {"kind": "food_shared", "reason": "x"}, {"kind": "community_help", "reason": " "},
    {"kind": "adjustment", "reason": "x", "points": "31"}, {"kind": "adjustment", "reason": "x", "points": "0.001"},
])
def test_bad_answers_are_asked_again(moderator_client: Client, answers: dict[str, str]) -> None:
    answer = decide(moderator_client, "record", reputation(), **answers)
    assert (answer.status_code, bool(answer.context["form"].errors)) == (200, True)
    assert not OutboxEvent.objects.exists()


def test_an_adjustment_without_points_is_refused(moderator_client: Client) -> None:
    (refused,) = told(decide(moderator_client, "record", reputation(), kind="adjustment", reason="x"))
    assert "needs points" in refused


def test_a_moderator_reverses_an_event(moderator_client: Client, moderator: User) -> None:
    row = entry()
    assert told(decide(moderator_client, "reverse", row, reason="Not them")) == ["1 reversed."]
    event = OutboxEvent.objects.get()
    assert (event.event_type, event.user_id) == ("reversal", row.user_id)
    assert event.payload == {"reverses": str(row.pk), "note": "Not them", "by": str(moderator.pk)}


def test_nobody_decides_about_themselves(moderator_client: Client, moderator: User) -> None:
    own = UserGlobalReputation.objects.get(pk=moderator.pk)
    (refused,) = told(decide(moderator_client, "record", own, kind="community_help", reason="x"))
    assert "your own" in refused
    assert "your own" in told(decide(moderator_client, "reverse", entry(moderator), reason="x"))[-1]
    assert not OutboxEvent.objects.exists()


def test_the_rows_themselves_change_by_no_form(superuser_client: Client, moderator_client: Client) -> None:
    for client in (superuser_client, moderator_client):
        for row in (reputation(), entry()):
            assert client.post(url(type(row), "change", row.pk), {"overall_score": "99"}).status_code == 403
            assert client.get(url(type(row), "delete", row.pk)).status_code == 403


def test_support_records_and_reverses_nothing(support_client: Client) -> None:
    answers = {"_confirmed": "1", "kind": "community_help", "reason": "x"}
    assert support_client.post(page(reputation(), "record"), answers).status_code == 403
    assert support_client.post(page(entry(), "reverse"), answers).status_code == 403
    assert not OutboxEvent.objects.exists()


def queries(client: Client, path: str, **body: str | list[str]) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert (client.post(path, body) if body else client.get(path)).status_code == 200
    return len(captured)


@pytest.mark.parametrize(("make", "action"), [(reputation, "record"), (entry, "reverse")])
def test_lists_and_questions_take_as_many_queries_for_many(moderator_client: Client, make: Callable[[], Model],
                                                           action: str) -> None:
    rows: list[Model] = []
    counted = []
    for _ in range(2):
        rows += [make() for _ in range(3)]
        path = url(type(rows[0]), "changelist")
        keys = [str(row.pk) for row in rows]
        counted.append((queries(moderator_client, path),
                        queries(moderator_client, path, action=action, _selected_action=keys)))
    assert counted[0] == counted[1]
