"""How long clients went without an answer."""

import pytest

from ops.cluster.drill.gaps import common_gap, longest_gap, worst_gap


@pytest.mark.parametrize(("times", "gap"), [
    ([], 10), ([1, 2, 9], 7), ([4], 6), ([6], 6), ([-3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 99], 1), ([3, 1, 9, 5], 4),
])
def test_the_longest_gap_counts_from_start_to_end(times: list[float], gap: float) -> None:
    assert longest_gap(times, 0, 10) == gap


def test_the_worst_gap_is_of_one_client_and_the_common_one_of_all() -> None:
    times = {"even": [2.0, 4, 6, 8], "odd": [1.0, 3, 9]}
    assert worst_gap(times, 0, 10) == 6
    assert common_gap(times, 0, 10) == 2


def test_who_was_never_answered_saw_a_gap_all_along() -> None:
    assert worst_gap({"one": [5.0], "none": []}, 0, 10) == 10
    assert worst_gap({}, 0, 10) == 10
