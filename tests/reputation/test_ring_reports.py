"""A ring is told of once a month, with its evidence."""

from datetime import UTC, datetime

import pytest

from foodshare.models import OutboxEvent
from reputation import violations
from reputation.models import TrustViolation
from reputation.rings import report_rings
from reputation.tasks import report_rings as job
from tests.factories import later
from tests.reputation.exchanged import plant_ring, trade

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
NEXT_MONTH = later(days=31)


def test_a_ring_goes_to_the_outbox_with_its_evidence() -> None:
    ring = plant_ring(3, times=3)
    assert job(timestamp=0) == 1
    event = OutboxEvent.objects.get()
    assert (event.topic, event.event_type, event.user_id) == ("trust.violations", "rating_ring", ring[0].pk)
    assert event.payload["people"] == [str(person.pk) for person in ring]
    assert (event.payload["ratings"], event.payload["share"]) == (18, "1.00")
    assert len(set(event.payload["exchanges"])) == 9


def test_not_all_exchanges_of_a_busy_ring_are_named() -> None:
    plant_ring(2, times=60)
    report_rings(NOW)
    assert len(OutboxEvent.objects.get().payload["exchanges"]) == 50


def test_it_is_told_once_a_month() -> None:
    plant_ring()
    assert [report_rings(NOW), report_rings(NOW), report_rings(NEXT_MONTH)] == [1, 0, 1]


def test_what_moderators_have_already_is_not_told_again() -> None:
    plant_ring()
    report_rings(NOW)
    violations.apply(list(OutboxEvent.objects.all()))
    OutboxEvent.objects.all().delete()
    assert report_rings(NOW) == 0
    assert TrustViolation.objects.count() == 1


def test_with_another_member_it_is_another_ring() -> None:
    one, *others = plant_ring()
    report_rings(NOW)
    newcomer = plant_ring(1)[0]
    for partner in (one, *others):
        trade(partner, newcomer, times=3)
    assert report_rings(NOW) == 1
