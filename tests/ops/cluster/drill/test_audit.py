"""The audit names what was acknowledged and is not there, and what is there twice."""

from collections.abc import Callable

import pytest

from ops.cluster.drill.audit import Event, Exchange, Post, Rating, Tables, audit
from tests.ops.cluster.drill.tables import ACKNOWLEDGED, tables

# Events of ratings of which there are not two.
TOO_SOON = ["duplicated: 1 more than the 0 events highly_rated_food of person ann about X1",
            "duplicated: 1 more than the 0 events exchange_rated of person bob about X1"]


def found(have: Tables) -> list[str]:
    return [f"{finding}" for finding in audit(ACKNOWLEDGED, have)]


def test_nothing_is_found_where_all_is_there_once() -> None:
    assert found(tables()) == []


def test_what_nobody_was_told_of_may_be_there() -> None:
    have = tables()
    have.posts.append(Post("P3", "cake", "ann"))
    have.events.append(Event("P3", "food_shared", "ann", "P3"))
    assert found(have) == []


def unconfirm(have: Tables) -> None:
    have.exchanges = [each._replace(is_confirmed=False) for each in have.exchanges]
    have.events = [event for event in have.events if event.kind != "exchange_confirmed"]


def replace_exchange(have: Tables) -> None:
    """Another claim of the same post took the place of the acknowledged one."""
    have.exchanges = [Exchange("X9", "P1", "ann", "bob", is_confirmed=True, is_completed=True)]
    have.ratings = [rating._replace(exchange="X9") for rating in have.ratings]
    have.events = [event._replace(about=event.about.replace("X1", "X9")) for event in have.events]


def share_another_twice(have: Tables) -> None:
    """The event of one post is lost; the same person has one more of another, under an id of its own."""
    have.events[1] = Event("E9", "food_shared", "ann", "E9")


@pytest.mark.parametrize(("spoil", "words"), [
    (lambda have: have.posts.pop(), ["lost: bread: posted by ann, acknowledged as P2",
                                     "duplicated: 1 more than the 0 events food_shared of person ann about P2"]),
    (unconfirm, ["lost: soup: confirmed by ann, acknowledged as X1"]),
    (replace_exchange, [f"lost: soup: {step}, acknowledged as X1" for step in
                        ("claimed by bob", "confirmed by ann", "completed by bob", "rated by bob", "rated by ann")]),
    (lambda have: have.ratings.pop(0), ["lost: soup: rated by bob, acknowledged as X1", *TOO_SOON]),
    (lambda have: have.posts.append(Post("P9", "soup", "ann")),
     ["duplicated: post soup: 2 rows", "lost: 1 of 1 events food_shared of person ann about P9"]),
    (lambda have: have.ratings.append(Rating("R9", "X1", "bob", 5)),
     ["duplicated: rating ('X1', 'bob'): 2 rows", *TOO_SOON]),
    (lambda have: have.events.append(Event("E9", "exchange_completed", "ann", "X1")),
     ["duplicated: 1 more than the 1 events exchange_completed of person ann about X1"]),
    (share_another_twice, ["lost: 1 of 1 events food_shared of person ann about P2",
                           "duplicated: 1 more than the 0 events food_shared of person ann about E9"]),
    (lambda have: have.events.pop(6), ["lost: 1 of 1 events reliable_pickup of person bob about X1"]),
])
def test_what_is_lost_and_what_is_there_twice_is_named(spoil: Callable[[Tables], object], words: list[str]) -> None:
    have = tables()
    spoil(have)
    assert found(have) == words
