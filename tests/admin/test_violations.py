"""Moderators review what the platform found suspicious."""

from uuid import uuid4

import pytest
from django.test import Client

from foodshare.models import User
from reputation.models import TrustViolation
from tests.admin.acting import decide, told
from tests.admin.rows import url
from tests.factories import later, make_exchange, make_user

pytestmark = pytest.mark.django_db


def violation(hours_ago: float = 1, **fields: object) -> TrustViolation:
    return TrustViolation.objects.create(id=uuid4(), kind="rating_ring", user=make_user(),
                                         created_at=later(hours=-hours_ago), **fields)


def test_what_waits_comes_first_the_newest_on_top(moderator_client: Client) -> None:
    done, old, new = violation(1, reviewed_at=later()), violation(9), violation(2)
    answer = moderator_client.get(url(TrustViolation, "changelist"))
    assert list(answer.context["cl"].result_list) == [new, old, done]
    answer = moderator_client.get(url(TrustViolation, "changelist"), {"review": "waiting"})
    assert list(answer.context["cl"].result_list) == [new, old]


def test_its_page_shows_the_evidence_with_links(moderator_client: Client) -> None:
    ada, exchange = make_user(name="Ada <3"), make_exchange()
    row = violation(details={"people": [str(ada.pk)], "exchanges": [str(exchange.pk)], "share": "0.97"})
    page = moderator_client.get(url(TrustViolation, "change", row.pk)).content.decode()
    for text in ("Ada &lt;3", url(User, "change", ada.pk), url(type(exchange), "change", exchange.pk), "0.97"):
        assert text in page


def test_a_moderator_marks_it_as_reviewed(moderator_client: Client, moderator: User) -> None:
    row = violation()
    assert told(decide(moderator_client, "review", row, note="Flatmates.")) == ["1 reviewed."]
    row.refresh_from_db()
    assert (row.reviewed_by, row.note) == (moderator, "Flatmates.")
    assert "already" in told(decide(moderator_client, "review", row))[-1]


def test_nothing_else_of_it_changes(superuser_client: Client) -> None:
    row = violation()
    assert superuser_client.post(url(TrustViolation, "change", row.pk), {"kind": "none"}).status_code == 403
    assert superuser_client.get(url(TrustViolation, "add")).status_code == 403
    assert superuser_client.get(url(TrustViolation, "delete", row.pk)).status_code == 403


def test_support_does_not_see_it(support_client: Client) -> None:
    assert support_client.get(url(TrustViolation, "changelist")).status_code == 403
