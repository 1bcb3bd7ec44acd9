"""The figures of all servers at one moment, taken at most once in SHARED seconds on a machine, and what web processes
count.

The snapshot is kept in a file of MONITORING_DIR. One process takes it, under a lock, while the others go on
with the last one; its age is one of the figures.
"""

import fcntl
import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import orjson
from django.conf import settings
from django.db import connections, transaction
from django.db.utils import InterfaceError, OperationalError

from foodshare.db.pools import giving_up
from ops.monitoring import processes
from ops.monitoring.figures import Figure, Figures
from ops.monitoring.metrics import SHARED
from ops.monitoring.sources import ASIDE, DATABASE

PATIENCE = "2s"  # for one statement: measuring never hangs, nor piles up
SILENCE = 4.0  # seconds for a source's answers; a server that hangs does not heed PATIENCE
OWNER = "owner"
TOGETHER = 5.0  # seconds, after which no further source of the primary is asked: Prometheus waits for ten
OLD = 10.0  # seconds after which a snapshot is waited for rather than handed out again
logger = logging.getLogger("ops.monitoring")


@dataclass(frozen=True)
class Sample:
    """One value of a metric."""

    labels: dict[str, str]
    value: float


@dataclass(frozen=True)
class Snapshot:
    """The figures of one moment by their names, as `/metrics` has them: histograms as _bucket, _sum and _count."""

    at: datetime
    values: dict[str, list[Sample]] = field(default_factory=dict)

    def series(self, name: str) -> list[Sample]:
        return self.values.get(name, [])

    def value(self, name: str, **labels: str) -> float | None:
        """The sum of the samples that have these labels; None where there is none."""
        found = [each.value for each in self.series(name) if labels.items() <= each.labels.items()]
        return sum(found) if found else None

    def add(self, figures: Iterable[Figure]) -> None:
        for name, labels, value in figures:
            if value is not None:
                self.values.setdefault(name, []).append(Sample(labels, float(value)))


def current() -> Snapshot:
    """The figures now: those of servers are up to SHARED seconds old."""
    now = datetime.now(UTC)
    found = shared()
    found.add([("foodshare_snapshot_age_seconds", {}, max(0.0, (now - found.at).total_seconds()))])
    found.add(collected("processes", processes.figures))
    return found


def shared() -> Snapshot:
    """The last snapshot of servers, or a new one; where it cannot be kept, as on a full disk, always a new one."""
    path = place()
    if (last := read(path)) and age(last) < SHARED:
        return last
    try:
        return renewed(path, last)
    except OSError as error:
        logger.warning("monitoring: %s cannot be written: %s", path, error)
        return take()


def renewed(path: Path, last: Snapshot | None) -> Snapshot:
    """A new snapshot, unless another process is about to take one. Raises OSError."""
    with locked(path.with_suffix(".lock"), wait=last is None or age(last) > OLD) as is_mine:
        if not is_mine and last:
            return last
        if (last := read(path)) and age(last) < SHARED:  # another process took it meanwhile
            return last
        taken = take()
        write(path, taken)
        return taken


def age(snapshot: Snapshot) -> float:
    """Seconds; one of the future, from before the clock was put right, is infinitely old."""
    seconds = (datetime.now(UTC) - snapshot.at).total_seconds()
    return seconds if seconds >= 0 else float("inf")


def place() -> Path:
    """Where the snapshot of the servers in use is kept; sites that share the directory each have their own."""
    config = connections[OWNER].settings_dict
    site = f"{config['HOST']}:{config['PORT']}/{config['NAME']} {settings.REDIS_URL} {settings.STREAM_URL}"
    return Path(settings.MONITORING_DIR) / f"snapshot-{crc32(site.encode()):08x}.json"


@contextmanager
def locked(path: Path, wait: bool) -> Iterator[bool]:
    """Hold the file's lock, and say whether it is held."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


def read(path: Path) -> Snapshot | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = orjson.loads(path.read_bytes())
        values = {name: [Sample(*sample) for sample in samples] for name, samples in kept["values"].items()}
        return Snapshot(datetime.fromisoformat(kept["at"]), values)
    return None


def write(path: Path, snapshot: Snapshot) -> None:
    values = {name: [(each.labels, each.value) for each in samples] for name, samples in snapshot.values.items()}
    beside = path.with_suffix(".new")
    beside.write_bytes(orjson.dumps({"at": snapshot.at, "values": values}))
    beside.replace(path)


def take() -> Snapshot:
    """The figures of servers, read now; they are of when the last was read, as whoever waits for them has waited.

    What a source cannot read is missing, and told by its foodshare_source_up. A primary that does not answer whoever
    asks first is asked nothing more.
    """
    taken = Snapshot(datetime.now(UTC))
    for name, figures in ASIDE.items():
        taken.add(collected(name, figures))
    with primary(is_up=bool(taken.value("foodshare_postgres_up", alias="default"))) as is_there:
        until = time.monotonic() + TOGETHER
        for name, figures in DATABASE.items():
            is_there = is_there and not is_lost() and time.monotonic() < until
            taken.add(collected(name, in_time(figures)) if is_there else [("foodshare_source_up", {"source": name}, 0)])
    return Snapshot(datetime.now(UTC), taken.values)


def collected(name: str, figures: Figures) -> list[Figure]:
    """What a source tells, up to where it fails, and how it did."""
    begun, found, up = time.perf_counter(), [], True
    try:
        for figure in figures():
            found.append(figure)
    except Exception as error:  # whatever it is, the other sources are told of
        logger.warning("monitoring: %s cannot be read: %s", name, " ".join(f"{error!r}".split()))
        up = False
    source = {"source": name}
    return [*found, ("foodshare_source_up", source, up),
            ("foodshare_source_seconds", source, time.perf_counter() - begun)]


@contextmanager
def primary(is_up: bool) -> Iterator[bool]:
    """A connection to the primary for the block, if it is up and there was none yet; whether there is one now."""
    if not is_up:
        yield False
        return
    connection = connections[OWNER]
    was_open = connection.connection is not None
    try:
        try:
            connection.ensure_connection()
        except (OperationalError, InterfaceError) as error:
            logger.warning("monitoring: %s cannot be read: %s", "the primary", f"{error}".strip())
            yield False
        else:
            yield True
    finally:
        if not was_open and not connection.in_atomic_block:
            connection.close()


def is_lost() -> bool:
    """Whether the connection to the primary broke, or its answer was waited for too long."""
    connection = connections[OWNER].connection
    return connection is None or bool(connection.closed)


def in_time(figures: Figures) -> Figures:
    """A source each of whose statements has PATIENCE."""

    def read() -> Iterator[Figure]:
        with patience():
            yield from figures()

    return read


@contextmanager
def patience() -> Iterator[None]:
    """A transaction of the owner's each of whose statements has PATIENCE, and all of them SILENCE."""
    with giving_up(SILENCE), transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{PATIENCE}'; SET LOCAL lock_timeout = '{PATIENCE}'")
        yield
