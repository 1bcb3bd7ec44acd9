"""People who write and read all the time, and what they are shown that they must not be."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields

from ops.benchmarks.replica.judge import UNSEEN, Shown, Thing, Verdict
from ops.benchmarks.replica.people import KINDS, Answer, Look, Person, Program, looks, tell
from ops.benchmarks.timer import Timing, timing

AT_ONCE = 2  # reads of what was written, right after it was answered
MOST_EXAMPLES = 5
PRIMARY = "default"


@dataclass
class Tally:
    """What was seen. `served` counts reads by whom the request asked: "primary", if it asked that at all, "standby", or
    "cache", if it asked no database; `asked` counts statements of reads by server. Times are milliseconds."""

    reads: int = 0
    own_reads: int = 0
    stale: int = 0
    back: int = 0
    failed: int = 0
    writes: int = 0
    failed_writes: int = 0
    served: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    processes: set[str] = field(default_factory=set)
    taken: list[float] = field(default_factory=list)
    taken_at_once: list[float] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Tally") -> "Tally":
        for each in fields(self):
            mine, theirs = getattr(self, each.name), getattr(other, each.name)
            setattr(self, each.name, mine | theirs if isinstance(mine, set) else mine + theirs)
        self.examples = self.examples[:MOST_EXAMPLES]
        return self

    @property
    def share(self) -> float:
        """Of the reads that asked a database, those that asked standbys only."""
        asking = self.served["standby"] + self.served["primary"]
        return self.served["standby"] / asking if asking else 0.0

    @property
    def share_of_statements(self) -> float:
        """Of the statements of reads, those that standbys answered."""
        return 1 - self.asked[PRIMARY] / self.asked.total() if self.asked else 0.0

    @property
    def latency(self) -> Timing:
        return timing(self.taken)

    @property
    def latency_at_once(self) -> Timing:
        """Of reads right after the person's write."""
        return timing(self.taken_at_once)


@dataclass(frozen=True)
class Pace:
    """`writes` is the share of writes among what people do, `pause` seconds between two things, on the average."""

    writes: float
    pause: float


class Worker(threading.Thread):
    """One program of a person, at work until told to stop."""

    def __init__(self, person: Person, program: Program, people: Sequence[Person], pace: Pace,
                 stopped: threading.Event) -> None:
        super().__init__(name="program", daemon=True)
        self.person, self.program, self.pace, self.stopped = person, program, pace, stopped
        self.looks = list(looks(person, people))
        self.tally = Tally()
        self.chance = random.Random()  # noqa: S311 - chance, not a secret

    def run(self) -> None:
        while not self.stopped.wait(self.chance.expovariate(1 / self.pace.pause)):
            if self.chance.random() < self.pace.writes and self.person.writing.acquire(blocking=False):
                try:
                    self.write(self.chance.choice(KINDS))
                finally:
                    self.person.writing.release()
            else:
                self.look_around()

    def write(self, kind: str) -> None:
        """Write the next version of a thing, and look at it at once, perhaps by another program."""
        number = self.person.tried.get(kind, 0) + 1
        self.person.tried[kind] = number
        self.tally.writes += 1
        if not tell(self.person, kind, number, self.program).is_well:
            self.tally.failed_writes += 1
            return
        thing = Thing(kind, self.person.id)
        self.person.memory.wrote(thing, number)
        own = [look for look in self.looks if look.own == kind]
        for look in self.chance.choices(own, k=AT_ONCE):
            self.read(look, self.tally.taken_at_once, self.chance.choice(self.person.programs))

    def look_around(self) -> None:
        """Look at something, and once more if there was anything new: it must not be gone."""
        look = self.chance.choice(self.looks)
        if self.read(look, self.tally.taken, self.program):
            self.read(look, self.tally.taken, self.program)

    def read(self, look: Look, taken: list[float], program: Program) -> bool:
        """Whether it showed something new."""
        known, start = self.person.memory.known(), time.perf_counter()
        answer = program.ask("GET", look.path)
        taken.append((time.perf_counter() - start) * 1000)
        self.count(answer)
        if not (answer.is_well or answer.status == 404):
            self.tally.failed += 1
            self.example(f"failed: {look.path} was answered {answer.status} {answer.body}", answer)
            return False
        shown = look.shown(answer.body)
        self.tally.own_reads += any(thing.writer == self.person.id for thing in shown)
        self.judge(look, answer, shown, self.person.memory.saw(shown, known))
        return any(version > known.seen.get(thing, UNSEEN) for thing, version in shown.items())

    def count(self, answer: Answer) -> None:
        self.tally.reads += 1
        self.tally.asked.update(answer.asked)
        self.tally.served[served_by(answer)] += 1
        self.tally.processes |= {answer.process} if answer.process else set()

    def judge(self, look: Look, answer: Answer, shown: Shown, verdict: Verdict) -> None:
        self.tally.stale += bool(verdict.stale)
        self.tally.back += bool(verdict.back) and not verdict.stale
        for name, things in (("stale own read", verdict.stale), ("back in time", verdict.back)):
            for thing, version in list(things.items())[:1]:
                self.example(f"{name}: {look.path} showed version {shown[thing]} of the {thing.kind} after version "
                             f"{version}", answer)

    def example(self, text: str, answer: Answer) -> None:
        """Keep what was seen, if it is among the first of its thread."""
        if len(self.tally.examples) < MOST_EXAMPLES:
            self.tally.examples.append(
                f"{text}; process {answer.process or 'unknown'} asked {answer.asked or 'no database'}")


def served_by(answer: Answer) -> str:
    if PRIMARY in answer.asked:
        return "primary"
    return "standby" if answer.asked else "cache"


@contextmanager
def at_work(people: Sequence[Person], pace: Pace) -> Iterator[Tally]:
    """Have everybody read and write while the block runs; the tally is complete once it has ended."""
    stopped, total = threading.Event(), Tally()
    workers = [Worker(person, program, people, pace, stopped) for person in people for program in person.programs]
    for worker in workers:
        worker.start()
    try:
        yield total
    finally:
        stopped.set()
        for worker in workers:
            worker.join()
            total += worker.tally
