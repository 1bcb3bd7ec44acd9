"""What a run of the drill measured, and whether that is good enough."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_WITHOUT_READS = 2.0  # seconds, in every fault
MOST_WITHOUT_WRITES = 25.0  # seconds: Patroni's bound of 20, and 5
MOST_SHOWN = 20  # wrong answers, stale reads and findings of a run that its record keeps
NO_OUTAGE = 2.0  # seconds: as good as none, on a machine that does everything at once


@dataclass(frozen=True)
class Bounds:
    """What a fault may cost, in seconds."""

    without_writes: float = MOST_WITHOUT_WRITES
    without_reads: float = MOST_WITHOUT_READS


@dataclass(frozen=True)
class Run:
    """One fault under load. A gap is the longest time between two answers that any one client saw, its own retries
    included; `calm_…` are those of the same clients before the fault.
    """

    fault: str
    number: int
    seconds: float  # of load before the fault, and after the recovery
    acknowledged: int
    lost: int
    duplicated: int
    without_writes: float
    without_reads: float
    calm_without_writes: float
    calm_without_reads: float
    reads: int
    turned_away: int  # 503s that said when to try again
    led: float | None  # seconds until another node was the primary, where one had to be
    back: float | None  # seconds until what was hurt takes part again; see the fault
    wrong: list[str] = field(default_factory=list)  # answers that are neither what was asked for nor a clean 503
    stale: list[str] = field(default_factory=list)  # reads that lacked what their person had done before
    findings: list[str] = field(default_factory=list)  # of the audit
    unhealed: str = ""  # why the cluster did not become whole again

    def verdicts(self, bounds: Bounds) -> dict[str, bool]:
        return {
            "nothing acknowledged is lost": self.lost == 0,
            "nothing is there twice": self.duplicated == 0,
            "every event is applied, the ledger and all members agree": not self.findings,
            f"no client without writes for more than {bounds.without_writes:g} s":
                self.without_writes <= bounds.without_writes,
            f"no client without reads for more than {bounds.without_reads:g} s":
                self.without_reads <= bounds.without_reads,
            "every answer is what was asked for, or a 503 with Retry-After": not self.wrong,
            "nobody's read lacks what they did before": not self.stale,
            "the cluster is whole again": not self.unhealed,
        }

    def missed(self, bounds: Bounds) -> list[str]:
        return [name for name, passed in self.verdicts(bounds).items() if not passed]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def spread(values: Sequence[float | None], form: str = ".1f") -> str:
    """Of several runs, the least and the greatest."""
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    least, most = format(min(known), form), format(max(known), form)
    return least if least == most else f"{least} to {most}"
