"""What the doctor finds: a fault of one thing, why it matters, who suffers from it, and how to mend it safely."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

GENERAL = {"foreign_keys": 1, "schema": 2}  # checks that see of a lost or useless index what closer ones see too


class Severity(StrEnum):
    """How soon somebody should look: never, when there is time, now."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Finding:
    """One fault. `what` says it with its figures, `why` what comes of it, `advice` what to do in words.

    `fix_sql` are statements to be run one by one, outside a transaction; `migration` is a file that does the same,
    where the code must say it too: what the migrations make already is put back by SQL alone.
    `by_hand` says that they are for who has looked first, or for a superuser: they end what somebody does, or cannot
    be taken back. `model` is the model whose table it is about, `endpoints` are those that run the statement or read
    the table.
    """

    severity: Severity
    check: str
    subject: str
    what: str
    why: str
    advice: str = ""
    model: str | None = None
    endpoints: tuple[str, ...] = ()
    fix_sql: tuple[str, ...] = ()
    migration: str | None = None
    by_hand: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Unjudged:
    """A check that could not be made, and why."""

    check: str
    reason: str


@dataclass(frozen=True)
class Report:
    """Everything that was found, the worst first. `checks` are the names of all checks that were to be made."""

    checks: tuple[str, ...]
    findings: tuple[Finding, ...]
    unjudged: tuple[Unjudged, ...] = field(default=())

    @property
    def exit_code(self) -> int:
        """2: something critical, 1: a warning, 3: neither, but a check could not be made; else 0."""
        found = {finding.severity for finding in self.findings}
        if Severity.CRITICAL in found:
            return 2
        if Severity.WARNING in found:
            return 1
        return 3 if self.unjudged else 0

    def counts(self) -> dict[str, int]:
        return {severity.value: sum(each.severity is severity for each in self.findings) for severity in Severity}

    def as_dict(self) -> dict[str, Any]:
        return {"exit_code": self.exit_code, "counts": self.counts(), "checks": list(self.checks),
                "findings": [finding.as_dict() for finding in self.findings],
                "unjudged": [asdict(each) for each in self.unjudged]}


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    ranks = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}
    return tuple(sorted(findings, key=lambda found: (ranks[found.severity], found.check, found.subject)))


def told_once(findings: Iterable[Finding]) -> list[Finding]:
    """Without what a check of GENERAL tells though a closer one gives the same statements to mend it."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda each: GENERAL.get(each.check, 0)):
        if finding.check not in GENERAL or not finding.fix_sql or not any(
                set(finding.fix_sql) <= set(other.fix_sql) for other in kept):
            kept.append(finding)
    return kept
