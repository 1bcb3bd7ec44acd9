"""All that is measured of replicas, and what is required of it."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from ops.benchmarks.replica.conditions import CONDITIONS, HEALTHY, STARTING, WRITTEN, Condition
from ops.benchmarks.replica.lag import Behind, watched
from ops.benchmarks.replica.load import MOST_EXAMPLES, Pace, Tally, at_work
from ops.benchmarks.replica.place import Place, place, served, visited
from ops.benchmarks.sheet import Sheet

Report = Callable[[str, int, int], None]
ROUTINGS = {"causal": "causal", "primary": "primary only", "pinned": "2 s pin", "unchecked": "blind"}
BLIND = {"pinned", "unchecked"}
CACHES = {"on": True, "off": False}
LEAST_SHARE, MOST_LAG = 0.8, 100.0  # of reads, milliseconds
WARM_UP = 1.0  # seconds
PREPARATIONS = 5  # that are reported, or more where an interrupted run left something


@dataclass(frozen=True)
class Sizes:
    """How much is done; what each is, the command's options tell."""

    seconds: float
    people: int
    programs: int
    writes: float
    pause: float
    rate: int


@dataclass
class Run:
    """One routing, with the cache or without it; by condition what was seen, and how far standbys were behind."""

    routing: str
    cache: bool
    tallies: dict[str, Tally] = field(default_factory=dict)
    behind: dict[str, dict[str, Behind]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return ", cache ".join(self.names)

    @property
    def names(self) -> tuple[str, str]:
        """Of the routing, and whether there is a cache."""
        return ROUTINGS[self.routing], "on" if self.cache else "off"

    @property
    def total(self) -> Tally:
        total = Tally()
        for tally in self.tallies.values():
            total += tally
        return total

    @property
    def reasons(self) -> Iterator[str]:
        """Why what was seen says less than it should."""
        for name, found in self.behind.items():
            most = max((each.most for each in found.values()), default=0.0)
            if most < CONDITIONS[name].behind:
                yield f"{self.name}, {CONDITIONS[name].name}: they were {most:.2f} s behind at most"
        if len(self.total.processes) < 2:
            yield f"{self.name}: one web process answered all"
        if not self.total.own_reads:
            yield f"{self.name}: nobody read what they wrote"

    def as_json(self) -> dict[str, Any]:
        return {"routing": self.routing, "cache": self.cache, "conditions": {
            name: tally_as_json(tally) | {"behind": {
                standby: asdict(each.milliseconds) | {"most": each.most * 1000, "chart": each.chart}
                for standby, each in self.behind[name].items()}}
            for name, tally in self.tallies.items()}}


def tally_as_json(tally: Tally) -> dict[str, Any]:
    plain = {each.name: getattr(tally, each.name) for each in fields(tally)}
    return plain | {"processes": len(tally.processes), "share": tally.share,
                    "share_of_statements": tally.share_of_statements, "taken": asdict(tally.latency),
                    "taken_at_once": asdict(tally.latency_at_once)}


@dataclass(frozen=True)
class Measured:
    """The first routing is the one that is judged."""

    sizes: Sizes
    runs: list[Run]

    @property
    def judged(self) -> list[Run]:
        return [run for run in self.runs if run.routing == self.runs[0].routing]

    @property
    def verdicts(self) -> dict[str, bool]:
        totals = [run.total for run in self.judged]
        found = {"no stale read of one's own": not any(each.stale for each in totals),
                 "no read back in time": not any(each.back for each in totals),
                 "no read failed": not any(each.failed for each in totals)}
        shares = [run.tallies[HEALTHY].share for run in self.judged if HEALTHY in run.tallies]
        if shares:
            found[f"over {LEAST_SHARE:.0%} of reads on healthy standbys"] = min(shares) > LEAST_SHARE
        lags = [each.milliseconds.p99 for run in self.judged for each in run.behind.get(WRITTEN, {}).values()]
        if lags:
            found[f"p99 of replication lag under {MOST_LAG:.0f} ms"] = max(lags) < MOST_LAG
        return found

    @property
    def reasons(self) -> list[str]:
        """Why something was not judged."""
        blind = [run.total for run in self.runs if run.routing in BLIND]
        missed = ["not even blind routing was seen to fail"] if blind and not any(
            each.stale or each.back for each in blind) else []
        return [*(reason for run in self.judged for reason in run.reasons), *missed]

    @property
    def faults(self) -> list[str]:
        """Some of those that were seen."""
        return [f"{run.name}, {CONDITIONS[name].name}: {example}" for run in self.judged
                for name, tally in run.tallies.items() for example in tally.examples][:MOST_EXAMPLES]

    @property
    def exit_code(self) -> int:
        if not all(self.verdicts.values()):
            return 1
        return 2 if self.reasons else 0

    @property
    def sheets(self) -> list[Sheet]:
        sheets = faults_sheet(self.runs), shares_sheet(self.runs), latency_sheet(self.runs), lag_sheet(self.judged)
        return [sheet for sheet in sheets if sheet.rows]

    def as_json(self) -> dict[str, Any]:
        return {"sizes": asdict(self.sizes), "runs": [run.as_json() for run in self.runs],
                "verdicts": self.verdicts, "not_judged": self.reasons, "faults": self.faults,
                "exit_code": self.exit_code}


def faults_sheet(runs: Sequence[Run]) -> Sheet:
    rows = [[*run.names, CONDITIONS[name].name, f"{tally.reads:,}", f"{tally.writes:,}", f"{tally.stale:,}",
             f"{tally.back:,}", f"{tally.failed:,}", f"{tally.failed_writes:,}"]
            for run in runs for name, tally in run.tallies.items()]
    return Sheet("What clients saw", ("routing", "cache", "standbys", "reads", "writes", "own writes not seen",
                                      "back in time", "reads failed", "writes failed"), rows)


def shares_sheet(runs: Sequence[Run]) -> Sheet:
    rows = [[*run.names, CONDITIONS[name].name, f"{tally.share:.1%}", f"{tally.served['standby']:,}",
             f"{tally.served['primary']:,}", f"{tally.served['cache']:,}", f"{tally.share_of_statements:.1%}",
             ", ".join(f"{alias} {count:,}" for alias, count in sorted(tally.asked.items()))]
            for run in runs for name, tally in run.tallies.items()]
    return Sheet("Who answered reads: a read that asked the primary anything counts as the primary's", (
        "routing", "cache", "standbys", "share", "by standbys", "by the primary", "by the cache alone",
        "of statements", "statements"), rows)


def latency_sheet(runs: Sequence[Run]) -> Sheet:
    rows = [[*run.names, f"{(usual := tally.latency).p50:.1f}", f"{usual.p99:.1f}",
             f"{(at_once := tally.latency_at_once).p50:.1f}", f"{at_once.p99:.1f}"]
            for run in runs if (tally := run.tallies.get(HEALTHY))]
    return Sheet("Milliseconds of a read, standbys healthy", (
        "routing", "cache", "p50", "p99", "p50 right after one's write", "p99 right after one's write"), rows)


def lag_sheet(runs: Sequence[Run]) -> Sheet:
    rows = [[*run.names, standby, f"{each.milliseconds.count:,}", f"{each.milliseconds.p50:.1f}",
             f"{each.milliseconds.p99:.1f}", f"{each.most * 1000:.1f}", each.chart]
            for run in runs for standby, each in run.behind.get(WRITTEN, {}).items()]
    return Sheet("Milliseconds that standbys were behind while others wrote", (
        "routing", "cache", "standby", "looks", "p50", "p99", "most", "over time; the highest bar is the most"), rows)


def measure(sizes: Sizes, routings: Collection[str], caches: Collection[str], conditions: Collection[str],
            report: Report) -> Measured:
    """Measure the routings, the first of ROUTINGS that is wanted being the one that is judged.

    Raises ServersError, NotKept, ScratchFailed, ChildFailed, Refused.
    """
    plan = [Run(routing, CACHES[cache]) for routing in ROUTINGS if routing in routings
            for cache in CACHES if cache in caches]
    preparing: list[str] = []

    def prepare(message: str) -> None:
        preparing.append(message)
        report("preparing", min(len(preparing), PREPARATIONS), PREPARATIONS)

    with place(sizes.people, sizes.programs, prepare) as found:
        for run in plan:
            wanted = [name for name in CONDITIONS if name in conditions and is_for(name, run, plan[0])]
            observe(found, run, wanted, sizes, report)
    return Measured(sizes, plan)


def is_for(condition: str, run: Run, first: Run) -> bool:
    """Reads of the primary are only timed, and how standbys bear writes is the same for all routings."""
    if condition == WRITTEN:
        return run.routing == first.routing
    return run.routing != "primary" or condition == HEALTHY or run.routing == first.routing


def observe(found: Place, run: Run, conditions: Sequence[str], sizes: Sizes, report: Report) -> None:
    found.servers.catch_up()
    with served(found.servers, run.routing, run.cache) as port, visited(found.people, port):
        for done, name in enumerate([STARTING, *conditions]):
            report(run.name, done, 1 + len(conditions))
            seconds = WARM_UP if name == STARTING else sizes.seconds
            run.tallies[name], run.behind[name] = under(found, CONDITIONS[name], seconds, sizes)
    report(run.name, 1 + len(conditions), 1 + len(conditions))


def under(found: Place, condition: Condition, seconds: float, sizes: Sizes) -> tuple[Tally, dict[str, Behind]]:
    """What people see meanwhile; afterwards the standbys are well again."""
    with watched(found.servers) as behind, at_work(found.people, Pace(sizes.writes, sizes.pause)) as tally:
        condition.during(found.servers, seconds, sizes.rate)
    found.servers.catch_up()
    return tally, behind
