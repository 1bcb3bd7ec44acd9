"""What the ledger says of itself and of what is kept of it, compared with what stands there."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from reputation.ledger import BadEvent, utc
from reputation.replay import Entry, Standing, standing, steps
from reputation.scoring import Applied
from reputation.state import State, dump

MOST_SHOWN = 100  # differences; all of them are counted
LEDGER, UNKNOWN, LIVE, MEMO = "ledger rows", "events that cannot be applied", "live rows", "memos"
TIMES = {"last_activity", "reputation_updated_at"}  # of who has no events, as document A's defaults have them


class Kept(NamedTuple):
    """What is kept of a person, as kept_between.sql reads it: `version` is that of the live row, None without one."""

    id: UUID
    joined: datetime
    version: str | None
    memo: str | None
    decay_due_at: datetime | None
    live: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not what the replay says: by field, what it holds and what it should."""

    place: str
    row: str
    fields: dict[str, tuple[str, str]]

    def __str__(self) -> str:
        told = "; ".join(f"{name} is {found}, the replay says {expected}"
                         for name, (found, expected) in self.fields.items())
        return f"{self.place}: {self.row}: {told}"


@dataclass
class Findings:
    """What a run has looked at and found; `repaired` counts people."""

    people: int = 0
    events: int = 0
    repaired: int = 0
    totals: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    def add(self, place: str, row: str, fields: dict[str, tuple[Any, Any]]) -> None:
        self.totals[place] += 1
        if len(self.differences) < MOST_SHOWN:
            told = {name: (str(found), str(expected)) for name, (found, expected) in fields.items()}
            self.differences.append(Difference(place, row, told))

    def merge(self, other: "Findings") -> None:
        self.people, self.events = self.people + other.people, self.events + other.events
        self.repaired += other.repaired
        self.totals += other.totals
        self.differences += other.differences[: MOST_SHOWN - len(self.differences)]

    @property
    def left(self) -> int:
        """How many rows differ that no repair mends: those of the ledger."""
        return self.totals[LEDGER] + self.totals[UNKNOWN]


def judge(kept: Kept, entries: Sequence[Entry], findings: Findings) -> Standing | None:
    """Compare all that is kept of a person with a replay; return where the person stands if that must be written."""
    joined = utc(kept.joined)
    state = State(joined)
    findings.people, findings.events = findings.people + 1, findings.events + len(entries)
    try:
        for entry, state, applied in steps(joined, entries):  # noqa: B007 - the last one is wanted
            if fields := dict(ledger_fields(entry, applied)):
                findings.add(LEDGER, f"event {entry.id} of person {kept.id}", fields)
    except BadEvent as error:
        findings.add(UNKNOWN, f"person {kept.id}", {str(error): ("here", "nothing")})
        return None
    right = standing(state, entries)
    live = dict(live_fields(kept, right))
    memo = dict(memo_fields(kept, state))
    for place, fields in ((LIVE, live), (MEMO, memo)):
        if fields:
            findings.add(place, f"person {kept.id}", fields)
    return right if live or memo else None


def ledger_fields(entry: Entry, applied: Applied) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """What differs in a row of the ledger, and what it says of itself."""
    if entry.score != applied.score or entry.previous != applied.previous or entry.impact != applied.impact:
        yield from different(
            {"impact_score": entry.impact, "previous_score": entry.previous, "new_score": entry.score},
            {"impact_score": applied.impact, "previous_score": applied.previous, "new_score": applied.score})
    told = orjson.loads(entry.description or "{}")
    if "why" in told and told["why"] != applied.reason:
        yield "why", (told["why"], applied.reason)


def live_fields(kept: Kept, right: Standing) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """What differs in a live row. Who has no events may have none, or one with document A's defaults and any times."""
    if kept.version is None:
        if right.event_id is not None:
            yield "row", ("missing", "there")
        return
    expected = right.row()
    if right.event_id is None:
        expected = {name: value for name, value in expected.items() if name not in TIMES}
    found = {name: utc(value) if isinstance(value, datetime) else value
             for name, value in kept.live.items()}
    yield from different(found, expected)


def memo_fields(kept: Kept, state: State) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """What differs in a memo, where there is one."""
    if kept.memo is None:
        return
    due = kept.decay_due_at and utc(kept.decay_due_at)
    found, expected = orjson.loads(kept.memo), orjson.loads(dump(state))
    if not isinstance(found, dict):
        yield "state", (found, "an object")
        return
    yield from different(found | {"decay_due_at": due}, expected | {"decay_due_at": state.decay_due_at()})
    for name in found.keys() - expected.keys():
        yield name, (found[name], "nothing")


def different(found: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for name, value in expected.items():
        if name not in found or found[name] != value:
            yield name, (found.get(name, "missing"), value)
