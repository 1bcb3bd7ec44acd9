"""Runs that passed, but for what a test changes."""

from typing import Any

from ops.cluster.drill.measured import Run


def run(**changes: Any) -> Run:
    passed: dict[str, Any] = {
        "fault": "postgres", "number": 1, "seconds": 5.0, "acknowledged": 1000, "lost": 0, "duplicated": 0,
        "without_writes": 5.1, "without_reads": 0.4, "calm_without_writes": 0.2, "calm_without_reads": 0.1,
        "reads": 2000, "turned_away": 12, "led": None, "back": 4.9}
    return Run(**{**passed, **changes})
