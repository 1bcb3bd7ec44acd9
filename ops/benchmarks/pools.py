"""How often a request finds a connection free in document A's pools."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

from django.conf import settings
from django.db import connections

from foodshare.db.pools import statistics
from ops.benchmarks.statements import aliases

LEAST_EFFICIENCY = 90.0  # percent of the requests served without waiting, document A


@dataclass(frozen=True)
class PoolUse:
    """What the threads asked of one pool, and how often it had a connection at once."""

    alias: str
    minimum: int
    maximum: int
    size: int
    requests: int
    waited: int
    efficiency: float  # percent


def use_of_pools(calls: Sequence[Callable[[], object]], threads: int, times: int,
                 tick: Callable[[], object]) -> tuple[list[PoolUse], float]:
    """Do the calls in turn by so many threads, as a web process would; how the pools fared, and calls a second."""
    def request(call: Callable[[], object]) -> None:
        try:
            call()
        finally:
            connections.close_all()  # gives them back to the pools, as the end of a request does
            tick()

    with pools() as sizes:
        start = time.perf_counter()
        with ThreadPoolExecutor(threads) as executor:
            done = list(executor.map(request, islice(cycle(calls), times)))
        rate = len(done) / (time.perf_counter() - start)
        uses = [use(alias, sizes[alias], found) for alias, found in statistics().items()]
    return uses, rate


def use(alias: str, sizes: dict[str, int], found: dict[str, Any]) -> PoolUse:
    return PoolUse(alias, sizes["min_size"], sizes["max_size"], found["size"], found["requests"], found["waited"],
                   found["efficiency"])


@contextmanager
def pools() -> Iterator[dict[str, dict[str, int]]]:
    """Give this process the pools of a web process, filled and with their counts at zero; commands have none."""
    orders = {alias: settings.POOLS[alias] for alias in aliases()}
    for alias, order in orders.items():
        connections[alias].close()
        connections[alias].settings_dict["OPTIONS"]["pool"] = order
    try:
        for alias in orders:
            pool = connections[alias].pool  # type: ignore[attr-defined]  # our backend's
            pool.open(wait=True)
            pool.pop_stats()
        yield orders
    finally:
        for alias in orders:
            connections[alias].close()
            connections[alias].close_pool()  # type: ignore[attr-defined]
            del connections[alias].settings_dict["OPTIONS"]["pool"]
