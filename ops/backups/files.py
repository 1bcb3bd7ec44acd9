"""Stored files: compressed, encrypted if so wished, written whole or not at all, and read back with a check."""

import gzip
import hashlib
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyrage
from pyrage import x25519

from ops.backups.errors import Damaged, DiskFull, NotConfigured
from ops.disk import sync

ENCRYPTED = ".age"
COMPRESSED = ".gz"
BETWEEN = ".packing."
FAST = 1  # gzip's level: a fifth of the size for a fifth of the time that the next levels take
NO_SPACE = (28, 122)  # ENOSPC, EDQUOT
CHUNK = 2**20
OTHER_KEY = "No matching keys"  # in what age says


@dataclass(frozen=True)
class Keys:
    """age's files: `recipients` for whom files are encrypted, one a line; `identity` opens them. Either may be None."""

    recipients: Path | None = None
    identity: Path | None = None

    def encrypt(self, source: Path, target: Path) -> None:
        """Raises NotConfigured where the recipients cannot be read."""
        recipients = [_recipient(line) for line in _lines(self.recipients, "BACKUP_RECIPIENTS")]
        with source.open("rb") as plain, target.open("wb") as sealed:
            pyrage.encrypt_io(plain, sealed, recipients)

    def decrypt(self, source: Path, target: Path) -> None:
        """Raises Damaged, or NotConfigured where there is no key, or another one."""
        identities = [_identity(line) for line in _lines(self.identity, "BACKUP_IDENTITY")]
        try:
            with source.open("rb") as sealed, target.open("wb") as plain:
                pyrage.decrypt_io(sealed, plain, identities)
        except (pyrage.DecryptError, OSError) as error:  # age tells by an OSError too, of no number
            if isinstance(error, OSError) and error.errno:
                raise
            if OTHER_KEY in str(error):
                raise NotConfigured(f"BACKUP_IDENTITY: {self.identity} holds no key for {source}") from error
            raise Damaged(f"{source} cannot be decrypted with {self.identity}: {error}") from error


NO_KEYS = Keys()


def _lines(path: Path | None, setting: str) -> list[str]:
    if path is None:
        raise NotConfigured(f"{setting} is not set: the backup is encrypted, and this file of age's is needed for it")
    try:
        lines = [line.strip() for line in path.read_text().splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise NotConfigured(f"{setting}: {path} cannot be read: {error}") from error
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise NotConfigured(f"{setting}: {path} holds no key")
    return found


def _recipient(line: str) -> Any:
    try:
        return x25519.Recipient.from_str(line)
    except pyrage.RecipientError as error:
        raise NotConfigured(f"BACKUP_RECIPIENTS: {line!r} is no recipient of age's: {error}") from None


def _identity(line: str) -> Any:
    try:
        return x25519.Identity.from_str(line)
    except pyrage.IdentityError as error:
        raise NotConfigured(f"BACKUP_IDENTITY holds what is no key of age's: {error}") from None


@contextmanager
def naming_a_full_disk(place: Path) -> Iterator[None]:
    """Turn the system's word for a full disk into DiskFull, which names where."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_SPACE:
            raise DiskFull(f"no space is left in {place}") from error
        raise


def write_whole(target: Path, write: Callable[[Path], None]) -> None:
    """Have `write` make a file, which gets its name when the disk holds it. Raises DiskFull."""
    temporary = target.with_name(f".{target.name}.new")
    try:
        with naming_a_full_disk(target.parent):
            write(temporary)
            temporary.chmod(0o600)
            sync(temporary)
            temporary.replace(target)
            sync(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def pack(source: Path, target: Path, keys: Keys) -> Path:
    """Store `source` as `target` with the endings of what was done to it; returns that."""
    compressed = target.with_name(target.name + COMPRESSED)
    if keys.recipients is None:
        write_whole(compressed, lambda path: _compress(source, path))
        return compressed
    sealed = compressed.with_name(compressed.name + ENCRYPTED)
    between = source.with_name(f"{BETWEEN}{source.name}")  # it stays where the source may lie unencrypted
    try:
        with naming_a_full_disk(source.parent):
            _compress(source, between)
        write_whole(sealed, lambda path: keys.encrypt(between, path))
    finally:
        between.unlink(missing_ok=True)
    return sealed


def _compress(source: Path, target: Path) -> None:
    with source.open("rb") as plain, gzip.open(target, "wb", compresslevel=FAST) as packed:
        shutil.copyfileobj(plain, packed, CHUNK)


@contextmanager
def opened(path: Path, keys: Keys, room: Path) -> Iterator[gzip.GzipFile | IO[bytes]]:
    """Read what `pack` stored; `room` holds a decrypted file meanwhile. Raises Damaged when it is not as written."""
    try:
        if path.suffix == ENCRYPTED:
            with tempfile.NamedTemporaryFile(dir=room) as plain:
                keys.decrypt(path, Path(plain.name))
                with gzip.open(plain.name) as unpacked:
                    yield unpacked
        elif path.suffix == COMPRESSED:
            with gzip.open(path) as unpacked:
                yield unpacked
        else:
            with path.open("rb") as unpacked:
                yield unpacked
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Damaged(f"{path} is damaged: {error}") from error


def unpack(path: Path, target: Path, keys: Keys) -> None:
    """Copy what `pack` stored to `target`. Raises Damaged or DiskFull."""
    with naming_a_full_disk(target.parent), opened(path, keys, target.parent) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy, CHUNK)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
