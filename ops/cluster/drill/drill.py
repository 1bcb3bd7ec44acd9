"""Runs of the drill: a cluster and the platform of their own, load, a fault, recovery, audit."""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from redis.exceptions import RedisError

from ops.cluster.drill.aftermath import look
from ops.cluster.drill.alone import alone
from ops.cluster.drill.audit import DUPLICATED, LOST, Finding
from ops.cluster.drill.clients import Acknowledged
from ops.cluster.drill.faults import FAULTS
from ops.cluster.drill.gaps import worst_gap
from ops.cluster.drill.ground import Ground, Unhealed
from ops.cluster.drill.load import Load, People
from ops.cluster.drill.measured import MOST_SHOWN, Run
from ops.cluster.drill.network import HERE, Spot, network
from ops.cluster.drill.premise import refuse_unless_synchronous
from ops.cluster.drill.site import Site, make_people, site
from ops.cluster.local import Cluster, Place
from ops.servers import ServersError

NODES = 3
LOCK = "drill.lock"
PHASES = 6  # of a run: the load begins, fault, whole again, the load ends, all applied, audited
Report = Callable[[str, int, int], None]


@dataclass
class Stage:
    """What runs of one fault take place on; `acknowledged` is of all its runs, as each audit looks at all rows."""

    cluster: Cluster
    site: Site
    people: People
    spots: dict[str, Spot]
    acknowledged: list[Acknowledged]


@dataclass(frozen=True)
class Wanted:
    """Which runs, on what; `seconds` of load come before the fault and after the recovery."""

    faults: tuple[str, ...]
    runs: int
    seconds: float
    directory: Path

    def among(self, kept: Iterable[Run]) -> list[Run]:
        """Those of the kept ones that are wanted."""
        return [run for run in kept if run.fault in self.faults and run.number <= self.runs]

    def left(self, kept: Iterable[Run]) -> Iterator[tuple[str, list[int]]]:
        """Each fault with the numbers of its runs that are not among the kept ones."""
        done = {(run.fault, run.number) for run in kept}
        for fault in self.faults:
            if numbers := [number for number in range(1, self.runs + 1) if (fault, number) not in done]:
                yield fault, numbers


def drill(wanted: Wanted, kept: Iterable[Run], report: Report, keep: Callable[[Run], None]) -> None:
    """Do every run that is not kept yet, and keep each as it ends.

    Raises Busy, NetworkRefused (before the first run), SiteFailed, ChildFailed and what Cluster.up raises.
    """
    with alone(wanted.directory / LOCK):
        left = list(wanted.left(kept))
        if any(FAULTS[fault].needs_network for fault, _ in left):
            try_network()
        for fault, numbers in left:
            while numbers:
                numbers = runs_of(fault, numbers, wanted, report, keep)


def try_network() -> None:
    """Make the network once, as its faults come last and need rights that no other does. Raises what it raises."""
    with network(NODES):
        pass


def runs_of(fault: str, numbers: list[int], wanted: Wanted, report: Report, keep: Callable[[Run], None]) -> list[int]:
    """Do these runs on one stage, and answer those that need another, as what one before them left is not right."""
    with stage(fault, wanted.directory) as ready:
        for position, number in enumerate(numbers, 1):
            done = one(fault, number, ready, wanted, report)
            keep(done)
            if done.unhealed or done.findings:
                return numbers[position:]
    return []


@contextmanager
def stage(fault: str, directory: Path) -> Iterator[Stage]:
    """A new cluster with the platform beside it; what a killed drill left is taken away first."""
    with ExitStack() as stack:
        spots = stack.enter_context(network(NODES)) if FAULTS[fault].needs_network else []
        cluster = stack.enter_context(own_cluster(directory / "cluster", spots))
        shutil.rmtree(directory / "logs", ignore_errors=True)
        ready = stack.enter_context(site(cluster.environment(), directory / "logs"))
        names = [node.name for node in cluster.nodes]
        yield Stage(cluster, ready, make_people(ready), dict(zip(names, spots, strict=False)), [])


@contextmanager
def own_cluster(directory: Path, spots: list[Spot]) -> Iterator[Cluster]:
    places = [Place(spot.address, spot.prefix) for spot in spots]
    cluster = Cluster(directory, NODES, places, Place(HERE) if spots else Place())
    cluster.down(delete=True)
    with ExitStack() as stack:
        stack.callback(cluster.down, delete=True)  # what is left where Ctrl-C came during the other
        stack.callback(cluster.down, delete=True)
        cluster.up()
        yield cluster


def one(fault: str, number: int, stage: Stage, wanted: Wanted, report: Report) -> Run:
    """One run. The stage is as it was before, unless the answer has `unhealed`. Raises SiteFailed."""
    def told(phase: int) -> None:
        report(f"{fault}, run {number}", phase, PHASES)

    refuse_unless_synchronous(stage.site.environment["DATABASE_URL"])
    load = Load(stage.site.port, stage.people)
    ground = Ground(stage.cluster, load, stage.spots)
    unhealed = ""
    with load.running():
        told(1)
        time.sleep(wanted.seconds)
        told(2)
        try:
            FAULTS[fault].work(ground)
            told(3)
            ground.until_whole()
        except (Unhealed, ServersError) as error:
            unhealed = f"{error}"
        told(4)
        time.sleep(wanted.seconds)
    told(5)
    stage.acknowledged += load.log.acknowledged
    findings = aftermath(stage)
    told(6)
    return summary(fault, number, wanted.seconds, ground, findings, unhealed)


def aftermath(stage: Stage) -> list[Finding]:
    try:
        return look(stage.site, stage.acknowledged)
    except (psycopg.Error, RedisError) as error:
        return [Finding("not judged", f"{error}".strip())]


def summary(fault: str, number: int, seconds: float, ground: Ground, findings: list[Finding], unhealed: str) -> Run:
    load, log = ground.load, ground.load.log
    struck = ground.struck or load.end
    return Run(
        fault, number, seconds,
        acknowledged=len(log.acknowledged), lost=counted(findings, LOST), duplicated=counted(findings, DUPLICATED),
        without_writes=worst_gap(log.writes, struck, load.end), without_reads=worst_gap(log.reads, struck, load.end),
        calm_without_writes=worst_gap(log.writes, load.start, struck),
        calm_without_reads=worst_gap(log.reads, load.start, struck),
        reads=sum(map(len, log.reads.values())), turned_away=log.turned_away.total(), led=ground.led,
        back=ground.back,
        wrong=shown(log.wrong), stale=shown(log.stale), findings=shown([f"{finding}" for finding in findings]),
        unhealed=unhealed)


def counted(findings: list[Finding], kind: str) -> int:
    return sum(finding.kind == kind for finding in findings)


def shown(texts: list[str]) -> list[str]:
    """The first of them, and how many more there are."""
    more = len(texts) - MOST_SHOWN
    return [*texts[:MOST_SHOWN], *([f"… and {more} more"] if more > 0 else [])]
