"""What is made of what the servers answer."""

import time
from typing import Any

import pytest

from foodshare.db.lsn import EVERYTHING, Place, Sight
from foodshare.db.pools import STANDBY_SILENCE, TENTH
from foodshare.db.standbys import IS_THERE, PRIMARY, PRIMARY_SILENCE, SILENCE, Lookout, Past, Watch, as_far_as


def standby(timeline: int = 1, replayed: int = 100, received: int = 100, age: float = 0.0) -> Sight:
    return Sight(Place(timeline, replayed), True, received, time.monotonic() - age)


def watch(**sights: Sight) -> Watch:
    """One that has seen the primary's log end at 100 on its first timeline."""
    found = Watch()
    found.saw(PRIMARY, Sight(Place(1, 100), False, 100, time.monotonic()))
    for alias, seen in sights.items():
        found.saw(alias, seen)
    return found


@pytest.mark.parametrize(("has", "needs", "covers"), [
    ((1, 100), (1, 100), True), ((1, 99), (1, 100), False), ((2, 100), (1, 100), True), ((2, 99), (1, 100), False),
    ((1, 200), (2, 100), False)])
def test_a_place_covers_what_lies_before_it_unless_it_was_left_behind(has: tuple[int, int], needs: tuple[int, int],
                                                                     covers: bool) -> None:
    assert Place(*has).covers(Place(*needs)) is covers
    assert Place(*has).joined(Place(*needs)).covers(Place(*needs))


def test_a_standby_is_as_late_as_what_it_has_replayed_is_old() -> None:
    past = Past()
    for at, end in ((1.0, 100), (2.0, 200), (3.0, 200), (4.0, 300)):
        past.add(at, end)
    assert [past.lag(replayed) for replayed in (99, 100, 250, 300, 400)] == [float("inf"), 3.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize(("seen", "is_in"), [
    ({}, True), ({"timeline": 2}, True), ({"replayed": 50}, False), ({"age": SILENCE + 1}, False)])
def test_who_is_in_the_rotation(seen: dict[str, Any], is_in: bool) -> None:
    assert watch(replica=standby(**seen)).is_in_rotation("replica") is is_in


def test_while_the_primary_is_away_none_is_late_for_what_that_wrote_alone() -> None:
    found = watch(replica=standby(replayed=50))
    found.lost(PRIMARY)
    assert found.is_in_rotation("replica")


def test_a_primary_is_not_in_the_rotation_though_it_is_listed() -> None:
    found = watch(replica=Sight(Place(1, 100), False, 100, time.monotonic()))
    assert not found.is_in_rotation("replica")


def test_a_standby_of_another_database_is_not_read() -> None:
    found = watch(replica=standby(replayed=200))
    found.identities = {PRIMARY: (1, "foodshare"), "replica": (1, "foodshare")}
    assert found.is_in_rotation("replica")
    found.identities["replica"] = (2, "foodshare")
    assert not found.is_in_rotation("replica")
    found.lost(PRIMARY)
    assert not found.is_in_rotation("replica")


@pytest.mark.parametrize(("refusal", "is_there"), [
    ("connection to server at \"::1\", port 5432 failed: Connection refused", False),
    ("connection to server failed: server closed the connection unexpectedly", False),
    ("connection timeout expired", False), ("FATAL:  the database system is shutting down", False),
    ("FATAL:  sorry, too many clients already", True), ("FATAL:  password authentication failed for user \"a\"", True),
    ("failed to resolve host 'nowhere': [Errno -2] Name or service not known", True)])
def test_who_says_why_it_refuses_is_there(refusal: str, is_there: bool) -> None:
    assert bool(IS_THERE.search(refusal)) is is_there


def test_one_that_is_left_on_the_timeline_before_is_out() -> None:
    found = watch(replica=standby())
    found.saw(PRIMARY, Sight(Place(2, 100), False, 100, time.monotonic()))
    assert not found.is_in_rotation("replica")


def test_what_is_lost_is_out_and_comes_back() -> None:
    found = watch(replica=standby())
    found.lost("replica")
    assert not found.is_in_rotation("replica")
    assert not found.is_primary_away
    found.saw("replica", standby())
    assert found.is_in_rotation("replica")


def test_while_the_primary_is_away_what_nobody_received_is_not_waited_for() -> None:
    standbys = [standby(received=90, replayed=80), standby(received=95, replayed=95)]
    assert as_far_as(Place(1, 100), standbys) == Place(1, 95)
    assert as_far_as(Place(1, 85), standbys) == Place(1, 85)
    assert as_far_as(EVERYTHING, standbys) == Place(0, 95)


def test_the_primary_is_away_when_it_refuses_or_is_silent() -> None:
    found = Watch()
    assert not found.is_primary_away  # it was not looked for yet
    assert not watch().is_primary_away
    found.lost(PRIMARY)
    assert found.is_primary_away
    silent = watch()
    lookout = Lookout(silent, PRIMARY)
    waited = [(lookout.has_waited(), silent.is_primary_away) for _ in range(round(STANDBY_SILENCE / TENTH))]
    assert waited[round(PRIMARY_SILENCE / TENTH) - 2] == (False, False)
    assert waited[round(PRIMARY_SILENCE / TENTH)] == (False, True)
    assert waited[-1] == (True, True)


def test_a_primary_that_takes_no_connection_in_time_is_away() -> None:
    found = watch()
    found.connecting_since = time.monotonic()
    assert not found.is_primary_away
    found.connecting_since -= PRIMARY_SILENCE
    assert found.is_primary_away


def test_a_primary_that_was_not_asked_for_long_is_not_away() -> None:
    """As after a process was paused: nobody waited for the answer."""
    assert not watch(default=Sight(Place(1, 100), False, 100, time.monotonic() - 60)).is_primary_away


def test_a_primary_that_stands_by_now_is_away() -> None:
    found = watch()
    found.saw(PRIMARY, standby(timeline=9))
    assert (found.timeline, found.is_primary_away) == (1, True)
