"""Real relays and consumers, and ones that die."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from foodshare.models import OutboxEvent
from foodshare.streams.names import ALL_STREAMS, GROUPS
from foodshare.streams.server import groups
from tests.databases import rows
from tests.web.tools import ROOT, environment, running, url, wait_for

RELAY, CONSUMER = ("relay_outbox",), ("consume_reputation_events", "--claim-after", "1")
APPLICATION = "streams-under-test"
BEGINS = {RELAY: b"Publishing", CONSUMER: b"Applying"}


@contextmanager
def victim(role: str, *deaths: str, log: Path, streams: str) -> Iterator[subprocess.Popen[bytes]]:
    """Lives and deaths of tests.streams.victim; it ends with code 0 when all have died as they should."""
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "tests.streams.victim", role, *deaths], cwd=ROOT,
                                   env=environment(STREAM_URL=streams), stdout=output, stderr=subprocess.STDOUT,
                                   start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def service(*command: str, log: Path, **changes: str) -> Iterator[subprocess.Popen[bytes]]:
    """A relay or a consumer, as people run it. Told to stop, it must do so in order, if the block has not ended it."""
    with running(*command, log=log, **{"DATABASE_URL": named(url("default"))} | changes) as process:
        yield process
        if process.poll() is None:
            wait_for(lambda: BEGINS[command] in log.read_bytes())
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0, log.read_text()
            assert "Stopped." in log.read_text()
        assert "Traceback" not in log.read_text(), log.read_text()


@contextmanager
def services(directory: Path, relays: int = 1, consumers: int = 1, *, servers: Mapping[str, str]) -> Iterator[
        list[subprocess.Popen[bytes]]]:
    """Relays and consumers that live through the block; it gets the consumers. `servers` has URLs by variable."""
    with ExitStack() as stack:
        for number in range(relays):
            stack.enter_context(service(*RELAY, log=directory / f"relay{number}.log", **servers))
        yield [stack.enter_context(service(*CONSUMER, log=directory / f"consumer{number}.log", **servers))
               for number in range(consumers)]


def named(address: str) -> str:
    """A database's URL whose connections can be told from others."""
    return f"{address}?application_name={APPLICATION}"


def sessions() -> set[int]:
    """The backends of the services."""
    return {pid for (pid,) in rows("SELECT pid FROM pg_stat_activity WHERE application_name = %s", APPLICATION,
                                   alias="default")}


def pending(server: Any) -> int:
    """How many entries were delivered and not acknowledged."""
    return sum(groups(server, stream).get(GROUPS[topic], {"pending": 0})["pending"]
               for stream, topic in ALL_STREAMS.items())


def nothing_is_left(server: Any) -> bool:
    """Whether every event was applied, and every entry acknowledged."""
    return not OutboxEvent.objects.exists() and pending(server) == 0
