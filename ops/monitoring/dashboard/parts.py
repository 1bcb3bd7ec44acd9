"""What a page is made of; each part says which template draws it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from ops.monitoring.dashboard.charts import Chart
from ops.monitoring.doctor.findings import Finding

OK, WARNING, CRITICAL = "ok", "warning", "critical"


def tone(value: float | None, warning: float, critical: float) -> str:
    """How a figure is: worse the greater it is, or the smaller where `critical` is below `warning`."""
    if value is None:
        return ""
    bad = [value <= limit if critical < warning else value >= limit for limit in (critical, warning)]
    return CRITICAL if bad[0] else WARNING if bad[1] else OK


@dataclass(frozen=True)
class Card:
    """One figure. `key` names it to the script that keeps it fresh."""

    key: str
    title: str
    text: str
    hint: str = ""
    tone: str = ""
    tab: str = ""


@dataclass(frozen=True)
class Cards:
    title: str
    cards: Sequence[Card]
    template: ClassVar[str] = "ops/monitoring/cards.html"


@dataclass(frozen=True)
class Charts:
    charts: Sequence[Chart]
    template: ClassVar[str] = "ops/monitoring/charts.html"


@dataclass(frozen=True)
class Table:
    """Cells are texts; those of the columns in `numbers` stand to the right."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[object]]
    numbers: Sequence[int] = ()
    note: str = ""
    empty: str = "There are none."
    template: ClassVar[str] = "ops/monitoring/table.html"

    @property
    def cells(self) -> list[list[tuple[object, bool]]]:
        return [[(cell, place in self.numbers) for place, cell in enumerate(row)] for row in self.rows]

    @property
    def heads(self) -> list[tuple[str, bool]]:
        return [(head, place in self.numbers) for place, head in enumerate(self.headers)]


@dataclass(frozen=True)
class Note:
    text: str
    tone: str = ""
    template: ClassVar[str] = "ops/monitoring/note.html"


@dataclass(frozen=True)
class Code:
    title: str
    text: str
    template: ClassVar[str] = "ops/monitoring/code.html"


@dataclass(frozen=True)
class Button:
    """A form of one button, sent by POST; `fields` go with it."""

    label: str
    action: str
    note: str = ""
    danger: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    template: ClassVar[str] = "ops/monitoring/button.html"


@dataclass(frozen=True)
class Links:
    """Other ways to look at the page: words, address, and whether it is the present one."""

    title: str
    links: Sequence[tuple[str, str, bool]]
    template: ClassVar[str] = "ops/monitoring/links.html"


@dataclass(frozen=True)
class Fault:
    """What the doctor found."""

    finding: Finding
    tone: str
    template: ClassVar[str] = "ops/monitoring/finding.html"

    @property
    def sql(self) -> str:
        return "\n".join(self.finding.fix_sql)


Part = Fault | Links | Cards | Charts | Table | Note | Code | Button
