"""Rings of people who rate each other up are found among honest ones."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from reputation.rings import Found, Pair, find, mutual_raters
from tests.factories import later, make_user
from tests.plans import explained, nodes, selects
from tests.reputation.exchanged import plant_ring, trade

A, B, C, D, E = (UUID(int=number) for number in range(1, 6))


def pairs(*edges: tuple[UUID, UUID, int], received: dict[UUID, int]) -> list[Pair]:
    """Of each pair who gave each other so many ratings, both sides."""
    return [Pair(one, two, ratings, received[one]) for one, other, ratings in edges
            for one, two in ((one, other), (other, one))]


def test_who_reaches_each_other_by_partners_is_one_ring() -> None:
    rings = find(pairs((A, B, 5), (B, C, 5), (D, E, 6), received={A: 5, B: 10, C: 5, D: 6, E: 6}))
    assert rings == [Found((A, B, C), 20, Decimal("1.00")), Found((D, E), 12, Decimal("1.00"))]


def test_the_share_is_of_all_that_they_received() -> None:
    assert find(pairs((A, B, 8), received={A: 10, B: 8})) == [Found((A, B), 16, Decimal("0.89"))]


def test_few_ratings_are_no_ring() -> None:
    assert find(pairs((A, B, 4), received={A: 4, B: 4})) == []


def test_partners_whom_others_rate_too_are_no_ring() -> None:
    assert find(pairs((A, B, 7), received={A: 9, B: 9})) == []


def test_an_honest_partner_does_not_hide_a_ring() -> None:
    received = {A: 8, B: 8, C: 8, D: 40}
    rings = find(pairs((A, B, 4), (B, C, 4), (A, C, 4), (A, D, 1), received=received))
    assert rings == [Found((A, B, C), 24, Decimal("1.00"))]


def test_who_stays_only_by_an_outsider_is_left_out_too() -> None:
    """C is taken out for D's sake, then B for C's, then A for B's."""
    assert find(pairs((A, B, 5), (B, C, 5), (C, D, 20), received={A: 5, B: 10, C: 40, D: 20})) == []


def found() -> list[tuple[UUID, ...]]:
    return [ring.people for ring in find(mutual_raters(later(days=-90)))]


@pytest.mark.django_db
def test_a_planted_ring_is_found_among_honest_people() -> None:
    ring, honest = plant_ring(), [make_user() for _ in range(6)]
    for index, one in enumerate(honest):
        for other in honest[index + 1:]:
            trade(one, other, times=1)
    trade(honest[0], honest[1], times=3)  # regular partners, whom the other four rate too
    trade(ring[0], honest[2], times=1)
    assert found() == [tuple(person.pk for person in ring)]


@pytest.mark.django_db
@pytest.mark.parametrize("rating", [{"stars": 4}, {"revealed_at": None}, {"revealed_at": later(days=-91)}])
def test_only_top_stars_revealed_of_late_count(rating: dict[str, Any]) -> None:
    trade(make_user(), make_user(), times=6, **rating)
    assert mutual_raters(later(days=-90)) == []


@pytest.mark.django_db
def test_stars_in_one_direction_are_not_mutual() -> None:
    one, other = make_user(), make_user()
    for exchange in trade(one, other, times=6):
        exchange.ratings.filter(rater=one).update(stars=3)
    assert mutual_raters(later(days=-90)) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("as_new")
def test_the_ratings_of_before_are_not_read() -> None:
    trade(make_user(), make_user(), times=100, revealed_at=later(days=-200))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    (statement,) = selects(lambda: mutual_raters(later(days=-90)))
    assert "ratings_revealed_at_idx" in {node.get("Index Name") for node in nodes(explained(statement))}
