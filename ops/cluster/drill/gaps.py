"""How long clients went without an answer."""

from collections.abc import Iterable, Mapping
from itertools import pairwise


def longest_gap(times: Iterable[float], start: float, end: float) -> float:
    """Seconds between two of these moments that follow one another; start and end count as moments too.

    Moments outside start and end count no more than these.
    """
    within = sorted(time for time in times if start < time < end)
    return max(after - before for before, after in pairwise([start, *within, end]))


def worst_gap(times_of: Mapping[str, Iterable[float]], start: float, end: float) -> float:
    """The longest gap that any one client saw: who was never answered saw one from start to end."""
    return max((longest_gap(times, start, end) for times in times_of.values()), default=end - start)


def common_gap(times_of: Mapping[str, Iterable[float]], start: float, end: float) -> float:
    """The longest time in which no client at all was answered."""
    return longest_gap((time for times in times_of.values() for time in times), start, end)
