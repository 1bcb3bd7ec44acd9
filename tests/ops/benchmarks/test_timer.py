"""What a list of durations comes to, and how calls are taken in turn."""

from functools import partial

import pytest

from ops.benchmarks.timer import measure, timing


def test_average_and_percentiles() -> None:
    found = timing([float(n) for n in range(101)])
    assert (found.count, found.average, found.p50, found.p95, found.p99) == (101, 50.0, 50.0, 95.0, 99.0)


def test_one_duration_is_all_of_them() -> None:
    found = timing([7.0])
    assert (found.average, found.p50, found.p99) == (7.0, 7.0, 7.0)


def test_nothing_timed_is_zeros() -> None:
    assert measure([], 5, lambda: None) == timing([])
    assert timing([]).count == 0


@pytest.mark.parametrize("times", [1, 4])
def test_calls_are_warmed_up_then_taken_in_turn(times: int) -> None:
    done: list[str] = []
    ticks: list[None] = []
    found = measure([partial(done.append, "a"), partial(done.append, "b")], times, lambda: ticks.append(None))
    assert done == ["a", "b", *["a", "b", "a", "b"][:times]]
    assert found.count == len(ticks) == times
