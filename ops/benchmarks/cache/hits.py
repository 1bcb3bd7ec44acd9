"""How many reads are answered without the database while people read and write, some profiles more than others."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from foodshare.cache import statistics
from foodshare.cache.keys import PROFILE
from ops.benchmarks.cache import access
from ops.benchmarks.cache.access import NAMES, STYLES, Access, in_threads
from ops.benchmarks.cache.place import Crew, Report
from ops.benchmarks.sheet import Sheet, spread

AIM = 0.85
CROWD, SESSION = 20, 10  # people that a thread serves in turn, and the requests of each
STEP = "hit rate"


@dataclass(frozen=True)
class Load:
    """`writes` is their share of all requests; `requests` are those of each thread."""

    threads: int
    requests: int
    exponent: float
    writes: float


@dataclass
class Tally:
    """`local` and `valkey` are hits, by tier."""

    reads: int = 0
    writes: int = 0
    local: int = 0
    valkey: int = 0
    loads: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return (self.local + self.valkey) / self.reads

    @property
    def per_second(self) -> float:
        return (self.reads + self.writes) / self.seconds


@dataclass(frozen=True)
class Hits:
    people: int
    load: Load
    rounds: dict[str, list[Tally]]

    @property
    def verdicts(self) -> dict[str, bool]:
        return {f"hit rate of profiles over {AIM:.0%}": median(each.rate for each in self.rounds["ours"]) > AIM}

    @property
    def sheet(self) -> Sheet:
        rows = [[NAMES[style], spread([each.rate for each in found], ".1%"),
                 spread([each.local / each.reads for each in found], ".1%"),
                 spread([each.valkey / each.reads for each in found], ".1%"),
                 spread([each.per_second for each in found])] for style, found in self.rounds.items()]
        reads = sum(each.reads for each in self.rounds["ours"])
        return Sheet(f"Hit rate: {self.people:,} profiles, zipf {self.load.exponent:g}, {self.load.writes:.0%} writes, "
                     f"{reads:,} reads", ("", "hits", "in the process", "in Valkey", "requests/s"), rows)


def measure(crew: Crew, people: int, load: Load, rounds: int, report: Report) -> Hits:
    found: dict[str, list[Tally]] = {style: [] for style in STYLES}
    for style in STYLES:
        crew.one(warm, style)
    for number in range(rounds):
        for style in STYLES:
            report(STEP, number, rounds)
            found[style].append(one_round(crew, style, load))
    report(STEP, rounds, rounds)
    return Hits(people, load, found)


def one_round(crew: Crew, style: str, load: Load) -> Tally:
    before = served(crew)
    whole = added(crew.each(requests, style, load))
    if style == "bare":  # which has one tier, and loads once for each miss
        whole.valkey = whole.reads - whole.loads
    else:
        now = served(crew)
        whole.local, whole.valkey = (now[tier] - before[tier] for tier in ("local", "valkey"))
    return whole


def served(crew: Crew) -> "Counter[str]":
    """How often a profile came from where, in all processes until now."""
    crew.each(statistics.send)
    return crew.one(statistics.totals).get(PROFILE.name, Counter())


def added(parts: Sequence[Tally]) -> Tally:
    whole = Tally(seconds=max(part.seconds for part in parts))
    for name in ("reads", "writes", "loads"):
        setattr(whole, name, sum(getattr(part, name) for part in parts))
    return whole


def warm(style: str) -> None:
    """Fill the cache, as after some time of use."""
    access.ready()
    kept = STYLES[style]()
    in_threads(4, lambda number: [kept.read(id) for id in access.people()[number::4]])


def requests(style: str, load: Load) -> Tally:
    """What this process' threads did and met."""
    access.ready()
    kept, weights = STYLES[style](), access.zipf(len(access.people()), load.exponent)
    before, start = access.loads(), time.monotonic()
    whole = added(in_threads(load.threads, lambda number: thread(kept, load, weights)))
    whole.seconds, whole.loads = time.monotonic() - start, sum(access.loads_since(before).values())
    return whole


def thread(kept: Access, load: Load, weights: Sequence[float]) -> Tally:
    """A crowd of people, each replaced after some requests. What is read much is written much too, and who wrote looks
    at it next."""
    chance, found = random.Random(), Tally()  # noqa: S311 - chance, not a secret
    people = access.people()
    crowd: list[UUID] = chance.choices(people, k=CROWD)
    wrote: dict[int, UUID] = {}
    for id in chance.choices(people, cum_weights=weights, k=load.requests):
        place = chance.randrange(CROWD)
        if chance.random() < 1 / SESSION:
            crowd[place] = chance.choice(people)
            wrote.pop(place, None)
        kept.serve(crowd[place])
        if chance.random() < load.writes:
            kept.write(id, time.time_ns(), by=crowd[place])
            found.writes, wrote[place] = found.writes + 1, id
        else:
            kept.read(wrote.pop(place, id))
            found.reads += 1
    return found
