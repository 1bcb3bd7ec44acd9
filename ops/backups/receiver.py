"""Archiving the write-ahead log as it is written: `pg_receivewal` from a slot, kept running, and what it makes packed.

The server needs no archive_command and no place to write to, only a role with REPLICATION. Its slot keeps the log that
was not received yet, up to max_slot_wal_keep_size. What is received counts when the operating system has it: a power
failure here loses nothing, as the slot goes back to the beginning of the segment that was not yet on the disk.
"""

import fcntl
import logging
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

import psycopg

from ops.backups import programs
from ops.backups.archive import Archive
from ops.backups.errors import BackupError, DiskFull
from ops.backups.source import Identity, Source
from ops.backups.store import LEAST_FREE, Store, room_in

SLOT = "foodshare_backup"
PAUSE = 2.0  # seconds before the receiver is started again
STORE_EVERY = 10.0  # seconds between two looks whether the unfinished segment grew, where it is received elsewhere
STAND_BY = 10.0  # seconds between two looks whether the one that archives has ended
STOP_SECONDS = 10.0
# In why the server does not send from where the receiver was: a failover or a restored copy took another way, or the
# slot was made anew.
BEGIN_ANEW = ("is not in this server's history", "is ahead of the WAL flush position", "has already been removed",
              "could not find any WAL")

logger = logging.getLogger(__name__)


@dataclass
class Receiver:
    """Keeps one `pg_receivewal` running; `work` is to be called again and again."""

    source: Source
    store: Store
    slot: str = SLOT
    child: "subprocess.Popen[bytes] | None" = None
    archive: Archive | None = None
    lock: IO[str] | None = None
    retry_at: float = 0.0
    stored_at: float = 0.0
    tried: int = 0  # the timeline that was asked for from its beginning

    def work(self) -> bool:
        """Start the receiver where it does not run, and pack what is finished; tells whether there was anything to do.
        While another process archives into the same place, it only stands by."""
        if time.monotonic() < self.retry_at:
            return False
        try:
            self.require_room()
            if self.child is None and not self.start():
                self.retry_at = time.monotonic() + STAND_BY
                return False
            packed = self.archive is not None and self.archive.put_away() > 0
            self.store_unfinished()
            self.look_after()
        except (BackupError, OSError, psycopg.Error) as error:
            self.retry_at = time.monotonic() + PAUSE
            if self.child is None:
                self.release()
            logger.warning("the WAL is not archived: %s; trying again", f"{error}".strip())
            return False
        return packed

    def require_room(self) -> None:
        """Stop before the disk is full, on which the database may be too. Raises DiskFull."""
        self.store.prepare()
        for place in self.store.places:
            free = room_in(place)
            if free < LEAST_FREE:
                self.stop()
                raise DiskFull(f"only {free // 2**20} MB are free in {place}")

    def store_unfinished(self) -> None:
        """Where backups are encrypted: what the database's machine holds alone would be lost with it."""
        if self.archive and self.store.keys.recipients and time.monotonic() - self.stored_at > STORE_EVERY:
            self.archive.store_unfinished()
            self.stored_at = time.monotonic()

    def start(self) -> bool:
        """False while another process holds the archive."""
        identity = self.source.identify()
        self.archive = self.store.archive_of(identity.system_id, identity.segment_size)
        self.archive.prepare()
        if not self.locked(self.archive):
            return False
        self.archive.take_over()
        self.archive.discard_half_made()
        self.replace_lost_slot()
        if self.tried != identity.history.timeline and self.archive.begin_at_fork(identity.history):
            self.tried = identity.history.timeline  # the server may have removed that, and then it is begun anew
        self.launch(identity, self.archive)
        return True

    def locked(self, archive: Archive) -> bool:
        lock = (archive.directory / ".lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self.lock = lock
        return True

    def replace_lost_slot(self) -> None:
        """A slot that was away for longer than the server keeps the log serves nobody; the next begins at present."""
        slot = self.source.slot(self.slot)
        if slot and slot.lost:
            logger.warning("the server no longer has the WAL that was not archived yet: the archive has a gap")
            self.source.drop_slot(self.slot)
            self.begin_anew()

    def launch(self, identity: Identity, archive: Archive) -> None:
        address, variables = programs.connection(self.source.url, application_name=self.slot)
        program = str(programs.for_client(identity.major, self.source.url) / "pg_receivewal")
        common = [program, "--dbname", address, "--slot", self.slot, "--no-password"]
        programs.run([*common, "--create-slot", "--if-not-exists"], variables)
        self.child = programs.start([*common, "--directory", str(archive.incoming), "--no-loop", "--status-interval",
                                     "1"], variables)

    def look_after(self) -> None:
        """Raises BackupError when the receiver has ended."""
        if self.child is None or self.child.poll() is None:
            return
        said = programs.last_words(self.child)
        self.release()
        if any(words in said for words in BEGIN_ANEW):
            logger.warning("the server went another way than the archive: archiving begins anew where it is now")
            self.begin_anew()
        raise BackupError(said or "pg_receivewal ended")

    def begin_anew(self) -> None:
        if self.archive:
            self.archive.put_away(everything=True)

    def stop(self) -> None:
        """End the receiver; what it finished is packed when it runs again, and found where it is until then."""
        if self.child:
            self.child.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.child.wait(STOP_SECONDS)
            self.child.kill()
            self.child.wait()
        self.release()

    def release(self) -> None:
        if self.child and self.child.stderr:
            self.child.stderr.close()
        self.child = None
        if self.lock:
            self.lock.close()
            self.lock = None
