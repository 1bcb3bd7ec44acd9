"""What web processes count, added up over all of them.

Each has files of its own (prometheus_client's multiprocess mode) in one directory, and holds a lock as long as it
lives. Of a process that is gone the gauges vanish, and what it counted is added to the file of the dead, so that
counters never go back and files do not pile up.

The files are mapped into memory: to write where the disk has no room left would kill the process. So their room is
taken at the start, and a process that gets none counts in its memory.
"""

import fcntl
import json
import logging
import os
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from prometheus_client import Metric as Family
from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

from ops.monitoring.figures import Figure

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
DEAD = "0"  # in place of a process's number, which none has
FILE = re.compile(r"(?P<kind>counter|histogram|gauge_\w+?)_(?P<pid>\d+)\.db")
# Bytes of each process's files: several times what all routes by all methods need.
ROOM = {"counter": 2**22, "histogram": 2**23, "gauge_livesum": 2**16}
BROKEN = (ValueError, RuntimeError, struct.error)  # what reading a file raises that was not written to its end
logger = logging.getLogger("ops.monitoring")

_alive: list[IO[str]] = []  # the lock of this process, held by being open
_alone: list[Callable[[], Iterable[Family]]] = []  # how to collect what this process counts in its memory


def directory() -> Path:
    return Path(os.environ.get(VARIABLE) or settings.MONITORING_DIR / "processes")


def prepare() -> Path:
    """Make the directory. Raises OSError."""
    found = directory()
    found.mkdir(parents=True, exist_ok=True)
    return found


def is_shared() -> bool:
    """Whether this process counts in files, for others to add up."""
    return VARIABLE in os.environ


def enlist() -> None:
    """Say that this process lives, before it counts. What one with its number left is added to the dead's."""
    if is_shared():
        try:
            place, pid = prepare(), str(os.getpid())
            with locked(place):
                bury(place, [pid])
                for kind, size in ROOM.items():
                    reserve(place / f"{kind}_{pid}.db", size)
                _alive.append(hold(sign(place, pid)))
        except OSError as error:
            logger.warning("monitoring: this process counts in its memory, as files cannot be made: %s", error)
            count_in_memory()


def reserve(path: Path, size: int) -> None:
    """Make a file of zeros that has its room. Raises OSError, and leaves none, where there is not so much."""
    with path.open("xb") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError:
            path.unlink()
            raise


def count_in_memory() -> None:
    """Have the library count in no file, whatever it was told when it was loaded."""
    del os.environ[VARIABLE]
    values.ValueClass = values.MutexValue


def count_alone(collect: Callable[[], Iterable[Family]]) -> None:
    """Tell of what this process counts and of no other's, unless it counts in files."""
    if not is_shared():
        _alone[:] = [collect]


def sign(place: Path, pid: str) -> Path:
    return place / f"{pid}.alive"


def hold(path: Path) -> IO[str]:
    """Lock the file until it is closed. Raises BlockingIOError if another process has locked it."""
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise
    return file


@contextmanager
def locked(place: Path) -> Iterator[None]:
    """Keep others from adding to the dead's file, and from reading what is being added."""
    with (place / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_alive(place: Path, pid: str) -> bool:
    if pid in (DEAD, str(os.getpid())):
        return True
    try:
        hold(sign(place, pid)).close()
    except BlockingIOError:
        return True
    return False


def bury(place: Path, pids: Iterable[str]) -> None:
    """Add what these processes counted to what the dead did, and remove their files. Raises OSError."""
    for pid in pids:
        for path in place.glob(f"*_{pid}.db"):
            match = FILE.fullmatch(path.name)
            if match and not match["kind"].startswith("gauge"):
                add(place / f"{match['kind']}_{DEAD}.db", path)
            path.unlink(missing_ok=True)
        sign(place, pid).unlink(missing_ok=True)


def add(to: Path, path: Path) -> None:
    """Add one file of counters to another, wholly or not at all. Raises OSError."""
    sums = sound(to)
    for key, value in sound(path).items():
        sums[key] = sums.get(key, 0.0) + value
    if not sums:
        return
    beside = to.with_suffix(".new")
    beside.unlink(missing_ok=True)
    reserve(beside, max(2**16, sum(2 * len(key) + 64 for key in sums)))
    file = MmapedDict(str(beside))
    for key, value in sums.items():
        file.write_value(key, value, 0.0)
    file.close()
    beside.replace(to)


def sound(path: Path) -> dict[str, float]:
    """What a file holds. One that was not written to its end, as when the machine lost its power, is set aside."""
    if not path.exists() or not path.stat().st_size:
        return {}
    try:
        return {key: value for key, value, _, _ in MmapedDict.read_all_values_from_file(str(path)) if json.loads(key)}
    except BROKEN as error:
        logger.warning("monitoring: %s cannot be read, and is set aside: %s", path, error)
        path.replace(path.with_suffix(".broken"))
        return {}


def families() -> Iterable[Family]:
    """What all processes of this machine count; or, where this one counts in its memory, what it does."""
    return _alone[0]() if _alone else of_machine(directory())


def of_machine(place: Path) -> Iterable[Family]:
    """What the processes that have files there count, and have counted."""
    if not place.is_dir():
        return []
    with locked(place):
        pids = {match["pid"] for path in place.iterdir() if (match := FILE.fullmatch(path.name))}
        dead = {pid for pid in pids if not is_alive(place, pid)}
        try:
            bury(place, dead)
        except OSError as error:
            logger.warning("monitoring: the counters of dead processes stay where they are: %s", error)
        try:
            return merged(place, dead)
        except BROKEN:
            for path in place.glob("*.db"):
                sound(path)
            return merged(place, dead)


def merged(place: Path, dead: set[str]) -> Iterable[Family]:
    """What all files say, but for the gauges of the dead."""
    gauges = {path for pid in dead for path in place.glob(f"gauge_*_{pid}.db")}
    files = [str(path) for path in place.glob("*.db") if path not in gauges and path.stat().st_size]
    return list(MultiProcessCollector.merge(files))


def figures() -> Iterator[Figure]:
    for family in families():
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                yield sample.name, dict(sample.labels), sample.value
