"""The platform goes on while reputation is rebuilt, and a rebuild that was interrupted ends cleanly."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from foodshare.models import User
from ops.benchmarks.ledger import make
from reputation.comparison import Findings
from reputation.models import ReputationEvent, UserGlobalReputation
from reputation.rebuild import rebuild_person
from reputation.replay import standings_of, write
from reputation.scoring import Event
from tests.factories import make_user
from tests.reputation.ledgers import apply_events
from tests.web.tools import backends, running, wait_for

JOINED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def late() -> Iterator[tuple[User, ReputationEvent]]:
    """A person whose live row is wrong, and an event that has not been applied yet."""
    ada = make_user(created_at=JOINED)
    apply_events(ada, [Event(uuid4(), "food_shared", JOINED + timedelta(days=day)) for day in (1, 2)])
    event = ReputationEvent.objects.filter(user=ada).latest("processed_at")
    ReputationEvent.objects.filter(pk=event.pk).delete()
    UserGlobalReputation.objects.filter(pk=ada.pk).update(overall_score=5)
    yield ada, event
    connection.close()


def is_waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_an_event_applied_meanwhile_is_not_undone(late: tuple[User, ReputationEvent]) -> None:
    ada, event = late
    found: list[Findings] = []

    def rebuild_it() -> None:
        found.append(rebuild_person(ada.pk))
        connection.close()

    thread = Thread(target=rebuild_it)
    with transaction.atomic():
        list(UserGlobalReputation.objects.select_for_update().filter(pk=ada.pk))
        thread.start()
        wait_for(is_waiting_for_a_lock)
        event.save(force_insert=True)
        write(standings_of([ada.pk]))
    thread.join()
    assert (found[0].events, found[0].repaired) == (1, 1)
    assert UserGlobalReputation.objects.get(pk=ada.pk).last_stream_event_id == str(event.pk)
    assert not rebuild_person(ada.pk, check=True).totals


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_ctrl_c_ends_all_processes_in_one_line(tmp_path: Path) -> None:
    make(3_000, 60_000, lambda *_: None)
    with running("rebuild_reputation", "--check", log=tmp_path / "log") as process:
        wait_for(lambda: len(backends("foodshare primary")) > 1)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    assert (tmp_path / "log").read_text().endswith("interrupted; run it again to go on\n")
    assert "Traceback" not in (tmp_path / "log").read_text()
    wait_for(lambda: not backends("foodshare primary"))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_ledger_made_to_measure_with_is_as_the_rules_say(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("make_ledger", people=1_200, events=9_001)
    call_command("rebuild_reputation", "--check")
    assert "9,001 events of 1,200 people replayed; differences: none" in capsys.readouterr().out
    with pytest.raises(CommandError, match="events already"):
        call_command("make_ledger", people=1, events=1)
