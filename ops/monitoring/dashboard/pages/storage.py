"""Indexes, space and partitions."""

from collections.abc import Iterable
from datetime import UTC, date, timedelta

from django.db import connections

from ops.monitoring import history
from ops.monitoring.dashboard import plots
from ops.monitoring.dashboard.moment import Moment
from ops.monitoring.dashboard.pages.servers import drawn
from ops.monitoring.dashboard.parts import Card, Cards, Part, Table, tone
from ops.monitoring.dashboard.units import UNKNOWN, count, duration, percent, size
from ops.monitoring.metrics import TOP
from ops.monitoring.sources.partitions import ahead
from ops.partitions.findings import judge
from ops.partitions.layout import Branch, read

WEEK = timedelta(days=7)


def indexes(moment: Moment) -> list[Part]:
    sizes, bloat, scans = (moment.by(f"foodshare_index_{name}", "table", "index")
                           for name in ("size_bytes", "bloat_bytes", "scans_total"))
    used = moment.value("foodshare_index_use_ratio")
    unused, invalid = (moment.value(f"foodshare_indexes_{name}") for name in ("unused", "invalid"))
    return [
        Cards("", [
            Card("used", "Scans by an index", percent(used), "of tables over 1,000 rows", tone(used, 0.95, 0.5)),
            Card("unused", "Unused", count(unused), "not counting unique ones"),
            Card("invalid", "Invalid", count(invalid), "no statement may use them", tone(invalid, 1, 5)),
        ]),
        Table(f"The {TOP} largest", ["Index", "Table", "Size", "Not needed", "Scans"],
              [[index, table, size(value), size(bloat.get((table, index))), count(scans.get((table, index)))]
               for (table, index), value in largest(sizes)], (2, 3, 4),
              "Scans are counted since the server's statistics were reset; on a standby they are counted there."),
        Table("Tables by how they are read", ["Table", "Scans by an index", "Scans of all of it", "Share by index"],
              scans_of_tables(moment), (1, 2, 3)),
    ]  # fmt: skip


def largest(sizes: dict[tuple[str, ...], float]) -> list[tuple[tuple[str, ...], float]]:
    return sorted(sizes.items(), key=lambda item: -item[1])


def scans_of_tables(moment: Moment) -> list[list[str]]:
    whole, by_index = (moment.by(f"foodshare_table_{name}_scans_total", "table") for name in ("seq", "index"))
    rows = []
    for (table,), scans in largest(whole):
        indexed = by_index.get((table,), 0.0)
        rows.append([table, count(indexed), count(scans),
                     percent(indexed / (indexed + scans) if indexed + scans else None)])
    return rows


def space(moment: Moment) -> list[Part]:
    sizes, indexes, rows, dead, bloat, vacuumed = (
        moment.by(f"foodshare_table_{name}", "table")
        for name in ("size_bytes", "indexes_size_bytes", "rows", "dead_rows", "bloat_bytes", "vacuumed_age_seconds"))
    before = week_ago(moment, ("foodshare_table_size_bytes", "foodshare_table_indexes_size_bytes"))
    whole = moment.value("foodshare_database_size_bytes")
    earlier = week_ago(moment, ["foodshare_database_size_bytes"]).get("foodshare_database_size_bytes")
    return [
        Cards("", [
            Card("size", "Database", size(whole), f"{grown(whole, earlier)} in a week"),
            *(Card(f"free-{place}", f"Free: {place}", size(free), f"of {size(total)}",
                   tone(free / total if total else None, 0.15, 0.05)) for place, free, total in disks(moment)),
        ]),
        drawn(moment, plots.SPACE),
        Table(f"The {TOP} largest tables", ["Table", "Rows", "Size", "Indexes", "In a week", "Dead rows", "Not needed",
                                            "Vacuumed"],
              [[table, count(rows.get((table,))), size(value), size(indexes.get((table,))),
                grown(value + indexes.get((table,), 0.0), sum_of(before, table)), count(dead.get((table,))),
                size(bloat.get((table,))), ago(vacuumed.get((table,)))] for (table,), value in largest(sizes)],
              (1, 2, 3, 4, 5, 6, 7), "A partitioned table's figures are the sums of its partitions'."),
    ]  # fmt: skip


def disks(moment: Moment) -> list[tuple[str, float, float]]:
    totals = moment.by("foodshare_disk_size_bytes", "place")
    return [(place, free, totals.get((place,), 0.0))
            for (place,), free in sorted(moment.by("foodshare_disk_free_bytes", "place").items())]


def week_ago(moment: Moment, names: Iterable[str]) -> dict[str, float]:
    """Figures of a week ago, or of the oldest that is known since."""
    keys = [key for key in moment.known if history.name_of(key) in names]
    found: dict[str, float] = {}
    for stretch in history.stretches(keys, moment.at - WEEK, history.HOUR):
        found = {**stretch.figures, **found}
    return found


def sum_of(before: dict[str, float], table: str) -> float | None:
    found = [before[key] for name in ("size", "indexes_size")
             if (key := history.key_of(f"foodshare_table_{name}_bytes", table=table)) in before]
    return sum(found) if found else None


def grown(now: float | None, before: float | None) -> str:
    if now is None or before is None:
        return UNKNOWN
    return f"{'+' if now >= before else '−'}{size(abs(now - before))}"


def ago(seconds: float | None) -> str:
    return "never" if seconds is None else f"{duration(seconds)} ago"


def partitions(moment: Moment) -> list[Part]:
    """What is there and what upkeep would not mend, read from the catalog."""
    today = moment.at.astimezone(UTC).date()
    layout = read(connections["owner"])
    findings = [str(finding) for finding in judge(connections["owner"], layout, today)]
    least = moment.by("foodshare_partitions_ahead", "table")
    return [
        Cards("", [Card(f"ahead-{table}", table, count(number), "partitions ahead", tone(number, 1, 0))
                   for (table,), number in sorted(least.items())]),
        Table("Findings", ["What is wrong"], [[finding] for finding in findings], empty="All is in order."),
        Table("Branches", ["Table", "Partitions", "First", "Last", "Ahead"],
              [branch_row(branch, today) for branch in layout.branches], (1, 4)),
    ]  # fmt: skip


def branch_row(branch: Branch, today: date) -> list[str]:
    sound = sorted(branch.sound())
    first, last = (f"{sound[0]}", f"{sound[-1]}") if sound else (UNKNOWN, UNKNOWN)
    return [branch.table, count(len(branch.partitions)), first, last, count(ahead(branch, today))]
