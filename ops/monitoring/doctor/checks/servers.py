"""The servers: hit rates, standbys and slots, settings against the machine, the schema, the room on disks."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.checks import ERROR, CheckMessage
from django.db.backends.base.base import BaseDatabaseWrapper

from ops.checks import check_server
from ops.models import MonitoringSample
from ops.monitoring.doctor.findings import Finding, Severity
from ops.monitoring.doctor.limits import DAY, GB, MB, Limits
from ops.monitoring.rows import fetch
from ops.monitoring.sources import disk, migrations, replication, server
from ops.servers.machine import Machine
from ops.servers.postgres_settings import SETTINGS_QUERY, quantity

BLOCK = 8192  # bytes
WEEK = timedelta(days=7)
LOOPBACK = {"", "localhost", "127.0.0.1", "::1"}
FREE = ("foodshare_disk_free_bytes{place=database}", "foodshare_disk_free_bytes{place=data}")
SIZE = "foodshare_database_size_bytes"
SIZED = ("shared_buffers", "effective_cache_size", "max_parallel_workers_per_gather")


def hit_rates(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """Shares of blocks found in shared buffers, once enough were looked for to tell."""
    size = server.server(connection).size
    for kind, blocks in server.hits(connection).items():
        if is_low(blocks, size, limits):
            yield Finding(
                Severity.WARNING, "hit_rates", kind,
                f"{blocks.share:.1%} of {blocks.asked} blocks of {kind} pages were found in shared buffers",
                "the rest were read from the system, which takes ten times as long, or a thousand from disk",
                "raise shared_buffers, towards a quarter of the memory, or find what reads so much: slow_queries")


def is_low(blocks: server.Hits, size: int, limits: Limits) -> bool:
    """Whether blocks of a database of so many bytes were read though they had been read before."""
    again = blocks.read * BLOCK > limits.hit_rate_reads * size
    return blocks.asked >= limits.hit_rate_blocks and again and (blocks.share or 0) < limits.hit_rate


def replicas(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    standbys = replication.standbys(connection)
    if len(standbys) < len(settings.REPLICA_ALIASES):
        yield Finding(
            Severity.CRITICAL, "replication", "standbys",
            f"{len(standbys)} of {len(settings.REPLICA_ALIASES)} standbys of REPLICA_URL are connected",
            "reads fall back to the primary, and if that fails, what was committed since is lost",
            "see the standby's log, and docs/runbooks/StandbyMissing.md")
    for each in standbys:
        if each.lag_seconds >= limits.lag or (each.lag_bytes or 0) >= limits.lag_bytes:
            yield Finding(
                Severity.WARNING, "replication", each.name,
                f"the standby {each.name} is {each.lag_seconds:.1f} s and {(each.lag_bytes or 0) // MB} MB behind",
                "it is left out of reads above LAG_LIMIT_MS, and a failover would lose, or wait for, so much",
                "look for a long query on it, a slow disk, or a network that is full")


def slots(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    for slot in replication.slots(connection):
        if slot.lost:
            yield Finding(Severity.CRITICAL, "replication_slots", slot.name,
                          f"the slot {slot.name} needs log that is gone",
                          "who read it cannot go on, and must begin anew",
                          "build the standby, or take the backup, anew, then drop the slot",
                          fix_sql=(f"SELECT pg_drop_replication_slot('{slot.name}')",), by_hand=True)
        elif not slot.active and slot.kept_bytes >= limits.slot_kept:
            yield Finding(Severity.WARNING, "replication_slots", slot.name,
                          f"nobody reads the slot {slot.name}, for which {slot.kept_bytes // MB} MB of log are kept",
                          "the log fills the disk, up to max_slot_wal_keep_size",
                          "start who should read it; drop it if nobody will",
                          fix_sql=(f"SELECT pg_drop_replication_slot('{slot.name}')",), by_hand=True)


def server_settings(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """What `check --database` says of every server, and what does not fit this machine."""
    for alias in ("default", *settings.REPLICA_ALIASES):
        yield from map(of_message, check_server(alias))
    if connection.settings_dict["HOST"] in LOOPBACK or connection.settings_dict["HOST"].startswith("/"):
        yield from at_odds(connection, Machine.this(), os.cpu_count() or 1, limits)
    if count := server.server(connection).pending_restart:
        yield Finding(Severity.WARNING, "settings", "restart", f"{count} settings were changed and wait for a restart",
                      "the server does not run as its files say", "restart it in a quiet hour",
                      fix_sql=("SELECT name, setting FROM pg_settings WHERE pending_restart",))


def of_message(message: CheckMessage) -> Finding:
    return Finding(Severity.CRITICAL if message.level >= ERROR else Severity.WARNING, "settings", f"{message.id}",
                   message.msg, "the platform relies on it", message.hint or "")


def at_odds(connection: BaseDatabaseWrapper, machine: Machine, cores: int, limits: Limits) -> Iterator[Finding]:
    """Settings that ask for more than the machine has."""
    rows = fetch(lambda *columns: columns, connection, SETTINGS_QUERY, [list(SIZED)])
    found = {name: quantity(value, unit) for name, value, unit in rows}
    memory = machine.memory
    judged = (
        ("shared_buffers", found["shared_buffers"] > limits.memory_taken * memory, f"{memory // 4 // MB}MB",
         "the system's own cache, sorts and connections get too little, and the server may be killed for memory"),
        ("effective_cache_size", found["effective_cache_size"] > memory, f"{memory // 2 // MB}MB",
         "the planner believes in a cache that is not there, and chooses plans that read from disk"),
        ("max_parallel_workers_per_gather", found["max_parallel_workers_per_gather"] > cores, f"{cores}",
         "one statement may take every core from all others"),
    )
    for name, is_so, better, why in judged:
        if is_so:
            yield Finding(Severity.WARNING, "settings", name,
                          f"{name} is {found[name]:.0f}; this machine has {memory // MB} MB and {cores} cores", why,
                          "set it to what fits, then reload the settings, or restart for shared_buffers",
                          fix_sql=(f"ALTER SYSTEM SET {name} = '{better}'", "SELECT pg_reload_conf()"), by_hand=True)


def pending_migrations(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    if names := [f"{app}.{name}" for app, name in migrations.pending(connection)]:
        yield Finding(Severity.CRITICAL, "migrations", names[0],
                      f"{len(names)} migrations are pending: {', '.join(names)}",
                      "the code reads and writes what the database does not have",
                      "run `manage.py migrate`, which waits for locks for moments only")


def disks(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    found = {(name, labels["place"]): value or 0 for name, labels, value in disk.figures()}
    for place in disk.places():
        free, size = found["foodshare_disk_free_bytes", place], found["foodshare_disk_size_bytes", place]
        if free < limits.disk_free * size:
            yield Finding(
                Severity.CRITICAL if free < limits.disk_free_critical * size else Severity.WARNING, "disk", place,
                f"{free / GB:.1f} of {size / GB:.0f} GB are free for {place}",
                "a full disk stops the database, and may take more than a restart to mend",
                "make room: old backups and archived partitions first")


def growth(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """How fast the database grows, by the worker's history; at least two days of it."""
    now = datetime.now(UTC)
    kept = MonitoringSample.objects.using("owner").filter(at__gte=now - WEEK, figures__has_key=SIZE).order_by("at")
    first, last = kept.first(), kept.last()
    if first is None or last is None or (days := (last.at - first.at).total_seconds() / DAY) < 2:
        return
    grown = last.figures[SIZE] - first.figures[SIZE]
    if grown >= max(limits.growth_bytes, limits.growth * first.figures[SIZE]):
        yield Finding(Severity.WARNING, "space_growth", "database",
                      f"the database grew by {grown / GB:.1f} GB, {grown / first.figures[SIZE]:.0%}, in "
                      f"{days:.0f} days", "what grows so fast is seldom what people wrote",
                      "see on the dashboard which table it is; look for bloat, a job that repeats itself, or abuse")
    yield from full_soon(last.figures, grown / days, limits)


def full_soon(figures: dict[str, float], daily: float, limits: Limits) -> Iterator[Finding]:
    free = next((figures[key] for key in FREE if key in figures), None)
    if free is not None and daily > 0 and free / daily < limits.disk_days:
        yield Finding(Severity.WARNING, "space_growth", "disk",
                      f"at {daily / GB:.2f} GB a day the disk is full in {free / daily:.0f} days",
                      "a full disk stops the database", "add room, or keep fewer partitions")
