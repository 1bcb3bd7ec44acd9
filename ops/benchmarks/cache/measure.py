"""All that is measured of the cache."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from ops.benchmarks.cache import hits, invalidation, outage, speed, staleness, stampede
from ops.benchmarks.cache.late import CannotBeLate
from ops.benchmarks.cache.place import Place, Report, place
from ops.benchmarks.sheet import Sheet

PARTS = ("hits", "speed", "stampede", "invalidation", "staleness", "outage")
Part = hits.Hits | speed.Speed | stampede.Stampede | invalidation.Latency | staleness.Staleness | outage.Outage


@dataclass(frozen=True)
class Sizes:
    """How much is done; what each is, the command's options tell."""

    people: int
    processes: int
    rounds: int
    threads: int
    requests: int
    exponent: float
    writes: float
    reads: int
    stampede: int
    probes: int
    rate: int
    races: int
    keys: int
    late: float
    seconds: float


@dataclass(frozen=True)
class Measured:
    """`not_judged` says why, by part."""

    sizes: Sizes
    parts: dict[str, Part]
    not_judged: dict[str, str]

    @property
    def verdicts(self) -> dict[str, bool]:
        return {name: passed for part in self.parts.values() for name, passed in part.verdicts.items()}

    @property
    def sheets(self) -> list[Sheet]:
        return [part.sheet for part in self.parts.values()]

    @property
    def reasons(self) -> list[str]:
        """Why something was not judged."""
        return [f"{name}: {reason}" for name, reason in self.not_judged.items()]

    @property
    def exit_code(self) -> int:
        if not all(self.verdicts.values()):
            return 1
        return 2 if self.not_judged else 0

    def as_json(self) -> dict[str, Any]:
        return {"sizes": asdict(self.sizes), "parts": {name: asdict(part) for name, part in self.parts.items()},
                "not_judged": self.not_judged, "verdicts": self.verdicts, "exit_code": self.exit_code}


def measure(sizes: Sizes, wanted: Collection[str], report: Report) -> Measured:
    """Measure what is wanted of PARTS. Raises ScratchFailed, ServersError, BrokenProcessPool."""
    parts: dict[str, Part] = {}
    not_judged: dict[str, str] = {}
    with place(sizes.people, sizes.processes) as found:
        for name in (name for name in PARTS if name in wanted):
            try:
                parts[name] = measure_part(name, found, sizes, report)
            except CannotBeLate as error:
                not_judged[name] = str(error)
    return Measured(sizes, parts, not_judged)


def measure_part(name: str, found: Place, sizes: Sizes, report: Report) -> Part:
    crew, rounds = found.crew, sizes.rounds
    match name:
        case "hits":
            load = hits.Load(sizes.threads, sizes.requests, sizes.exponent, sizes.writes)
            return hits.measure(crew, sizes.people, load, rounds, report)
        case "speed":
            return speed.measure(crew, sizes.reads, rounds, report)
        case "stampede":
            return stampede.measure(crew, sizes.stampede, rounds, report)
        case "invalidation":
            return invalidation.measure(crew, sizes.rate, sizes.probes, rounds, report)
        case "staleness":
            race = staleness.Race(sizes.keys, sizes.races // rounds, sizes.rate, sizes.late)
            return staleness.measure(crew, race, rounds, report)
        case _:
            return outage.measure(crew, found.valkey, sizes.seconds, report)
