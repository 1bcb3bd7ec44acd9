"""Cache, streams, backups and replication: what beside the database's own tables must be in order."""

from ops.monitoring.dashboard import plots
from ops.monitoring.dashboard.moment import Moment
from ops.monitoring.dashboard.pages.overview import newest_backup
from ops.monitoring.dashboard.parts import CRITICAL, OK, Card, Cards, Charts, Note, Part, Table, tone
from ops.monitoring.dashboard.units import UNKNOWN, count, duration, percent, rate, size


def yes(value: float | None, well: bool = True) -> tuple[str, str]:
    """Words and tone of a figure that is 1 or 0; `well` says which is good."""
    if value is None:
        return UNKNOWN, ""
    return ("yes" if value else "no"), OK if bool(value) == well else CRITICAL


def limit_of(limit: float | None) -> str:
    """A memory's; 0 is none."""
    return "" if limit is None else f"of {size(limit)}" if limit else "no limit"


def drawn(moment: Moment, which: tuple[plots.Plot, ...]) -> Charts:
    return Charts(plots.charts(which, moment.known, moment.period, moment.at))


def cache(moment: Moment) -> list[Part]:
    used, limit = moment.value("foodshare_cache_memory_bytes"), moment.value("foodshare_cache_memory_limit_bytes")
    up, up_tone = yes(moment.value("foodshare_cache_up"))
    stale = moment.value("foodshare_cache_staleness_ratio")
    reads = moment.by("foodshare_cache_reads_total", "pattern", "outcome")
    return [
        Cards("", [
            Card("up", "Answers", up, "", up_tone),
            Card("memory", "Memory", size(used), limit_of(limit),
                 tone(used / limit if used and limit else None, 0.9, 0.98)),
            Card("stale", "Stale", percent(stale), "of hits that were checked", CRITICAL if stale else ""),
            Card("evicted", "Evicted", count(moment.value("foodshare_cache_evictions_total")), "since it started"),
            Card("clients", "Clients", count(moment.value("foodshare_cache_clients"))),
            Card("slow", "Slow commands", count(moment.value("foodshare_cache_slow_commands")), "in its log"),
        ]),
        drawn(moment, plots.CACHE),
        Table("Reads by kind of value", ["Kind", "Questions", "In the process", "In Valkey", "Missed", "Passed by"],
              [cache_row(pattern, reads) for pattern in sorted({pattern for pattern, _ in reads})], (1, 2, 3, 4, 5),
              empty="Nothing has been asked of the cache yet."),
    ]  # fmt: skip


def cache_row(pattern: str, reads: dict[tuple[str, ...], float]) -> list[str]:
    asked = [reads.get((pattern, outcome), 0.0) for outcome in ("local", "valkey", "miss", "bypass")]
    whole = sum(asked)
    return [pattern, count(whole), *(percent(each / whole if whole else None) for each in asked)]


def streams(moment: Moment) -> list[Part]:
    up, up_tone = yes(moment.value("foodshare_streams_up"))
    waiting, aside = moment.value("foodshare_outbox_waiting"), moment.value("foodshare_outbox_set_aside")
    lengths, dead = (moment.by(f"foodshare_stream_{name}", "topic") for name in ("length", "dead_letters"))
    figures = [moment.by(f"foodshare_stream_{name}", "topic", "group")
               for name in ("lag", "pending", "pending_oldest_seconds", "consumers")]
    return [
        Cards("", [
            Card("up", "Answers", up, "", up_tone),
            Card("outbox", "Outbox", count(waiting),
                 f"oldest {duration(moment.value('foodshare_outbox_oldest_seconds'))}", tone(waiting, 1000, 10_000)),
            Card("aside", "Set aside", count(aside), "events that cannot be published", tone(aside, 1, 100)),
            Card("memory", "Memory", size(moment.value("foodshare_stream_memory_bytes")),
                 limit_of(moment.value("foodshare_stream_memory_limit_bytes"))),
            Card("live", "Live process", *[yes(moment.value("foodshare_live_up"))[0]]),
        ]),
        drawn(moment, plots.STREAMS),
        Table("Topics", ["Topic", "Entries", "Dead letters"],
              [[topic, count(length), count(dead.get((topic,)))] for (topic,), length in sorted(lengths.items())],
              (1, 2), empty="No stream is there yet."),
        Table("Readers", ["Topic", "Group", "Not handed out", "Not acknowledged", "Oldest of these", "Consumers"],
              [[*key, count(figures[0].get(key)), count(figures[1].get(key)), duration(figures[2].get(key)),
                count(figures[3].get(key))] for key in sorted({key for each in figures for key in each})],
              (2, 3, 4, 5), empty="No group reads the streams yet."),
    ]  # fmt: skip


def backups(moment: Moment) -> list[Part]:
    kept = moment.value("foodshare_backups")
    if kept is None:
        return [Note("No backups are set up: BACKUP_URL names no role for them. See docs/backups.md.", "warning")]
    full, proven = (moment.value(f"foodshare_backup_{name}_age_seconds") for name in ("full", "verified"))
    verified, verified_tone = yes(moment.value("foodshare_backup_verified_ok"))
    findings = moment.value("foodshare_backup_findings")
    archived, archived_tone = yes(moment.value("foodshare_wal_archive_active"))
    gap, gap_tone = yes(moment.value("foodshare_wal_archive_gap"), well=False)
    return [
        Cards("", [
            newest_backup(moment),
            Card("full", "Newest full one", "none" if full is None else duration(full), f"old; {count(kept)} kept"
                 if full is not None else "", tone(full, 8 * 86_400, 15 * 86_400)),
            Card("verified", "Restored to prove it", "never" if proven is None else verified,
                 "" if proven is None else f"{duration(proven)} ago", verified_tone),
            Card("archived", "Log is archived", archived,
                 f"{size(moment.value('foodshare_wal_archive_behind_bytes'))} behind", archived_tone),
            Card("gap", "Gap in the archive", gap, "", gap_tone),
            Card("findings", "Findings", count(findings), "manage.py verify_backup --status", tone(findings, 1, 3)),
        ]),
        drawn(moment, plots.BACKUPS),
        Table("Sizes and times", ["", "Size", "Took"], [
            ["Newest backup", size(moment.value("foodshare_backup_size_bytes")),
             duration(moment.value("foodshare_backup_duration_seconds"))],
            ["Newest full backup", size(moment.value("foodshare_backup_full_size_bytes")),
             duration(moment.value("foodshare_backup_full_duration_seconds"))],
            ["Last restore", UNKNOWN, duration(moment.value("foodshare_backup_rto_seconds"))],
            ["Archived log", size(moment.value("foodshare_wal_archive_bytes")), UNKNOWN],
            ["Free", size(moment.value("foodshare_backup_free_bytes")), UNKNOWN],
        ], (1, 2)),
    ]  # fmt: skip


def replication(moment: Moment) -> list[Part]:
    late = moment.by("foodshare_replication_lag_seconds", "standby")
    behind = moment.by("foodshare_replication_lag_bytes", "standby")
    kept = moment.by("foodshare_replication_slot_kept_bytes", "slot")
    active, lost = (moment.by(f"foodshare_replication_slot_{name}", "slot") for name in ("active", "lost"))
    reads = moment.by("foodshare_router_reads_total", "alias")
    members = moment.by("foodshare_router_in_rotation", "alias")
    return [
        drawn(moment, plots.REPLICATION),
        Table("Standbys", ["Standby", "Late by", "Log not replayed"],
              [[name, duration(late.get((name,))), size(behind.get((name,)))]
               for name in sorted({name for each in (late, behind) for (name,) in each})], (1, 2),
              empty="No standby is connected."),
        Table("Slots", ["Slot", "Log kept", "Read by somebody", "Lost"],
              [[slot, size(value), yes(active.get((slot,)))[0], yes(lost.get((slot,)))[0]]
               for (slot,), value in sorted(kept.items())], (1,)),
        Table("Readers", ["Server", "Requests", "Now", "Processes that read it"],
              [[alias, count(value), rate(moment.present.rate(f"foodshare_router_reads_total{{alias={alias}}}")),
                count(members.get((alias,)))] for (alias,), value in sorted(reads.items())], (1, 2, 3),
              empty="Nobody has read anything yet."),
    ]  # fmt: skip
