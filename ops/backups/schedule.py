"""When a backup and a verification are due. Asked hourly, so that a machine that was off at night catches up."""

from datetime import datetime, timedelta

from ops.backups.errors import BackupError, NotNow
from ops.backups.source import Source
from ops.backups.status import last_verified, missing_after
from ops.backups.store import Backup, Store, Verdict
from ops.backups.take import take
from ops.backups.verify import verify

QUIET_HOUR = 1  # of UTC
SINCE_LAST = timedelta(hours=12)  # then one is taken in the quiet hour
OVERDUE = timedelta(hours=25)  # then one is taken at any hour
VERIFY_EVERY = timedelta(days=7)


def backup_is_due(newest: Backup | None, now: datetime, *, usable: bool = True) -> bool:
    """`usable`: whether the newest can be restored, with all that was written since."""
    if newest is None or not usable:
        return True
    age = now - newest.ended
    return age > OVERDUE or (now.hour == QUIET_HOUR and age > SINCE_LAST)


def verification_is_due(backups: list[Backup], last: tuple[Backup, Verdict] | None, now: datetime) -> bool:
    """A week after the last one; where that could not be restored, as soon as there is another backup."""
    if not backups:
        return False
    if last and not last[1].restorable:
        return backups[-1].name != last[0].name
    return now - (last[1].at if last else backups[0].ended) > VERIFY_EVERY


def back_up_if_due(now: datetime) -> Backup | None:
    """Raises BackupError."""
    source, store = Source.configured(), Store.configured()
    backups = store.backups(source.identify().system_id)
    newest = backups[-1] if backups else None
    if not backup_is_due(newest, now, usable=newest is None or is_usable(store, newest)):
        return None
    try:
        return take(source, store)[0]
    except NotNow:
        return None  # somebody else takes one


def is_usable(store: Store, backup: Backup) -> bool:
    """Whether it can be restored, with all that was archived since, and is good, as far as is known."""
    if store.is_left_behind(backup) or missing_after(store, backup):
        return False
    verdict = store.verdict(backup)
    return verdict is None or verdict.ok


def verify_if_due(now: datetime) -> bool:
    """Raises BackupError, which names what is wrong with the backup."""
    source, store = Source.configured(), Store.configured()
    if store.keys.recipients and not store.keys.identity:
        return False  # whoever has the key verifies
    backups = store.backups()
    if not verification_is_due(backups, last_verified(store, backups), now):
        return False
    found = verify(source, store)
    if not found.ok:
        raise BackupError(f"{found.backup.name} is of no use: {'; '.join(found.findings)}")
    return True
