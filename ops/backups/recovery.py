"""A cluster made from a backup and recovered: the copies unpacked, checked and combined, the log replayed by a server
that nobody else can reach.
"""

import math
import os
import pwd
import re
import secrets
import shlex
import shutil
import signal
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from ops.backups import programs
from ops.backups.archive import Stretch
from ops.backups.errors import BackupError, Damaged, DiskFull, NotPossible, WalMissing
from ops.backups.files import digest, naming_a_full_disk, opened
from ops.backups.places import History, lsn
from ops.backups.store import LEAST_FREE, MANIFEST, Backup, Store, room_in
from ops.backups.take import Show, unseen
from ops.servers.process import Server, end, end_orphans, log_tail, owner_of, spawn
from ops.servers.state import free_ports

CONFIGURATION = "postgresql.conf"
OUT_OF_PLACE = ("standby.signal", "recovery.signal", "postmaster.opts")
BOOTSTRAP = "SELECT rolname FROM pg_roles WHERE oid = 10"  # the superuser that initdb made
REACHED = "SELECT pg_last_xact_replay_timestamp(), pg_last_wal_replay_lsn()::text"
TARGET_NOT_REACHED = "recovery ended before configured recovery target was reached"
POLL = 0.05  # seconds
# A database that keeps its own configuration elsewhere, as Debian's do, gets this one.
HBA = "local all all peer\nhost all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n"


@dataclass(frozen=True)
class Plan:
    """What will be recovered, and how far. `until` is None for the end of the log."""

    backup: Backup
    chain: list[Backup]
    ways: list[History]  # those that lead on from the backup
    history: History  # the one that is followed
    log: Stretch
    until: datetime | None

    @property
    def forks(self) -> list[str]:
        """Where the ways part, in words."""
        return [way.fork for way in self.ways if way.timeline != self.backup.timeline]


@dataclass(frozen=True)
class Reached:
    """How far recovery came. `newest` is None where nothing was committed after the backup."""

    newest: datetime | None
    lsn: str
    seconds: float
    target_reached: bool


def plan(store: Store, until: datetime | None = None, name: str | None = None, timeline: int | None = None,
         system_id: str | None = None) -> Plan:
    """Choose the backup to begin with, `name` or the newest of the cluster that ended by `until` and leads to
    `timeline`, and the way from there: to `timeline`, else to the newest.

    Raises BackupError, which names what is missing; NotPossible where there are several clusters' and neither `name`
    nor `system_id` says which is meant.
    """
    candidates = [store.named(name)] if name else store.backups(system_id)[::-1]
    if not candidates:
        if system_id and store.backups():
            raise BackupError(f"there is no backup of the server, whose system identifier is {system_id}, in "
                              f"{store.directory}; one of another cluster is used only where --backup names it")
        raise BackupError(f"there is no backup in {store.directory}")
    early_enough = [backup for backup in candidates if until is None or backup.ended <= until]
    if not early_enough:
        raise BackupError(f"nothing before {candidates[-1].ended:%Y-%m-%d %H:%M:%S %Z} can be restored: "
                          f"{candidates[-1].name} is the oldest backup that could be used")
    require_one_cluster(candidates, early_enough, store.directory)
    backup = _leading(store, early_enough, timeline)
    ways = store.ways(backup)
    history = next(way for way in reversed(ways) if timeline in (None, way.timeline))
    log = store.archive(backup).stretch(backup.first_needed, history, _last_needed(store, backup, history, until))
    return Plan(backup, store.chain(backup), ways, history, log, until)


def require_one_cluster(candidates: list[Backup], usable: list[Backup], directory: Path) -> None:
    """Raises NotPossible, which names the newest usable backup of each cluster. Both lists: the newest first."""
    clusters = {backup.system_id for backup in candidates}
    if len(clusters) == 1:
        return
    newest = {backup.system_id: backup.name for backup in reversed(usable)}
    named = ", ".join(f"{name} of the one whose system identifier is {cluster}" for cluster, name in newest.items())
    raise NotPossible(f"{directory} holds backups of {len(clusters)} clusters; say by --backup which to begin with. "
                      f"The newest that could be used: {named}")


def _last_needed(store: Store, backup: Backup, history: History, until: datetime | None) -> float:
    """The number of a segment that comes after everything committed by `until`: that in which a backup ended which was
    begun later."""
    later = [each for each in store.backups(backup.system_id)
             if until and each.begun > until and each.is_before(history)]
    return min((lsn(each.stop) // each.segment_size for each in later), default=math.inf)


def _leading(store: Store, backups: list[Backup], timeline: int | None) -> Backup:
    """The first that leads to the timeline; where none is named the first that was not left behind, if any."""
    if timeline is None:
        return next((backup for backup in backups if not store.is_left_behind(backup)), backups[0])
    known = set()
    for backup in backups:
        timelines = {way.timeline for way in store.ways(backup)}
        if timeline in timelines:
            return backup
        known |= timelines
    others = ", ".join(map(str, sorted(known)))
    raise BackupError(f"no backup of before then leads to timeline {timeline}, but to {others}")


class Recovery:
    """A cluster in `workplace`/data, owned by who can run PostgreSQL. `workplace` is made, and emptied first."""

    def __init__(self, store: Store, plan: Plan, workplace: Path, show: Show = unseen, *, keep: bool) -> None:
        """`keep`: the cluster is to be used afterwards, so it is written to the disk as such."""
        workplace = workplace.resolve()
        self.store, self.plan, self.workplace, self.show, self.keep = store, plan, workplace, show, keep
        self.data, self.log = workplace / "data", workplace / "wal"
        self.fault = self.gap(plan.log.missing) if plan.log.missing else ""  # why the log ends where it does
        self.programs = programs.for_server(plan.backup.major)
        [port] = free_ports(1)
        self.server = Server("restored", "postgres", self.data, port, workplace / "logs" / "restored.log")
        self.sockets = Path(tempfile.gettempdir()) / f"foodshare-{secrets.token_hex(8)}"  # a short path

    def prepare(self) -> None:
        """Make the data directory and lay the log out for it. Raises Damaged, DiskFull, NotConfigured, NotPossible."""
        require_reach(self.workplace)
        self.require_room()
        self.clear()
        self.workplace.mkdir(mode=0o700, parents=True)
        self.check_stored_files()
        with naming_a_full_disk(self.workplace):
            self.unpack()
            self.settle()
            self.lay_out_log()
        self.give_away()

    def require_room(self) -> None:
        segments = len(self.plan.log.segments) * self.plan.backup.segment_size
        wanted = sum(backup.unpacked for backup in self.plan.chain) + self.plan.backup.database + segments + LEAST_FREE
        place = self.workplace.parent
        if room_in(place) < wanted:
            raise DiskFull(f"{room_in(place) // 2**20} MB are free in {place}, and restoring {self.plan.backup.name} "
                           f"needs about {wanted // 2**20} MB")

    def clear(self) -> None:
        """Remove what an interrupted run left, its server first."""
        end_orphans(self.server)
        if self.workplace.exists():
            shutil.rmtree(self.workplace)

    def check_stored_files(self) -> None:
        """Raises Damaged, which names the first file that is not as it was written."""
        names = [(backup, name) for backup in self.plan.chain for name in backup.files]
        for number, (backup, name) in enumerate(names):
            self.show("Checking files", 100 * number // len(names))
            path, stored = self.store.folder(backup) / name, backup.files[name]
            if not path.exists():
                raise Damaged(f"{path} is missing")
            if path.stat().st_size != stored.size or digest(path) != stored.sha256:
                raise Damaged(f"{path} is damaged: it is not as it was written on {backup.ended:%Y-%m-%d %H:%M %Z}")
        self.show("Checking files", 100)

    def unpack(self) -> None:
        """Unpack every copy of the chain, have PostgreSQL check each, and combine them."""
        parts = [self.workplace / f"part{number}" for number in range(len(self.plan.chain))]
        for number, (backup, part) in enumerate(zip(self.plan.chain, parts, strict=True)):
            self.show("Unpacking", 100 * number // len(parts))
            self.unpack_one(backup, part)
            self.verify_one(backup, part)
        if len(parts) == 1:
            parts[0].rename(self.data)
        else:
            self.combine(parts)
        self.show("Unpacking", 100)

    def unpack_one(self, backup: Backup, part: Path) -> None:
        part.mkdir(mode=0o700)
        folder = self.store.folder(backup)
        for name in backup.files:
            if name.startswith(("base.tar", "pg_wal.tar")):
                target = part / "pg_wal" if name.startswith("pg_wal") else part
                with opened(folder / name, self.store.keys, self.workplace) as file:
                    _untar(file, target, folder / name)
        shutil.copyfile(folder / MANIFEST, part / MANIFEST)

    def verify_one(self, backup: Backup, part: Path) -> None:
        """Raises Damaged with what PostgreSQL finds wrong."""
        program = str(self.programs / "pg_verifybackup")
        try:
            programs.run([program, "--quiet", str(part)], programs.environment())
        except BackupError as error:
            raise Damaged(f"{backup.name} is damaged: {error}") from error

    def combine(self, parts: list[Path]) -> None:
        links = ["--link"] if self.plan.backup.major >= 18 else []
        program = str(self.programs / "pg_combinebackup")
        programs.run([program, *links, "--no-sync", *map(str, parts), "--output", str(self.data)],
                     programs.environment())
        for part in parts:
            shutil.rmtree(part)

    def settle(self) -> None:
        """Take out of the copy what would make the server wait for others, or follow one."""
        for name in OUT_OF_PLACE:
            (self.data / name).unlink(missing_ok=True)
        (self.data / "recovery.signal").touch(mode=0o600)
        automatic = self.data / "postgresql.auto.conf"
        lines = automatic.read_text().splitlines() if automatic.exists() else []
        kept = [line for line in lines if not re.match(r"\s*(synchronous_standby_names|primary_\w+|recovery_\w+"
                                                       r"|restore_command|archive_\w+)\s*=", line)]
        automatic.write_text("\n".join([*kept, "synchronous_standby_names = ''", ""]))
        for name, text in ((CONFIGURATION, ""), ("pg_hba.conf", HBA), ("pg_ident.conf", "")):
            if not (self.data / name).exists():
                (self.data / name).write_text(text)

    def lay_out_log(self) -> None:
        """Unpack the segments that recovery will read, up to the first that is damaged."""
        self.log.mkdir(mode=0o700)
        archive, segments = self.store.archive(self.plan.backup), self.plan.log.segments
        for number, segment in enumerate(segments):
            self.show("Unpacking the log", 100 * number // len(segments))
            target = self.log / segment.name(archive.segment_size)
            try:
                archive.fetch(segment, target)
            except Damaged as error:
                target.unlink(missing_ok=True)
                self.fault = f"{error}; what was committed in it and later cannot be restored"
                break
        if archive.directory.is_dir():
            archive.fetch_histories(self.log)
        self.show("Unpacking the log", 100)

    def give_away(self) -> None:
        """As root, to the user that PostgreSQL is run as."""
        if os.geteuid() == 0:
            uid, gid = user_for(self.plan.backup.major)
            for path in (self.workplace, *self.workplace.rglob("*")):
                os.chown(path, uid, gid, follow_symlinks=False)
        self.data.chmod(0o700)

    def recover(self) -> Reached:
        """Replay the log and leave the server running, on a timeline of its own. Raises WalMissing, BackupError."""
        self.show("Recovering", 0)
        started, until = time.monotonic(), self.plan.until
        since = self.launch(until)
        reached = self.settled()
        if not reached and until and TARGET_NOT_REACHED in log_tail(self.server.log, since):
            if self.fault:
                raise WalMissing(self.fault)
            since = self.launch(None)  # nothing was committed between the end of the archive and then
            if not self.settled():
                raise self.failure(since)
            until = None
        elif not reached:
            raise self.failure(since)
        elif until:
            self.fault = ""  # it is of later
        self.show("Recovering", 100)
        newest, place = self.ask(REACHED)
        return Reached(newest, place or self.plan.backup.stop, time.monotonic() - started,
                       target_reached=self.plan.until is None or until is not None)

    def gap(self, segment: str) -> str:
        return (f"the WAL segment {segment} is missing from {self.store.archive(self.plan.backup).directory}; "
                "what was committed in it and later cannot be restored")

    def failure(self, since: int) -> BackupError:
        said = log_tail(self.server.log, since)
        return programs.failure(f"recovery of {self.plan.backup.name} failed; the server says:\n{said}")

    def launch(self, until: datetime | None) -> int:
        """Start recovery; returns where in the server's log it begins."""
        if not self.sockets.exists():
            self.sockets.mkdir(mode=0o700)
            os.chown(self.sockets, *owner_of(self.workplace))
        since = self.server.log.stat().st_size if self.server.log.exists() else 0
        self.server.pid_file.unlink(missing_ok=True)
        options = (part for item in self.options(until).items() for part in ("-c", f"{item[0]}={item[1]}"))
        self.child = spawn(self.server, [str(self.programs / "postgres"), "-D", str(self.data), *options], Path("/"))
        return since

    def options(self, until: datetime | None) -> dict[str, str]:
        """For this run only; they stand above whatever the configuration in the copy says."""
        hba, empty = self.workplace / "hba.conf", self.workplace / "empty.conf"
        hba.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        empty.write_text("")
        for path in (hba, empty):
            os.chown(path, *owner_of(self.workplace))
        moment = until.astimezone(UTC).isoformat() if until else ""
        return {
            "config_file": str(empty), "hba_file": str(hba), "ident_file": str(empty),
            "listen_addresses": "127.0.0.1", "port": str(self.server.port),
            "unix_socket_directories": str(self.sockets), "hot_standby": "off", "shared_buffers": "128MB",
            "max_connections": "50", "max_prepared_transactions": "50", "max_wal_senders": "0", "wal_level": "replica",
            "dynamic_shared_memory_type": "sysv", "jit": "off", "autovacuum": "off", "archive_mode": "off",
            "synchronous_standby_names": "", "primary_conninfo": "", "shared_preload_libraries": "",
            "fsync": "on" if self.keep else "off", "timezone": "UTC", "log_timezone": "UTC", "log_line_prefix": "%m ",
            "restore_command": f"cp {shlex.quote(str(self.log)).replace('%', '%%')}/%f %p",
            "recovery_target_action": "promote",
            "recovery_target_timeline": str(self.plan.history.timeline),
            **({"recovery_target_time": moment} if moment else {}),
        }  # fmt: skip

    def settled(self) -> bool:
        """Wait until recovery is over; False when the server ended."""
        while self.child.poll() is None:
            try:
                lines = self.server.pid_file.read_text().splitlines()
            except OSError:
                lines = []
            if len(lines) > 7 and lines[7].strip() == "ready":
                return True
            time.sleep(POLL)
        return False

    def ask(self, statement: Any, user: str | None = None) -> Any:
        """Ask the restored server, as its superuser."""
        with self.connect(user or self.superuser()) as connection:
            return connection.execute(statement).fetchone()

    def superuser(self) -> str:
        """Found out as any role that is there."""
        for name in ("postgres", *self.known_roles()):
            try:
                with self.connect(name) as connection:
                    [found] = connection.execute(BOOTSTRAP).fetchone() or [name]
                    return str(found)
            except psycopg.OperationalError:
                continue
        raise BackupError("no known role can log in to the restored server")

    def known_roles(self) -> Iterator[str]:
        yield from (settings.OWNER_ROLE, settings.RUNTIME_ROLE)

    def connect(self, user: str, database: str = "template1") -> "psycopg.Connection[Any]":
        return psycopg.connect(host=str(self.sockets), port=self.server.port, user=user, dbname=database,
                               autocommit=True)

    def set_passwords(self, passwords: dict[str, str]) -> None:
        """Give roles that are there new passwords, for this copy only."""
        with self.connect(self.superuser()) as connection:
            for role, password in passwords.items():
                if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(password)))

    def stop(self) -> None:
        end(self.server, signal.SIGINT, patience=60.0)
        shutil.rmtree(self.sockets, ignore_errors=True)


def _untar(file: Any, target: Path, name: Path) -> None:
    target.mkdir(mode=0o700, exist_ok=True)
    try:
        with tarfile.open(fileobj=file, mode="r|") as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", _as_it_is)  # 3.11.4 has one
            tar.extractall(target)  # noqa: S202 - what PostgreSQL wrote, and nobody has changed since
    except tarfile.TarError as error:
        raise Damaged(f"{name} is damaged: {error}") from error


def _as_it_is(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo:
    return member


def user_for(major: int) -> tuple[int, int]:
    """Whom root runs PostgreSQL as: the embedded one as nobody, Debian's as postgres."""
    users = {entry.pw_name: entry for entry in pwd.getpwall()}
    own = major == programs.embedded_major() and not settings.POSTGRESQL_BIN
    entry = users["nobody"] if own or "postgres" not in users else users["postgres"]
    return entry.pw_uid, entry.pw_gid


def require_reach(directory: Path) -> None:
    """Refuse, as root, a place that the user PostgreSQL runs as cannot come to. Raises NotPossible."""
    closed = [path for path in directory.parents if path.exists() and not path.stat().st_mode & 0o001]
    if os.geteuid() == 0 and closed:
        raise NotPossible(f"{directory}: PostgreSQL does not run as root, and other users may not pass {closed[0]}; "
                          "choose a directory below /var/lib, for instance")
