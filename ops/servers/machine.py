"""What the machine offers: memory and shared memory. The settings are shares of it."""

import os
from dataclasses import dataclass
from pathlib import Path

MB = 1024**2
GB = 1024**3


@dataclass(frozen=True)
class Machine:
    memory: int  # bytes this process may use: a container's limit counts
    shared_memory: int  # bytes of /dev/shm, 64 MB in a container that was not told otherwise

    @classmethod
    def this(cls) -> "Machine":
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return cls(min(memory, _container_limit() or memory), _shared_memory())


def clamp(value: int, low: int, high: int) -> int:
    return max(low, min(value, high))


def _container_limit() -> int | None:
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            return int(Path(path).read_text())
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return None


def _shared_memory() -> int:
    try:
        volume = os.statvfs("/dev/shm")  # noqa: S108 - looked at, not written to
    except OSError:
        return 0
    return volume.f_blocks * volume.f_frsize
