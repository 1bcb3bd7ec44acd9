"""What this process has counted."""

from datetime import UTC, datetime

from ops.monitoring import processes
from ops.monitoring.snapshot import Snapshot


def of_processes() -> Snapshot:
    found = Snapshot(datetime.now(UTC))
    found.add(processes.figures())
    return found


def counted(name: str, **labels: str) -> float:
    return of_processes().value(name, **labels) or 0.0
