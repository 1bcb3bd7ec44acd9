"""The documents' performance criteria, measured and judged."""

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ops.benchmarks import (
    chat,
    exchanges,
    feed,
    food_posts,
    forum,
    group_discovery,
    group_summary,
    people,
    reputation,
    sample,
)
from ops.benchmarks.plans import Plans, plans_of
from ops.benchmarks.pools import LEAST_EFFICIENCY, PoolUse, use_of_pools
from ops.benchmarks.read import Read
from ops.benchmarks.statements import buffers_of, time_in_statements
from ops.benchmarks.timer import Timing, measure, whole

BENCHMARKS = (food_posts, reputation, group_discovery, group_summary, exchanges, chat, feed, forum, people)
LEAST_POSTS = 100_000  # with fewer, everything is fast and scans are cheap: nothing is proved
GLANCE = 20  # times a read is timed, at most, where there are too little data to judge
REQUESTS_PER_THREAD = 50  # at least, so that the pools' growing at the start does not outweigh all that follows

Verdict = Literal["PASS", "FAIL", "NOT JUDGED"]
Report = Callable[[str, int, int], None]  # what is being done, how much of it, of how much


@dataclass(frozen=True)
class MeasuredRead:
    """A read with its limit in milliseconds, and what it took; `time` and `plan` are the two verdicts.

    `limit` is for the average of the whole, or with `as_statements` for the 95th percentile of its statements;
    `timing` is of the same. `buffers` are the pages that its first call read, None when there is none.
    """

    name: str
    limit: float
    as_statements: bool
    timing: Timing
    indexes: list[str]
    scanned: list[str]
    partitions: dict[str, int]
    buffers: int | None
    time: Verdict
    plan: Verdict


@dataclass(frozen=True)
class JudgedPool:
    use: PoolUse
    least_efficiency: float
    verdict: Verdict


@dataclass(frozen=True)
class Performance:
    """The whole report. `rate` is calls a second, of all threads together."""

    posts: int
    reads: list[MeasuredRead]
    pools: list[JudgedPool]
    threads: int
    rate: float

    @property
    def verdicts(self) -> list[Verdict]:
        return [verdict for read in self.reads for verdict in (read.time, read.plan)] + [p.verdict for p in self.pools]

    @property
    def exit_code(self) -> int:
        """0 all passed, 1 something failed, 2 too little data to judge."""
        if self.posts < LEAST_POSTS:
            return 2
        return int("FAIL" in self.verdicts)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "judged": self.posts >= LEAST_POSTS, "exit_code": self.exit_code}


def performance_test(queries: int, max_time: float, threads: int, report: Report | None = None) -> Performance:
    """Time each critical read `queries` times, look at its plans, then use the pools by so many threads.

    `max_time`, in milliseconds, bounds every average beside document A's own limits.
    """
    tell = report or (lambda *_: None)
    drawn = sample.take()
    judged = drawn.posts >= LEAST_POSTS
    queries = queries if judged else min(queries, GLANCE)
    requests = max(queries, threads * REQUESTS_PER_THREAD) if judged else threads
    reads = [read for benchmark in BENCHMARKS for read in benchmark.reads(drawn)]
    measured = [measure_read(read, queries, max_time, judged, tell) for read in reads]
    uses, rate = use_of_pools(mixed(reads), threads, requests, ticker("pools", requests, tell))
    pools = [JudgedPool(use, LEAST_EFFICIENCY, verdict(use.efficiency >= LEAST_EFFICIENCY, judged)) for use in uses]
    return Performance(drawn.posts, measured, pools, threads, rate)


def measure_read(read: Read, queries: int, max_time: float, judged: bool, tell: Report) -> MeasuredRead:
    """Time a read and look at its plans. One that the data give nothing to do is not judged."""
    judged = judged and bool(read.calls)
    limit = min(max_time, read.limit or max_time)
    plans = plans_of(read.calls)
    timing = measure(read.calls, queries, ticker(read.name, queries, tell),
                     time_in_statements if read.as_statements else whole)
    taken = timing.p95 if read.as_statements else timing.average
    return MeasuredRead(read.name, limit, read.as_statements, timing, sorted(plans.indexes), sorted(plans.scanned),
                        plans.partitions, buffers_of(read.calls[0]) if read.calls else None,
                        verdict(taken < limit, judged), verdict(is_good(plans), judged))


def mixed(reads: Sequence[Read]) -> list[Callable[[], object]]:
    """The calls of all reads, now of one and now of another."""
    calls = [call for read in reads for call in read.calls]
    random.Random(1).shuffle(calls)  # noqa: S311 - an order, not a secret
    return calls


def is_good(plans: Plans) -> bool:
    """Served by an index, and without reading a large table from end to end."""
    return bool(plans.indexes) and not plans.scanned


def verdict(is_met: bool, judged: bool) -> Verdict:
    if not judged:
        return "NOT JUDGED"
    return "PASS" if is_met else "FAIL"


def ticker(name: str, total: int, tell: Report) -> Callable[[], None]:
    """To be called after each of `total` steps."""
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        tell(name, done, total)

    tell(name, 0, total)
    return tick
