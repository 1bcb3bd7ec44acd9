"""One load of a key at a time in this process, shared by the threads that wait for it."""

import threading
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from django.db import InterfaceError, OperationalError

T = TypeVar("T")


class Flight:
    """One load, whose result or error is for all who wait."""

    def __init__(self, after: "Flight | None" = None) -> None:
        self.after = after  # the one that must have landed first
        self.landed = threading.Event()
        self.result: Any = None
        self.error: BaseException | None = None


class Flights(Generic[T]):
    """The loads under way, by key, and at most one each that begins when that has ended."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.flying: dict[Hashable, Flight] = {}
        self.waiting: dict[Hashable, Flight] = {}

    def share(self, key: Hashable, load: Callable[[], T], anew: bool, again: bool = True) -> T:
        """The result of a load by this thread or another; with `anew`, of one that has not begun yet, so that it sees
        all that this thread knows of. Raises what the load raised; but where another thread's connection broke, only
        if it happens `again`."""
        with self.lock:
            flight, is_mine = self.board(key, anew)
        if is_mine:
            self.lead(key, flight, load)
        flight.landed.wait()
        if again and not is_mine and isinstance(flight.error, OperationalError | InterfaceError):
            return self.share(key, load, anew, again=False)
        if flight.error is not None:
            raise flight.error
        result: T = flight.result
        return result

    def board(self, key: Hashable, anew: bool) -> tuple[Flight, bool]:
        """The flight to wait for, and whether this thread has to lead it."""
        present = self.flying.get(key)
        if present is None:
            self.flying[key] = Flight()
            return self.flying[key], True
        if not anew:
            return present, False
        is_first = key not in self.waiting
        return self.waiting.setdefault(key, Flight(present)), is_first

    def lead(self, key: Hashable, flight: Flight, load: Callable[[], T]) -> None:
        if flight.after is not None:
            flight.after.landed.wait()
        try:
            flight.result = load()
        except BaseException as error:
            flight.error = error
        with self.lock:
            if key in self.waiting:
                self.flying[key] = self.waiting.pop(key)
            else:
                del self.flying[key]
        flight.landed.set()
