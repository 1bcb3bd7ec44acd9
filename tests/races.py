"""Several threads that begin together, each with database connections of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TypeVar

from django.db import connections

from foodshare.exceptions import Conflict, FoodShareError

T = TypeVar("T")


def all_at_once(actions: Sequence[Callable[[], T]]) -> list[T]:
    """What each action returns. Raises what the first of them raises that does."""
    together = Barrier(len(actions))

    def run(action: Callable[[], T]) -> T:
        try:
            connections["default"].ensure_connection()
            together.wait(timeout=60)
            return action()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as racers:
        return list(racers.map(run, actions))


def at_once(work: Callable[[int], T], number: int = 8) -> list[T]:
    """What `work` answers to `number` threads, each told which it is."""
    return all_at_once([partial(work, index) for index in range(number)])


def race(actions: Sequence[Callable[[], object]], refusal: type[FoodShareError] = Conflict) -> list[bool]:
    """Which actions were not refused. Any error but a refusal is raised."""
    return all_at_once([partial(is_done, action, refusal) for action in actions])


def is_done(action: Callable[[], object], refusal: type[FoodShareError]) -> bool:
    try:
        action()
    except refusal:
        return False
    return True
