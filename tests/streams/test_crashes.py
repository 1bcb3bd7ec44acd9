"""Relays and consumers are killed at every step of their work, under load, and each event counts once."""

import random
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.streams.load import under_load
from tests.streams.processes import nothing_is_left, services, victim
from tests.streams.victim import MOMENT
from tests.valkeys import OwnValkey
from tests.web.tools import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = {"relay": ("taken", "published", "marked", "committed"),
         "consumer": ("delivered", "taken", "applied", "checked", "committed", "acknowledged")}


def crash(deaths: dict[str, Sequence[str]], directory: Path, own_streams: OwnValkey, *, events: int, relays: int = 1,
          consumers: int = 1) -> None:
    """Have relays and consumers die under a load of so many events, beside others that live; then all is right."""
    server = own_streams.client()
    with services(directory, relays, consumers, servers={"STREAM_URL": own_streams.url}):
        with under_load() as load, ExitStack() as stack:
            dying = [stack.enter_context(victim(role, *theirs, log=directory / f"{role}.log", streams=own_streams.url))
                     for role, theirs in deaths.items()]
            wait_for(lambda: load.size >= events and all_ended(dying), 120)
            assert [process.returncode for process in dying] == [0] * len(dying)
        wait_for(lambda: nothing_is_left(server), 60)
    load.check()
    assert load.given_up


def all_ended(processes: Sequence["subprocess.Popen[bytes]"]) -> bool:
    return all(process.poll() is not None for process in processes)


@pytest.mark.slow
def test_killed_once_at_every_step(server: Any, own_streams: OwnValkey, tmp_path: Path) -> None:
    crash({role: [f"{step}:2" for step in steps] for role, steps in STEPS.items()}, tmp_path, own_streams, events=300)


@pytest.mark.slow
@pytest.mark.parametrize(("role", "step"), [(role, step) for role, steps in STEPS.items() for step in (*steps, MOMENT)])
def test_killed_again_and_again_at_a_step(server: Any, own_streams: OwnValkey, tmp_path: Path, role: str,
                                          step: str) -> None:
    chance = random.Random(step)
    most = 900 if step == MOMENT else 6
    deaths = [f"{step}:{chance.randint(1, most)}" for _ in range(4)]
    crash({role: deaths}, tmp_path, own_streams, events=300, relays=2, consumers=2)
