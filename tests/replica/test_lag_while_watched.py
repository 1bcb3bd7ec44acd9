"""How late a standby is can be asked while another thread hears of the primary."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from foodshare.db.standbys import Past


@pytest.fixture
def taking_turns() -> Iterator[None]:
    """Threads take turns as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def add_until(stop: Event, past: Past) -> None:
    end = 1000
    while not stop.is_set():
        end += 1
        past.add(end / 20, end)


@pytest.mark.usefixtures("taking_turns")
def test_the_past_may_grow_while_it_is_looked_at() -> None:
    past, stop = Past(), Event()
    for end in range(1000):
        past.add(end / 20, end)
    with ThreadPoolExecutor(1) as other:
        adding = other.submit(add_until, stop, past)
        try:
            assert min(past.lag(past.ends[-1][1] - 500) for _ in range(2000)) > 24.99
        finally:
            stop.set()
        adding.result()
