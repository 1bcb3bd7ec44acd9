"""One drill at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Busy(RuntimeError):
    """Another drill is at work."""


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold the lock, which goes with the process whatever becomes of it. Raises Busy."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"another drill is at work: it holds {lock}") from None
        yield
