"""Taking a backup: `pg_basebackup` into a folder under another name, which is renamed when all of it is on the disk."""

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from ops.backups import programs
from ops.backups.errors import BackupError, Damaged, DiskFull, NotIncremental, NotPossible
from ops.backups.files import ENCRYPTED, digest, naming_a_full_disk
from ops.backups.source import Identity, Source
from ops.backups.store import (
    DESCRIPTION,
    FULL,
    INCREMENTAL,
    LEAST_FREE,
    MANIFEST,
    UNFINISHED,
    Backup,
    Store,
    StoredFile,
    name_of,
    room_in,
    write_json,
)
from ops.disk import sync

FULL_EVERY = timedelta(days=7) - timedelta(hours=2)  # as it is taken daily, at about the same hour
SHRINKS_TO = 0.5  # of the database, where no full backup has told yet; 0.2 is usual
SOURCE_LACKS = ("WAL summar", "manifest", "required WAL", "incremental")  # in why it gives no incremental one
STANDS_STILL = "little activity"  # in why a standby gives none

Show = Callable[[str, int], None]  # step, percent


def unseen(step: str, percent: int) -> None:
    """Show nothing."""


def take(source: Source, store: Store, kind: str | None = None, *, from_replica: bool = False,
         show: Show = unseen) -> tuple[Backup, str]:
    """Take a backup, full or incremental; where none is asked for, incremental if there is a young enough full one and
    the server can. Then remove what need not be kept. Returns the backup, and why it is of another kind than usual.

    Raises BackupError: NotNow, NotIncremental, NotPossible, DiskFull.
    """
    try:
        with store.taking():
            store.clear_unfinished()
            identity = source.identify()
            parent, why = choose_parent(store, identity, kind, datetime.now(UTC))
            origin = source.at_standby() if from_replica else source
            backup, otherwise = _take(Taking(origin, source, store, identity, source.size(), parent), kind, show)
            store.prune(identity.system_id, datetime.now(UTC))
    except psycopg.Error as error:
        raise BackupError(f"DATABASE_OWNER_URL: {error}".strip()) from error
    return backup, otherwise or why


def _take(taking: "Taking", kind: str | None, show: Show) -> tuple[Backup, str]:
    """Take it, or what can be taken where no incremental one can: of the primary, else a full one."""
    try:
        return taking.run(show), ""
    except NotIncremental as error:
        if STANDS_STILL in str(error) and taking.origin != taking.source:
            backup, otherwise = _take(replace(taking, origin=taking.source), kind, show)
            why = "the standby has had no checkpoint since the last backup, so it was taken from the primary"
            return backup, ", ".join(filter(None, (why, otherwise)))
        if kind == INCREMENTAL:
            raise
        return replace(taking, parent=None).run(show), f"full, as {error}"


def choose_parent(store: Store, identity: Identity, kind: str | None, now: datetime) -> tuple[Backup | None, str]:
    """The backup to base this one on, if any, and why there is none. Raises NotIncremental, NotPossible."""
    if kind == FULL:
        return None, ""
    if identity.major < 17:
        if kind == INCREMENTAL:
            raise NotPossible(f"PostgreSQL {identity.major} gives full backups only; incremental ones need 17")
        return None, f"full, as PostgreSQL {identity.major} gives no incremental ones"
    parent, why = _latest(store, identity, kind, now)
    if parent is None and kind == INCREMENTAL:
        raise NotIncremental(why)
    return parent, f"full, as {why}" if why else ""


def _latest(store: Store, identity: Identity, kind: str | None, now: datetime) -> tuple[Backup | None, str]:
    chains = store.chains(identity.system_id)
    if not chains:
        return None, f"there is no full backup of this server in {store.directory}"
    if chains[-1][0].major != identity.major:
        return None, f"the last full backup is of PostgreSQL {chains[-1][0].major}"
    if not chains[-1][-1].is_before(identity.history):
        return None, f"{chains[-1][-1].name} is of before the server went another way"
    if damaged := [each.name for each in chains[-1] if (verdict := store.verdict(each)) and not verdict.restorable]:
        return None, f"{damaged[-1]} cannot be restored"
    if not identity.summarizes:
        return None, "summarize_wal is off; ALTER SYSTEM SET summarize_wal = 'on'; then SELECT pg_reload_conf();"
    if kind is None and now - chains[-1][0].ended > FULL_EVERY:
        return None, ""
    return chains[-1][-1], ""


@dataclass(frozen=True)
class Taking:
    """One backup in the making: `origin` is the server that is copied, `source` its primary."""

    origin: Source
    source: Source
    store: Store
    identity: Identity
    database: int  # bytes
    parent: Backup | None

    @property
    def kind(self) -> str:
        return INCREMENTAL if self.parent else FULL

    def run(self, show: Show) -> Backup:
        begun, started = self.source.now(), time.monotonic()
        name = name_of(begun, self.kind)
        folder, copied = (place / f"{name}{UNFINISHED}" for place in (self.store.directory, self.store.places[-1]))
        self.require_room()
        show(f"Backup ({self.kind})", 0)
        try:
            self.copy(copied, lambda percent: show(f"Backup ({self.kind})", percent))
            show(f"Backup ({self.kind})", 100)
            with naming_a_full_disk(self.store.directory):
                if copied != folder:
                    self.encrypt(copied, folder)
                backup = self.describe(folder, name, begun, started)
                write_json(folder / DESCRIPTION, asdict(backup))
                sync(folder)
                folder.rename(self.store.directory / name)
                sync(self.store.directory)
        except BaseException:
            self.store.clear_unfinished()
            raise
        return backup

    def require_room(self) -> None:
        """Refuse early what would fail halfway. A copy and the encrypted one are there at once, maybe on one disk."""
        copies = Counter(place.stat().st_dev for place in self.store.places)
        for place in self.store.places:
            free, wanted = room_in(place), copies[place.stat().st_dev] * self.expected_size() + LEAST_FREE
            if free < wanted:
                raise DiskFull(f"{free // 2**20} MB are free in {place}, and this {self.kind} backup needs about "
                               f"{wanted // 2**20} MB")

    def expected_size(self) -> int:
        """Bytes, going by the last backup of this kind."""
        past = [each for each in self.store.backups(self.identity.system_id) if each.kind == self.kind]
        if self.kind == INCREMENTAL:
            return past[-1].size if past else 0
        return int(self.database * (past[-1].size / past[-1].database if past else SHRINKS_TO))

    def copy(self, folder: Path, show: Callable[[int], None]) -> None:
        address, variables = programs.connection(self.origin.url)
        command = [
            str(programs.for_client(self.identity.major, self.origin.url) / "pg_basebackup"), "--dbname", address,
            "--pgdata", str(folder), "--format", "tar", "--compress", "client-gzip:1", "--wal-method", "stream",
            "--checkpoint", "fast", "--no-password", "--progress", "--label", "foodshare",
        ]  # fmt: skip
        if self.parent:
            command += ["--incremental", str(self.store.folder(self.parent) / MANIFEST)]
        try:
            programs.run(command, variables, show)
        except DiskFull as error:
            raise DiskFull(f"no space is left in {folder.parent}: {error}") from error
        except BackupError as error:
            if self.parent and any(word in str(error) for word in SOURCE_LACKS):
                raise NotIncremental(f"the server gives no incremental one: {error}") from error
            raise

    def encrypt(self, copied: Path, folder: Path) -> None:
        """But for the manifest, which the next incremental backup needs, and which tells names and sums only."""
        folder.mkdir(mode=0o700)
        shutil.copyfile(copied / MANIFEST, folder / MANIFEST)
        for path in copied.glob("*.tar.gz"):
            self.store.keys.encrypt(path, folder / f"{path.name}{ENCRYPTED}")
        shutil.rmtree(copied)

    def describe(self, folder: Path, name: str, begun: datetime, started: float) -> Backup:
        manifest = read_manifest(folder)
        ranges = manifest["WAL-Ranges"]
        files = {path.name: StoredFile(path.stat().st_size, digest(path)) for path in sorted(folder.iterdir())}
        for path in folder.iterdir():
            path.chmod(0o600)
            sync(path)
        return Backup(
            name=name, kind=self.kind, parent=self.parent.name if self.parent else None,
            system_id=self.identity.system_id, version=self.identity.version,
            segment_size=self.identity.segment_size, timeline=ranges[-1]["Timeline"], start=ranges[0]["Start-LSN"],
            stop=ranges[-1]["End-LSN"], begun=begun, ended=self.source.now(),
            seconds=round(time.monotonic() - started, 2), size=sum(file.size for file in files.values()),
            unpacked=sum(file["Size"] for file in manifest["Files"]), database=self.database,
            from_replica=self.origin != self.source, files=files,
        )  # fmt: skip


def read_manifest(folder: Path) -> dict[str, Any]:
    """PostgreSQL's account of a backup. Raises Damaged."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise Damaged(f"{folder / MANIFEST} cannot be read: {error}") from error
    return manifest
