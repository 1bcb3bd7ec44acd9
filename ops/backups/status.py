"""How the backups are: what there is, how old, what is wrong. Nothing here changes anything."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from ops.backups.receiver import SLOT
from ops.backups.source import Slot, Source
from ops.backups.store import FULL, LEAST_FREE, Backup, Store, Verdict, room_in

TOO_OLD = timedelta(hours=26)  # of the newest backup, as there is one a day
UNVERIFIED = timedelta(days=8)  # as there is a verification a week


@dataclass(frozen=True)
class Status:
    """Everything known; `findings` say in words what is wrong."""

    at: datetime
    backups: list[Backup]
    verified: tuple[Backup, Verdict] | None  # the last verification
    slot: Slot | None
    archived: int  # bytes of the archived log
    missing: str | None  # the first segment that the newest backup needs and the archive lacks
    free: int  # bytes, in BACKUP_DIR
    findings: list[str]

    @property
    def newest(self) -> Backup | None:
        return self.backups[-1] if self.backups else None

    def newest_full(self) -> Backup | None:
        return next((backup for backup in reversed(self.backups) if backup.kind == FULL), None)


def status(source: Source, store: Store, now: datetime | None = None) -> Status:
    now = now or datetime.now(UTC)
    backups, findings = store.backups(), []
    slot = None
    try:
        slot = source.slot(SLOT)
        findings += _of_slot(slot)
    except psycopg.Error as error:
        findings.append(f"the server does not answer: {error}".strip())
    missing = missing_after(store, backups[-1]) if backups else None
    verified = last_verified(store, backups)
    if backups and store.is_left_behind(backups[-1]):
        findings.append(f"{backups[-1].name} is of before the server went another way: another backup is needed")
    findings += _of_archive(store, backups[-1], slot) if backups and slot else []
    findings += [*_of_backups(backups, missing, now), *_of_older(store, backups, missing),
                 *_of_verification(backups, verified, now)]
    free = {place: room_in(place) for place in store.places}
    findings += [f"only {room // 2**20} MB are free in {place}: nothing is archived until there are more"
                 for place, room in free.items() if room < LEAST_FREE]
    findings += [f"{path} is no backup that can be read" for path in store.unreadable()]
    archived = sum(store.archive(backup).size() for backup in {each.system_id: each for each in backups}.values())
    return Status(now, backups, verified, slot, archived, missing, free[store.directory], findings)


def missing_after(store: Store, backup: Backup) -> str | None:
    """The first segment that is missing from the archive though later ones are there."""
    return store.archive(backup).stretch(backup.first_needed, store.ways(backup)[-1]).missing


def last_verified(store: Store, backups: list[Backup]) -> tuple[Backup, Verdict] | None:
    judged = [(backup, verdict) for backup in backups if (verdict := store.verdict(backup))]
    return max(judged, key=lambda pair: pair[1].at) if judged else None


def _of_slot(slot: Slot | None) -> list[str]:
    if slot is None or not slot.active:
        return ["nobody archives the WAL: run `manage.py worker` or `manage.py archive_wal`"]
    return []


def _of_archive(store: Store, newest: Backup, slot: Slot) -> list[str]:
    """Whoever uses the slot may archive elsewhere. The last segment may be on its way."""
    present = max((segment.number for segment in store.archive(newest).files()), default=-1)
    if slot.active and slot.sent is not None and present < slot.sent // newest.segment_size - 1:
        return [f"the WAL is archived, but not into {store.directory}: BACKUP_DIR is another one there"]
    return []


def _of_backups(backups: list[Backup], missing: str | None, now: datetime) -> list[str]:
    if not backups:
        return ["there is no backup yet"]
    age = now - backups[-1].ended
    findings = [f"the newest backup is {age.total_seconds() / 3600:.0f} hours old"] if age > TOO_OLD else []
    if missing:
        findings.append(f"the WAL segment {missing} is missing after {backups[-1].name}: what was committed since "
                        "cannot be restored until the next backup")
    return findings


def _of_older(store: Store, backups: list[Backup], known: str | None) -> list[str]:
    """Gaps between backups; each is told of with the last one before it."""
    gaps = {missing: each for each in backups[:-1] if (missing := missing_after(store, each)) not in (None, known)}
    return [f"the WAL segment {segment} is missing after {backup.name}: what was committed between it and the next "
            "backup cannot be restored" for segment, backup in gaps.items()]


def _of_verification(backups: list[Backup], verified: tuple[Backup, Verdict] | None, now: datetime) -> list[str]:
    if verified and not verified[1].ok:
        return [f"{verified[0].name} was verified and is of no use: {finding}" for finding in verified[1].findings]
    since = verified[1].at if verified else backups[0].ended if backups else now
    return [f"no backup was verified for {(now - since).days} days"] if now - since > UNVERIFIED else []


def as_dict(found: Status, directory: Path) -> dict[str, Any]:
    """For another program."""
    verified = found.verified
    return {
        "ok": not found.findings, "findings": found.findings, "directory": str(directory), "free": found.free,
        "backups": [{"name": each.name, "kind": each.kind, "ended": each.ended.isoformat(), "size": each.size,
                     "seconds": each.seconds, "from_replica": each.from_replica} for each in found.backups],
        "verified": verified and {"name": verified[0].name, "at": verified[1].at.isoformat(), "ok": verified[1].ok,
                                  "rpo": verified[1].rpo, "rto": verified[1].rto},
        "archive": {"active": bool(found.slot and found.slot.active), "size": found.archived,
                    "behind": found.slot and found.slot.behind, "missing": found.missing},
        "metrics": metrics(found),
    }  # fmt: skip


def metrics(found: Status) -> dict[str, float]:
    """Gauges for a monitoring system, by their names; what is not known is left out."""
    gauges: dict[str, float] = {
        "foodshare_backups": len(found.backups), "foodshare_backup_findings": len(found.findings),
        "foodshare_backup_free_bytes": found.free, "foodshare_wal_archive_bytes": found.archived,
        "foodshare_wal_archive_active": bool(found.slot and found.slot.active),
        "foodshare_wal_archive_gap": bool(found.missing),
    }  # fmt: skip
    for label, backup in (("", found.newest), ("_full", found.newest_full())):
        if backup:
            gauges[f"foodshare_backup{label}_age_seconds"] = (found.at - backup.ended).total_seconds()
            gauges[f"foodshare_backup{label}_size_bytes"] = backup.size
            gauges[f"foodshare_backup{label}_duration_seconds"] = backup.seconds
    if found.slot and found.slot.behind is not None:
        gauges["foodshare_wal_archive_behind_bytes"] = found.slot.behind
    if found.verified:
        gauges |= _of_verdict(found.verified[1], found.at)
    return gauges


def _of_verdict(verdict: Verdict, at: datetime) -> dict[str, float]:
    known = {"foodshare_backup_verified_age_seconds": (at - verdict.at).total_seconds(),
             "foodshare_backup_verified_ok": float(verdict.ok), "foodshare_backup_rto_seconds": verdict.rto}
    return known if verdict.rpo is None else known | {"foodshare_backup_rpo_seconds": verdict.rpo}
