"""Whether a reader ever sees what it must not, while others write and the standby is late.

What a version is made of is known to a process once the change was delivered there. Of foodshare.cache a process says
itself up to where in the log that is so; of bare django-redis it is so once the writer has deleted the value.
"""

import mmap
import random
import threading
import time
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from tempfile import NamedTemporaryFile
from uuid import UUID

from django.conf import settings
from django.db import connections

from ops.benchmarks.cache import access
from ops.benchmarks.cache.access import COUNTED, NAMES, Access, Bare, Ours, in_threads
from ops.benchmarks.cache.late import CannotBeLate, late_by
from ops.benchmarks.cache.place import Crew, Report
from ops.benchmarks.sheet import Sheet
from ops.benchmarks.valkeys import home

STEP = "staleness"
READERS, WRITERS = 4, 8  # threads of a process
LIFETIME, LOCAL = 4.0, 1.0  # seconds, so that values run out all the time
OWN = 0.2  # the share of reads by who writes what is read
OTHERS = -1  # stands for what the reader wrote, where somebody else did
EXPONENT = 0.8  # of the zipf distribution, of reads and writes alike
LOOK = 0.2  # seconds between two looks at how late the standby is
LATENESS = "SELECT extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float"
STYLES = ("ours", "bare")


@dataclass(frozen=True)
class Race:
    """`reads` are those of a round, by all processes; `rate` is how often a second somebody writes, `late` how many
    seconds the standby is behind."""

    keys: int
    reads: int
    rate: int
    late: float


@dataclass
class Reads:
    """What one thread read, one after another: the key's number, what was delivered before, the version that it got,
    and the one that its person had written, or OTHERS."""

    keys: "array[int]" = field(default_factory=lambda: array("q"))
    delivered: "array[int]" = field(default_factory=lambda: array("q"))
    got: "array[int]" = field(default_factory=lambda: array("q"))
    own: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, key: int, delivered: int, got: int, own: int) -> None:
        self.keys.append(key)
        self.delivered.append(delivered)
        self.got.append(got)
        self.own.append(own)


@dataclass
class History:
    """The versions of one key as they were committed, and when each was."""

    versions: list[int] = field(default_factory=list)
    at: list[int] = field(default_factory=list)

    def newest(self, delivered: int) -> int:
        """The newest version known to who knows of what was delivered; 0 if none is."""
        place = bisect_right(self.at, delivered)
        return self.versions[place - 1] if place else 0


@dataclass
class Faults:
    """`stale`: older than what was delivered before the read began; `back`: so, and older than what the same reader
    saw before; `back_before`: only the latter, as nothing had been delivered yet; `own`: older than what its reader
    wrote. `loads` are by the server that was read."""

    reads: int = 0
    writes: int = 0
    own_reads: int = 0
    stale: int = 0
    back: int = 0
    back_before: int = 0
    own: int = 0
    loads: dict[str, int] = field(default_factory=dict)

    def judge(self, reads: Reads, histories: Sequence[History]) -> None:
        seen: dict[int, int] = {}
        for key, delivered, got, own in zip(reads.keys, reads.delivered, reads.got, reads.own, strict=True):
            is_stale, is_back = got < histories[key].newest(delivered), got < seen.get(key, 0)
            self.stale += is_stale
            self.back += is_back and is_stale
            self.back_before += is_back and not is_stale
            self.own_reads += own != OTHERS
            self.own += got < own
            seen[key] = max(got, seen.get(key, 0))
        self.reads += len(reads.keys)


@dataclass(frozen=True)
class Staleness:
    race: Race
    late: float
    found: dict[str, Faults]

    @property
    def verdicts(self) -> dict[str, bool]:
        ours = self.found["ours"]
        return {"no stale read after delivery": ours.stale == 0, "none back in time after delivery": ours.back == 0,
                "no reader without what they wrote": ours.own == 0}

    @property
    def sheet(self) -> Sheet:
        rows = [[NAMES[style], f"{each.reads:,}", f"{each.stale:,}", f"{each.back:,}", f"{each.back_before:,}",
                 f"{each.own:,} of {each.own_reads:,}", f"{each.writes:,}",
                 f"{sum(n for alias, n in each.loads.items() if alias != 'default'):,} of {sum(each.loads.values()):,}"]
                for style, each in self.found.items()]
        return Sheet(f"Reads that race with writes of {self.race.keys} profiles, the standby {self.late:.1f} s behind",
                     ("", "reads", "stale after delivery", "back in time after it", "back before it",
                      "own writes not seen", "writes", "loads from the standby"), rows)


def measure(crew: Crew, race: Race, rounds: int, report: Report) -> Staleness:
    """The last process writes, the others read. Raises CannotBeLate."""
    found, lateness, writer = {style: Faults() for style in STYLES}, [], len(crew.processes) - 1
    with late_by(race.late), NamedTemporaryFile(dir=home()) as file:
        file.truncate(8 * race.keys)
        for number in range(rounds):
            for style, faults in found.items():
                report(STEP, number, rounds)
                crew.start(writer, begin_writing, style, race, file.name).result()
                time.sleep(race.late)  # until the standby shows what was before the first write
                shares = [crew.start(n, read, style, race, file.name, race.reads // writer) for n in range(writer)]
                parts = [share.result() for share in shares]
                histories, own, late = crew.start(writer, end_writing).result()
                lateness += late
                for threads, loads in [*parts, (own, {})]:
                    for reads in threads:
                        faults.judge(reads, histories)
                    for alias, count in loads.items():
                        faults.loads[alias] = faults.loads.get(alias, 0) + count
                faults.writes += sum(len(each.versions) for each in histories)
    if median(lateness) < race.late * 0.9:
        raise CannotBeLate(f"The standby was {median(lateness):.1f} s behind only.")
    report(STEP, rounds, rounds)
    return Staleness(race, median(lateness), found)


class Writers:
    """Threads of this process that write, each keys of its own, and read what they wrote, until told to end."""

    def __init__(self, style: str, race: Race, path: str) -> None:
        self.kept, self.race, self.path = accesses(style), race, path
        self.histories = [History() for _ in range(race.keys)]
        self.reads = [Reads() for _ in range(WRITERS)]
        self.lateness: list[float] = []
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.look), *(
            threading.Thread(target=self.write, args=(number,)) for number in range(WRITERS))]
        for thread in self.threads:
            thread.start()

    def write(self, number: int) -> None:
        mine = range(number, self.race.keys, WRITERS)
        weights, chance = access.zipf(len(mine), EXPONENT), random.Random()  # noqa: S311 - chance, not a secret
        with published(self.path, self.race.keys) as known:
            while not self.ended.wait(WRITERS / self.race.rate):
                [key] = chance.choices(mine, cum_weights=weights)
                kept, id, version = self.kept[key % 2], access.people()[key], time.time_ns()
                self.histories[key].at.append(kept.write(id, version, by=id))
                self.histories[key].versions.append(version)
                known[key] = version
                self.reads[number].add(key, *read_one(kept, id, served=id), version)
        connections.close_all()

    def look(self) -> None:
        """Keep how late the standby is."""
        with connections[settings.REPLICA_ALIASES[0]].cursor() as cursor:
            while not self.ended.wait(LOOK):
                cursor.execute(LATENESS)
                self.lateness.append(cursor.fetchone()[0])
        connections.close_all()

    def end(self) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()


_writers: list[Writers] = []


def begin_writing(style: str, race: Race, path: str) -> None:
    access.ready()
    _writers.append(Writers(style, race, path))


def end_writing() -> tuple[list[History], list[Reads], list[float]]:
    ended = _writers.pop()
    ended.end()
    return ended.histories, ended.reads, ended.lateness


def read(style: str, race: Race, path: str, count: int) -> tuple[list[Reads], dict[str, int]]:
    """What this process' threads read, and its loads by the server that was read."""
    access.ready()
    kept, before = accesses(style), access.loads()
    with published(path, race.keys) as known:
        return in_threads(READERS, lambda number: read_some(kept, known, count // READERS)), access.loads_since(before)


def read_some(kept: "Sequence[Access]", known: "memoryview[int]", count: int) -> Reads:
    chance, reads = random.Random(), Reads()  # noqa: S311 - chance, not a secret
    for key in chance.choices(range(len(known)), cum_weights=access.zipf(len(known), EXPONENT), k=count):
        id, own = access.people()[key], known[key] if chance.random() < OWN else OTHERS
        reads.add(key, *read_one(kept[key % 2], id, served=None if own == OTHERS else id), own)
    return reads


def read_one(kept: Access, id: UUID, served: UUID | None) -> tuple[int, int]:
    """What was delivered before, and the version that was read."""
    kept.serve(served)
    delivered = kept.delivered()
    return delivered, access.version_of(kept.read(id))


def accesses(style: str) -> "Sequence[Access]":
    """How keys of even and of odd number are read and written."""
    pattern = replace(COUNTED, lifetime=LIFETIME, local=LOCAL)
    return [Ours(pattern), Ours(pattern, through=False)] if style == "ours" else [Bare(lifetime=LIFETIME)] * 2


@contextmanager
def published(path: str, keys: int) -> Iterator["memoryview[int]"]:
    """Each key's version that its writer was told to be committed, as all processes see it."""
    with Path(path).open("r+b") as file, mmap.mmap(file.fileno(), 8 * keys) as memory, \
            memoryview(memory).cast("q") as known:
        yield known
