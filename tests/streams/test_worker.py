"""The worker runs a relay and a consumer, and starts again the one that ends."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from foodshare.models import User
from ops.worker import BESIDE
from tests.factories import make_user
from tests.streams.tools import score, tell
from tests.valkeys import OwnValkey
from tests.web.tools import running, wait_for


def children_of(parent: int, command: str) -> list[int]:
    """The processes of a command that the worker has started."""
    found = [int(child) for task in Path(f"/proc/{parent}").glob("task/*/children")
             for child in task.read_text().split()]
    return [child for child in found if command in Path(f"/proc/{child}/cmdline").read_text()]


def reaches(user: User, number: int) -> Callable[[], bool]:
    return lambda: score(user) == number


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_events_flow_while_the_worker_runs_whatever_ends_its_helpers(server: Any, own_streams: OwnValkey,
                                                                     tmp_path: Path) -> None:
    user = make_user()
    with running("worker", log=tmp_path / "log", STREAM_URL=own_streams.url) as process:
        tell(user)
        wait_for(reaches(user, 77))
        helpers = [child for command in BESIDE for child in children_of(process.pid, command)]
        assert len(set(helpers)) == len(BESIDE)
        for pid in set(helpers):
            os.kill(pid, signal.SIGKILL)
        tell(user)
        wait_for(reaches(user, 79), 60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert b"consume_reputation_events ended with exit code -9; starting it again" in (tmp_path / "log").read_bytes()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_takes_its_helpers_with_it(server: Any, own_streams: OwnValkey,
                                                           tmp_path: Path) -> None:
    """At whatever moment: also while it starts them."""
    for moment in (0.0, 0.002, 0.01, 0.05, 1.0):
        with running("worker", log=tmp_path / "log", STREAM_URL=own_streams.url) as process:
            wait_for(lambda: children_of(process.pid, "relay_outbox"))
            time.sleep(moment)
            process.kill()
            process.wait()
        wait_for(lambda: not helpers_of(own_streams.url))


def helpers_of(streams: str) -> list[Path]:
    """Every process that works on these streams."""
    return [each for each in Path("/proc").glob("[0-9]*") if is_helper_of(each, streams)]


def is_helper_of(process: Path, streams: str) -> bool:
    with suppress(OSError):
        command, variables = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
        return b"manage.py" in command and f"STREAM_URL={streams}".encode() in variables
    return False
