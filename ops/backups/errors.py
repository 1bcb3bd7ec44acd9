"""What can go wrong with backups; every message says what is wrong, and by name what is missing or damaged."""


class BackupError(RuntimeError):
    """Anything that backups cannot do. Catch this one; its text is fit for the user."""


class NotConfigured(BackupError):
    """A setting is missing."""


class NotPossible(BackupError):
    """What was asked for cannot be done here, whatever state the backups are in."""


class NotNow(BackupError):
    """Another process works on the same backups."""


class NotIncremental(BackupError):
    """There is nothing that an incremental backup could be based on."""


class Damaged(BackupError):
    """A stored file is missing, or is not as it was written."""


class WalMissing(BackupError):
    """The archive has a gap before the moment asked for."""


class DiskFull(BackupError):
    """No room is left."""
