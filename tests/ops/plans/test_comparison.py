"""What counts as another plan."""

import pytest

from ops.monitoring.plans import compare
from ops.monitoring.plans.baseline import Planned, Plans, indexes_of, parse, render

KEY, OTHER = ("feed", "0123456789abcdef"), ("feed", "fedcba9876543210")
BY_INDEX = ("Limit", "  Index Scan by feed_idx on feed", "partitions of feed: some")
WHOLE = ("Limit", "  Seq Scan on feed", "partitions of feed: some")
ALL = (*BY_INDEX[:-1], "partitions of feed: all")


def plans(*shapes: tuple[str, ...], key: tuple[str, str] = KEY) -> Plans:
    return {key: Planned("SELECT 1", set(shapes))}


@pytest.mark.parametrize(("was", "now"), [
    (plans(BY_INDEX), plans(BY_INDEX)),
    (plans(BY_INDEX, WHOLE), plans(BY_INDEX)),
    (plans(ALL), plans(BY_INDEX)),  # there are more partitions today
    ({**plans(BY_INDEX), **plans(WHOLE, key=OTHER)}, plans(BY_INDEX)),  # no row is old enough today
])
def test_the_same(was: Plans, now: Plans) -> None:
    assert compare(was, now) == []


@pytest.mark.parametrize(("was", "now", "problem"), [
    (plans(BY_INDEX), plans(WHOLE), "another plan"),
    (plans(BY_INDEX), plans(BY_INDEX, WHOLE), "another plan"),
    (plans(BY_INDEX), plans(ALL), "another plan"),  # nothing is pruned any more
    (plans(BY_INDEX), plans(BY_INDEX[:2]), "another plan"),
    (plans(BY_INDEX), {}, "a statement that is no longer sent"),
    ({}, plans(BY_INDEX), "a statement that is not in the baseline"),
])
def test_not_the_same(was: Plans, now: Plans, problem: str) -> None:
    [found] = compare(was, now)
    assert (found.query, found.problem) == ("feed", problem)


def test_what_is_written_is_read_again() -> None:
    stored = {**plans(BY_INDEX, WHOLE), **plans(ALL, key=OTHER), **plans(WHOLE, key=("chat", "0" * 16))}
    assert parse(render(stored)) == stored


def test_which_indexes_serve_what() -> None:
    assert indexes_of(plans(BY_INDEX, WHOLE)) == {("feed_idx", "feed"): {"feed"}}


def test_both_sides_are_shown() -> None:
    [found] = compare(plans(BY_INDEX), plans(WHOLE))
    title, same, differs, _ = found.side_by_side(width=40)
    assert (title.split(), same[0], differs[0]) == (["recorded", "now"], " ", "!")
    assert "by feed_idx" in differs.split("|")[0]
    assert "Seq Scan" in differs.split("|")[1]
