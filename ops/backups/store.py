"""What is stored: backups, one folder each, and the archived write-ahead log beside them.

    <BACKUP_DIR>/20261122T011000.123Z-full/         *.tar.gz, backup_manifest, backup.json, verified.json
    <BACKUP_DIR>/20261123T011000.234Z-incremental/  the same, of what changed since the one before
    <BACKUP_DIR>/wal-<system identifier>/           segments by PostgreSQL's names; incoming/ is being received

A folder gets its name when all of it is on the disk, and backup.json tells what is in it: the folders are the
catalogue. Where backups are encrypted, what is not yet is below FOODSHARE_DATA_DIR, and never here.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from ops.backups.archive import Archive
from ops.backups.errors import BackupError, Damaged, NotNow
from ops.backups.files import NO_KEYS, Keys, write_whole
from ops.backups.places import History, lsn

NAME = r"\d{8}T\d{6}\.\d{3}Z-(full|incremental)"
UNFINISHED = ".new"
MANIFEST = "backup_manifest"
DESCRIPTION, VERDICT = "backup.json", "verified.json"
FULL, INCREMENTAL = "full", "incremental"
LEAST_FREE = 128 * 2**20  # bytes that are left on a disk: the database may be on the same


@dataclass(frozen=True)
class StoredFile:
    size: int  # bytes
    sha256: str


@dataclass(frozen=True)
class Backup:
    """One backup. LSNs are PostgreSQL's, sizes bytes."""

    name: str
    kind: str  # full or incremental
    parent: str | None  # the backup that an incremental one is based on
    system_id: str
    version: int  # as server_version_num
    segment_size: int
    timeline: int
    start: str  # LSN from which its recovery reads the log
    stop: str  # LSN at which it is consistent
    begun: datetime
    ended: datetime  # by the primary's clock; nothing earlier can be restored from it
    seconds: float
    size: int  # as stored
    unpacked: int
    database: int  # bytes of all databases when it was taken
    from_replica: bool
    files: dict[str, StoredFile] = field(repr=False)

    @property
    def major(self) -> int:
        return self.version // 10_000

    @property
    def start_segment(self) -> int:
        """The number of the segment that its recovery begins in."""
        return lsn(self.start) // self.segment_size

    @property
    def first_needed(self) -> int:
        """The number of the segment from which on it needs the archive. A primary begins a new one when a backup ends,
        and the backup has the one before whole; a standby cannot."""
        return lsn(self.stop) // self.segment_size + (0 if self.from_replica else 1)

    def is_before(self, history: History) -> bool:
        """Whether it is in the past of that timeline."""
        return history.includes(self.timeline, lsn(self.stop))


@dataclass(frozen=True)
class Verdict:
    """How a verification of a backup ended."""

    at: datetime
    ok: bool
    findings: list[str]
    rpo: float | None  # seconds
    rto: float  # 0 where nothing could be restored

    @property
    def restorable(self) -> bool:
        return self.rto > 0


@dataclass(frozen=True)
class Store:
    directory: Path
    keys: Keys = NO_KEYS
    keep_full: int = 2
    keep_days: int = 14

    @classmethod
    def configured(cls) -> "Store":
        recipients, identity = (Path(name) if name else None
                                for name in (settings.BACKUP_RECIPIENTS, settings.BACKUP_IDENTITY))
        return cls(settings.BACKUP_DIR, Keys(recipients, identity), settings.BACKUP_KEEP_FULL,
                   settings.BACKUP_KEEP_DAYS)

    @property
    def tag(self) -> str:
        """A short name for it, the same every time: what a killed run left elsewhere is found by it."""
        return hashlib.sha256(bytes(self.directory)).hexdigest()[:10]

    @property
    def staging(self) -> Path:
        """Where what is to be encrypted is until then: with the database, on no other machine."""
        directory: Path = settings.FOODSHARE_DATA_DIR / f"staging.{self.tag}"
        return directory

    @property
    def places(self) -> list[Path]:
        """Where room is needed; what is not encrypted yet comes to the last."""
        return [self.directory, self.staging] if self.keys.recipients else [self.directory]

    def prepare(self) -> None:
        """Make the directories, for nobody else to read. Raises BackupError."""
        for place in self.places:
            try:
                place.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                name = "BACKUP_DIR" if place == self.directory else "FOODSHARE_DATA_DIR"
                raise BackupError(f"{name}: {place} cannot be made: {error.strerror}") from error

    def backups(self, system_id: str | None = None) -> list[Backup]:
        """The whole ones, oldest first; of all clusters or of one."""
        found = (self.read(folder) for folder in folders(self.directory))
        return [backup for backup in found if backup and system_id in (None, backup.system_id)]

    def unreadable(self) -> list[Path]:
        """Folders that bear a finished backup's name and do not tell what they are."""
        return [folder for folder in folders(self.directory) if self.read(folder) is None]

    def named(self, name: str) -> Backup:
        """Raises BackupError, which names those that there are."""
        for backup in self.backups():
            if backup.name == name:
                return backup
        known = ", ".join(backup.name for backup in self.backups()) or "none"
        raise BackupError(f"there is no backup {name!r} in {self.directory}; there are: {known}")

    def chain(self, backup: Backup) -> list[Backup]:
        """What is needed to restore it: a full backup and the incremental ones up to it. Raises Damaged."""
        by_name = {each.name: each for each in self.backups(backup.system_id)}
        chain = [backup]
        while parent := chain[-1].parent:
            if parent not in by_name:
                raise Damaged(f"{chain[-1].name} is based on {parent}, which is missing from {self.directory}")
            chain.append(by_name[parent])
        return chain[::-1]

    def chains(self, system_id: str) -> list[list[Backup]]:
        """A cluster's full backups, oldest first, each with what is based on it."""
        chains: dict[str, list[Backup]] = {}
        for backup in self.backups(system_id):
            with suppress(Damaged):
                chains.setdefault(self.chain(backup)[0].name, []).append(backup)
        return [chains[name] for name in sorted(chains)]

    def folder(self, backup: Backup) -> Path:
        return self.directory / backup.name

    def archive(self, backup: Backup) -> Archive:
        return self.archive_of(backup.system_id, backup.segment_size)

    def archive_of(self, system_id: str, segment_size: int) -> Archive:
        name = f"wal-{system_id}"
        return Archive(self.directory / name, segment_size, self.keys, self.staging / name)

    def histories(self, backup: Backup) -> list[History]:
        """Of the timelines that are known of, the oldest first; at least the backup's own."""
        return self.archive(backup).histories() or [History.parsed(backup.timeline, ())]

    def ways(self, backup: Backup) -> list[History]:
        """Of the timelines that lead on from a backup, the oldest first; at least its own."""
        found = [history for history in self.histories(backup) if backup.is_before(history)]
        return found or [History.parsed(backup.timeline, ())]

    def is_left_behind(self, backup: Backup) -> bool:
        """Whether the server, restored to a moment before it for instance, has gone another way since, as far as the
        archive tells."""
        return self.ways(backup)[-1].timeline < self.histories(backup)[-1].timeline

    def read(self, folder: Path) -> Backup | None:
        """What the folder says it is; None when it does not."""
        try:
            fields = json.loads((folder / DESCRIPTION).read_text())
            fields["files"] = {name: StoredFile(**stored) for name, stored in fields["files"].items()}
            fields |= {name: datetime.fromisoformat(fields[name]) for name in ("begun", "ended")}
            return Backup(**fields)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def verdict(self, backup: Backup) -> Verdict | None:
        """How its last verification ended; None before the first."""
        try:
            fields = json.loads((self.folder(backup) / VERDICT).read_text())
            return Verdict(**fields | {"at": datetime.fromisoformat(fields["at"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def judge(self, backup: Backup, verdict: Verdict) -> None:
        """Keep how a verification ended."""
        write_json(self.folder(backup) / VERDICT, asdict(verdict))

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Take backups alone. Raises NotNow while another process does."""
        self.prepare()
        with (self.directory / "taking.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise NotNow(f"another process is taking a backup into {self.directory}") from None
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Have nothing removed meanwhile."""
        self.prepare()
        with (self.directory / "reading.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield

    def clear_unfinished(self) -> None:
        """Remove what a killed backup left. Call it with the lock held."""
        for place in (self.directory, self.staging):
            for folder in folders(place, UNFINISHED):
                shutil.rmtree(folder)

    def prune(self, system_id: str, now: datetime) -> list[str]:
        """Remove what need not be kept, and the log before the first place that a kept backup begins at; returns which
        backups. Nothing while somebody reads them.

        The first place need not be the oldest backup's: where a copy restored to the past was put in service, the log
        was begun anew from there, on a timeline of its own. Every segment that a backup needs, on whichever timeline,
        comes after its own start, so none before the lowest start is needed; what an abandoned timeline has above it
        goes later.
        """
        chains = self.chains(system_id)
        doomed = past(chains, now, self.keep_full, self.keep_days)
        with (self.directory / "reading.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return []
            for backup in reversed([backup for chain in doomed for backup in chain]):  # never a parent before its child
                self._remove(backup)
            if kept := [backup for chain in chains[len(doomed):] for backup in chain]:
                self.archive(kept[0]).prune(min(backup.start_segment for backup in kept))
        return [backup.name for chain in doomed for backup in chain]

    def _remove(self, backup: Backup) -> None:
        """Under another name at first: what is half removed must not look like a backup."""
        unfinished = self.directory / f"{backup.name}{UNFINISHED}"
        self.folder(backup).rename(unfinished)
        shutil.rmtree(unfinished)


def folders(place: Path, ending: str = "") -> list[Path]:
    """The folders in it that are named as backups are, oldest first; whatever else is there is somebody else's."""
    if not place.is_dir():
        return []
    return sorted(path for path in place.iterdir()
                  if re.fullmatch(NAME + re.escape(ending), path.name) and path.is_dir())


def name_of(begun: datetime, kind: str) -> str:
    moment = begun.astimezone(UTC)
    return f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03}Z-{kind}"


def past(chains: list[list[Backup]], now: datetime, keep_full: int, keep_days: int) -> list[list[Backup]]:
    """Of chains, oldest first, those that are beyond `keep_full` and that no moment within `keep_days` needs."""
    since = now - timedelta(days=keep_days)
    older = chains[:-keep_full]
    return [chain for chain, following in zip(older, chains[1:], strict=False) if following[0].ended < since]


def write_json(path: Path, value: dict[str, Any]) -> None:
    text = json.dumps(value, indent=1, default=_as_text)
    write_whole(path, lambda temporary: _write(temporary, text))


def _write(path: Path, text: str) -> None:
    path.write_text(text)


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{value!r} is not JSON")


def room_in(directory: Path) -> int:
    """Free bytes where it is or is going to be, as far as one may use them."""
    volume = os.statvfs(next(path for path in (directory, *directory.parents) if path.exists()))
    return volume.f_bavail * volume.f_frsize
