"""Indexes, space and partitions."""

from datetime import UTC, date, timedelta

from django.db import connections

from ops.models import MonitoringSample
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
DATABASE = "foodshare_database_size_bytes"


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
    wholes = {key: value + indexes.get(key, 0.0) for key, value in sizes.items()}
    before = week_ago(moment)
    since = words_since(moment, before)
    whole = moment.value(DATABASE)
    return [
        Cards("", [
            Card("size", "Database", size(whole), f"{grown(whole, sum_of(before, DATABASE))} {since}"),
            *(Card(f"free-{place}", f"Free: {place}", size(free), f"of {size(total)}",
                   tone(free / total if total else None, 0.15, 0.05)) for place, free, total in disks(moment)),
        ]),
        drawn(moment, plots.SPACE),
        Table(f"The {TOP} largest tables", ["Table", "Rows", "Size", "Indexes", f"{since[0].upper()}{since[1:]}",
                                            "Dead rows", "Not needed", "Vacuumed"],
              [[table, count(rows.get((table,))), size(sizes.get((table,))), size(indexes.get((table,))),
                grown(value, of_table(before, table)), count(dead.get((table,))), size(bloat.get((table,))),
                ago(vacuumed.get((table,)))] for (table,), value in largest(wholes)],
              (1, 2, 3, 4, 5, 6, 7), "A partitioned table's figures are the sums of its partitions'."),
    ]  # fmt: skip


def disks(moment: Moment) -> list[tuple[str, float, float]]:
    totals = moment.by("foodshare_disk_size_bytes", "place")
    return [(place, free, totals.get((place,), 0.0))
            for (place,), free in sorted(moment.by("foodshare_disk_free_bytes", "place").items())]


def week_ago(moment: Moment) -> MonitoringSample | None:
    """The figures of a week ago, or the oldest that are known since."""
    return (MonitoringSample.objects.filter(at__gte=moment.at - WEEK, figures__has_key=history.ELAPSED)
            .order_by("at").first())


def words_since(moment: Moment, before: MonitoringSample | None) -> str:
    is_week = before is None or moment.at - before.at > WEEK - timedelta(hours=2)
    return "in a week" if is_week or before is None else f"since {before.at:%d %b %H:%M}"


def of_table(before: MonitoringSample | None, table: str) -> float | None:
    return sum_of(before, *(history.key_of(f"foodshare_table_{name}_bytes", table=table)
                            for name in ("size", "indexes_size")))


def sum_of(before: MonitoringSample | None, *keys: str) -> float | None:
    """Of figures that were all known then: of some only, what was missing would pass for growth."""
    found = before.figures if before else {}
    return sum(found[key] for key in keys) if found.keys() >= set(keys) else None


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
