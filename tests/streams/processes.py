"""Real relays and consumers, and ones that die."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from foodshare.models import OutboxEvent
from foodshare.streams.names import ALL_STREAMS, GROUPS
from foodshare.streams.server import groups
from tests.web.tools import ROOT, environment, running, wait_for

RELAY, CONSUMER = ("relay_outbox",), ("consume_reputation_events", "--claim-after", "1")
BEGINS = {RELAY: b"Publishing", CONSUMER: b"Applying"}


@contextmanager
def victim(role: str, *deaths: str, log: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Lives and deaths of tests.streams.victim; it ends with code 0 when all have died as they should."""
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "tests.streams.victim", role, *deaths], cwd=ROOT,
                                   env=environment(STREAM_URL=url), stdout=output, stderr=subprocess.STDOUT,
                                   start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def service(*command: str, log: Path, url: str, **changes: str) -> Iterator[subprocess.Popen[bytes]]:
    """A relay or a consumer, as people run it. Told to stop, it must do so in order, if the block has not ended it."""
    with running(*command, log=log, STREAM_URL=url, **changes) as process:
        yield process
        if process.poll() is None:
            wait_for(lambda: BEGINS[command] in log.read_bytes())
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0, log.read_text()
            assert "Stopped." in log.read_text()
        assert "Traceback" not in log.read_text(), log.read_text()


@contextmanager
def services(directory: Path, url: str, relays: int = 1, consumers: int = 1, **changes: str) -> Iterator[None]:
    """Relays and consumers that live through the block."""
    with ExitStack() as stack:
        for number in range(relays):
            stack.enter_context(service(*RELAY, log=directory / f"relay{number}.log", url=url, **changes))
        for number in range(consumers):
            stack.enter_context(service(*CONSUMER, log=directory / f"consumer{number}.log", url=url, **changes))
        yield


def nothing_is_left(server: Any) -> bool:
    """Whether every event was applied, and every entry acknowledged."""
    return not OutboxEvent.objects.exists() and not any(
        groups(server, stream).get(GROUPS[topic], {"pending": 0})["pending"] for stream, topic in ALL_STREAMS.items())
