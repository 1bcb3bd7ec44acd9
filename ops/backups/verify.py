"""Proof that a backup is of use: the newest is restored on a server of its own, recovered, and judged as the platform.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from django.conf import settings
from psycopg import sql

from ops import children
from ops.backups.errors import BackupError, DiskFull, NotConfigured, NotPossible
from ops.backups.recovery import Reached, Recovery, plan
from ops.backups.source import Source
from ops.backups.store import Backup, Store, Verdict
from ops.backups.take import Show, unseen
from ops.servers.state import HOMES_OF_ROOT

TABLES = """
    SELECT relname, reltuples::bigint FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
        AND has_table_privilege(oid, 'SELECT')
    ORDER BY relname
"""
COUNT_SECONDS = 20  # for a table of the source, which has other things to do; above it its estimate is shown
MANY = 10_000  # rows; a copy lacks fewer by what was written since
SHOWN = 5  # findings of one check


@dataclass
class Verification:
    """What was found. `rpo` is None where the source could not be asked and nothing tells how old the end is."""

    backup: Backup
    findings: list[str] = field(default_factory=list)
    counts: dict[str, tuple[int, int | None]] = field(default_factory=dict)  # rows in the copy, and at the source
    newest: datetime | None = None
    rpo: float | None = None  # seconds of work that would have been lost if the source had died when this began
    rto: float = 0.0  # seconds from beginning to restore until the copy served

    @property
    def ok(self) -> bool:
        return not self.findings


def verify(source: Source | None, store: Store, name: str | None = None, show: Show = unseen) -> Verification:
    """Restore a backup, the source's newest unless named, beside everything, judge it, and note the verdict with it.

    What is wrong with the backup is a finding; BackupError tells that it could not be judged.
    """
    marked = _mark(source)
    with store.reading():
        chosen = plan(store, None, name, system_id=None if name else _system_id(source))
        found = Verification(chosen.backup)
        recovery = Recovery(store, chosen, workplace(store), show, keep=False)
        try:
            started = time.monotonic()
            _restore(recovery, found, marked or datetime.now(UTC), started)
            if found.rto:
                _judge(recovery, found, source, show)
        finally:
            recovery.stop()
            shutil.rmtree(recovery.workplace, ignore_errors=True)
        store.judge(chosen.backup, Verdict(datetime.now(UTC), found.ok, found.findings, found.rpo, found.rto))
    return found


def workplace(store: Store) -> Path:
    """The same for the same backups, so that what a killed run left is found; where PostgreSQL can run."""
    if os.geteuid() == 0:
        return HOMES_OF_ROOT / f"verify.{store.tag}"
    directory: Path = settings.FOODSHARE_DATA_DIR / "verify"
    return directory


def _mark(source: Source | None) -> datetime | None:
    """When the source last committed for certain; None when it cannot be reached."""
    try:
        return source.mark() if source else None
    except psycopg.Error:
        return None


def _system_id(source: Source | None) -> str | None:
    """Which cluster the source is; None when it cannot be asked."""
    try:
        return source.identify().system_id if source else None
    except BackupError:
        return None


def _restore(recovery: Recovery, found: Verification, present: datetime, started: float) -> None:
    try:
        recovery.prepare()
        reached = recovery.recover()
    except (NotConfigured, NotPossible, DiskFull):  # that is not the backup's fault
        raise
    except BackupError as error:
        found.findings.append(str(error))
        return
    found.rto = round(time.monotonic() - started, 2)
    found.newest, found.rpo = reached.newest, _rpo(reached, found.backup, present)
    if recovery.fault:
        found.findings.append(recovery.fault)


def _rpo(reached: Reached, backup: Backup, present: datetime) -> float:
    """Seconds between the newest commit that was restored, or the backup, and the newest that there was."""
    return round(max(0.0, (present - (reached.newest or backup.ended)).total_seconds()), 3)


def _judge(recovery: Recovery, found: Verification, source: Source | None, show: Show) -> None:
    passwords = {role: secrets.token_hex(16) for role in {settings.RUNTIME_ROLE, settings.OWNER_ROLE}}
    recovery.set_passwords(passwords)
    steps = ("verify_schema", "rebuild_reputation --check", "row counts")
    for number, step in enumerate(steps):
        show("Judging the copy", 100 * number // len(steps))
        if step == "row counts":
            found.counts = counts(_copy_url(recovery, settings.DATABASE_OWNER_URL, passwords), source)
            found.findings += lost(found.counts)
        else:
            found.findings += _run(step, _environment(recovery, passwords))
    show("Judging the copy", 100)


def _environment(recovery: Recovery, passwords: dict[str, str]) -> dict[str, str]:
    """Of a command that works on the copy, and touches neither the platform's cache nor its streams."""
    nowhere = "redis://127.0.0.1:1/0"
    urls = {name: _copy_url(recovery, getattr(settings, name), passwords)
            for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    return urls | {"REPLICA_URL": "", "BACKUP_URL": "", "PATRONI_URL": "", "REDIS_URL": nowhere,
                   "STREAM_URL": nowhere, "SECRET_KEY": settings.SECRET_KEY}


def _copy_url(recovery: Recovery, url: str, passwords: dict[str, str]) -> str:
    """The URL of the same role and database of the copy."""
    parts = urlsplit(url)
    user = settings.OWNER_ROLE if url == settings.DATABASE_OWNER_URL else settings.RUNTIME_ROLE
    address = f"{quote(user)}:{passwords[user]}@127.0.0.1:{recovery.server.port}"
    return urlunsplit(("postgresql", address, parts.path, "", ""))


def _run(step: str, variables: dict[str, str]) -> Iterator[str]:
    """Run a command on the copy; gives what it finds wrong."""
    done = subprocess.run([sys.executable, str(children.MANAGE), *step.split(), "--json"], check=False,
                          env=os.environ | variables, capture_output=True, text=True)
    if done.returncode == 0:
        return
    try:
        report = json.loads(done.stdout)
    except ValueError:
        yield f"{step} failed: {(done.stderr or done.stdout).strip()}"
        return
    wrong = [_told(each) for each in report.get("findings", report.get("differences", [])) if _is_wrong(each)]
    yield from (f"{step}: {each}" for each in wrong[:SHOWN])
    if len(wrong) > SHOWN:
        yield f"{step}: and {len(wrong) - SHOWN} more"


def _is_wrong(found: dict[str, Any]) -> bool:
    return found.get("state") != "OK" and not found.get("tolerated", False)


def _told(found: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in found.items() if value not in ("", None, False))


def counts(url: str, source: Source | None) -> dict[str, tuple[int, int | None]]:
    """The rows of each table in the copy, exactly, and beside them those of the source as far as it can be asked."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = {name: _count(connection, name) for name, _ in connection.execute(TABLES).fetchall()}
    present = _present(source) if source else {}
    return {name: (rows, present.get(name)) for name, rows in found.items()}


def lost(rows: dict[str, tuple[int, int | None]]) -> list[str]:
    """Tables that have so few rows in the copy as no work since would explain."""
    return [f"{table}: {copied:,} rows were restored of about {present:,}" for table, (copied, present) in rows.items()
            if present is not None and present - copied > MANY and present > 2 * copied]


def _present(source: Source) -> dict[str, int]:
    """Rows by table, estimated where counting takes long; nothing where the source is away."""
    try:
        with source.sql() as connection:
            connection.execute(f"SET statement_timeout = '{COUNT_SECONDS}s'")
            tables = connection.execute(TABLES).fetchall()
            return {name: _count(connection, name, estimate) for name, estimate in tables}
    except psycopg.OperationalError:
        return {}


def _count(connection: "psycopg.Connection[Any]", table: str, estimate: int = 0) -> int:
    try:
        [rows] = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone() or [0]
    except psycopg.errors.QueryCanceled:
        return max(estimate, 0)
    return int(rows)
