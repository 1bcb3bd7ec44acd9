"""Told to stop, relays and consumers finish what they have in hand; told twice, they end at once."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from foodshare.models import OutboxEvent
from foodshare.streams.names import ALL_STREAMS
from foodshare.streams.relay import publish
from reputation.consumer import Consumer
from reputation.models import ReputationEvent
from tests.factories import make_user
from tests.streams.load import under_load
from tests.streams.processes import CONSUMER, RELAY, pending, service
from tests.streams.tools import deliver, score, tell
from tests.valkeys import OwnValkey
from tests.web.tools import ROOT, url, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def entries(server: Any) -> set[str]:
    """The events of all entries."""
    return {fields["event"] for stream in ALL_STREAMS for _, fields in server.xrange(stream)}


def unpublished() -> set[str]:
    return {str(id) for id in OutboxEvent.objects.filter(stream_id=None).values_list("event_id", flat=True)}


def wait_until_busy(server: Any) -> None:
    """Wait for an event that is applied after those of now."""
    applied = ReputationEvent.objects.count()
    wait_for(lambda: ReputationEvent.objects.count() > applied)


def stop_under_load(server: Any, own_streams: OwnValkey, directory: Path, *, rounds: int, events: int) -> None:
    """Consumers and relays come and go; each leaves nothing half done."""
    chance = random.Random(rounds)
    servers = {"STREAM_URL": own_streams.url}
    with under_load() as load:
        for number in range(rounds):
            with service(*RELAY, log=directory / f"relay{number}.log", **servers):
                with service(*CONSUMER, log=directory / f"consumer{number}.log", **servers):
                    wait_until_busy(server)
                    time.sleep(chance.random() / 2)
                assert pending(server) == 0
            assert not unpublished() & entries(server)
        wait_for(lambda: load.size >= events)
    deliver(server)
    load.check()


@pytest.mark.slow
def test_each_leaves_nothing_half_done(server: Any, own_streams: OwnValkey, tmp_path: Path) -> None:
    stop_under_load(server, own_streams, tmp_path, rounds=1, events=100)


@pytest.mark.slow
def test_many_of_them_leave_nothing_half_done(server: Any, own_streams: OwnValkey, tmp_path: Path) -> None:
    stop_under_load(server, own_streams, tmp_path, rounds=5, events=600)


def heeds(number: int, pid: int) -> bool:
    """Whether a process has a handler of its own for a signal."""
    [mask] = [line.split()[1] for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "SigCgt" in line]
    return bool(int(mask, 16) >> (number - 1) & 1)


def test_a_second_signal_ends_at_once_and_what_was_in_hand_is_taken_over(server: Any, own_streams: OwnValkey,
                                                                         tmp_path: Path) -> None:
    user = make_user()
    tell(user)
    publish(server)
    with psycopg.connect(url("default")) as other, service(
            *CONSUMER, log=tmp_path / "log", STREAM_URL=own_streams.url) as process:
        other.execute("SELECT FROM user_global_reputation FOR UPDATE")
        wait_for(lambda: pending(server))
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: not heeds(signal.SIGTERM, process.pid))
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == -signal.SIGTERM
    assert (pending(server), str(score(user))) == (1, "75.00")
    deliver(server, Consumer(server, claim_idle=0.0))
    assert (pending(server), str(score(user))) == (0, "77.00")


INTERRUPTED = """
import signal, time
from foodshare.streams.loop import Stop

stop = Stop()
signal.signal(signal.SIGALRM, lambda *_: stop.set())
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
end = time.monotonic() + 1
while time.monotonic() < end:
    stop.wait(0.00001)
signal.setitimer(signal.ITIMER_REAL, 0)
"""


def test_a_signal_may_interrupt_the_wait_for_it_anywhere() -> None:
    """A lock that the wait held would never be had by the signal's handler."""
    subprocess.run([sys.executable, "-c", INTERRUPTED], cwd=ROOT, timeout=30, check=True)
