"""The archived write-ahead log of one cluster: `pg_receivewal` writes to `incoming`, finished segments are packed.

Where they are encrypted, `incoming` is on the database's own machine, and the unfinished one is stored now and then.
"""

import math
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ops.backups.errors import Damaged
from ops.backups.files import BETWEEN, COMPRESSED, NO_KEYS, Keys, pack, unpack, write_whole
from ops.backups.places import HISTORY_NAME, SEGMENT_NAME, History, Segment

PARTIAL = ".partial"
ATTEMPTS = 3  # a segment may be moved while it is looked for


@dataclass(frozen=True)
class Stretch:
    """The segments from somewhere on, without a gap, and the first that is missing though later ones are there."""

    segments: list[Segment]
    missing: str | None


@dataclass(frozen=True)
class Archive:
    directory: Path
    segment_size: int
    keys: Keys = NO_KEYS
    staging: Path | None = None  # where segments are received that are to be encrypted

    @property
    def incoming(self) -> Path:
        return self.staging if self.staging and self.keys.recipients else self.directory / "incoming"

    def prepare(self) -> None:
        for place in (self.directory, self.incoming):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)

    def take_over(self) -> None:
        """Go on with what was received elsewhere, before encryption was begun or ended."""
        for place in (self.directory / "incoming", self.staging):
            if place and place != self.incoming and place.is_dir():
                for path in place.iterdir():
                    shutil.move(path, self.incoming / path.name)

    def files(self) -> dict[Segment, Path]:
        """Where each segment is; of several files the one that is surely whole."""
        found: dict[Segment, Path] = {}
        for path in self._paths():
            if SEGMENT_NAME.fullmatch(path.name[:24]):
                segment = self.segment(path)
                if segment not in found or PARTIAL in found[segment].name:
                    found[segment] = path
        return found

    def segment(self, path: Path) -> Segment:
        return Segment.named(path.name[:24], self.segment_size)

    def histories(self) -> list[History]:
        """Of every timeline that is known of, the oldest first."""
        timelines = {segment.timeline: History.parsed(segment.timeline, ()) for segment in self.files()}
        for path in self._paths():
            if HISTORY_NAME.fullmatch(path.name):
                timeline = int(path.name[:8], 16)
                timelines[timeline] = History.parsed(timeline, path.read_text().splitlines())
        return [timelines[timeline] for timeline in sorted(timelines)]

    def stretch(self, first: int, history: History, last: float = math.inf) -> Stretch:
        """The segments that lead along `history` from number `first` on, to number `last` if there are so many."""
        present, size = self.files(), self.segment_size
        segments: list[Segment] = []
        end = max((each.number for each in present if history.includes(each.timeline, each.number * size)), default=-1)
        for number in range(first, int(min(end, last)) + 1):
            segment = Segment(number, history.timeline_at(number, size))
            if segment not in present:
                return Stretch(segments, segment.name(size))
            segments.append(segment)
        return Stretch(segments, None)

    def fetch(self, segment: Segment, target: Path) -> None:
        """Copy a segment to `target`. Raises Damaged, which names it."""
        for attempt in range(ATTEMPTS):
            path = self.files().get(segment)
            try:
                if path is None:
                    raise FileNotFoundError(segment.name(self.segment_size))
                unpack(path, target, self.keys)
                break
            except FileNotFoundError as error:
                if attempt == ATTEMPTS - 1:
                    raise Damaged(f"the WAL segment {segment.name(self.segment_size)} is gone") from error
        if target.stat().st_size != self.segment_size:
            raise Damaged(f"the WAL segment {segment.name(self.segment_size)} is damaged: {path} is not whole")

    def fetch_histories(self, target: Path) -> None:
        for path in self._paths():
            if HISTORY_NAME.fullmatch(path.name):
                shutil.copyfile(path, target / path.name)

    def begin_at_fork(self, history: History) -> bool:
        """Where nothing of the timeline is there, though of others, have the receiver begin where it left the one
        before, as it begins at the newest file. Returns whether that was so."""
        present = self.files()
        goes_on = any(segment.timeline == history.timeline or path.parent == self.incoming
                      for segment, path in present.items())
        if goes_on or not present or not history.begin:
            return False
        name = Segment(history.begin // self.segment_size, history.timeline).name(self.segment_size)
        with (self.incoming / f"{name}{PARTIAL}").open("wb") as file:
            file.truncate(self.segment_size)
        return True

    def put_away(self, *, everything: bool = False) -> int:
        """Pack what was received whole; returns how many files that were. With `everything`, also what was not, for
        the receiver to begin anew."""
        unfinished = sorted(self.incoming.glob(f"*{PARTIAL}"), key=self.segment)
        abandoned = unfinished if everything else unfinished[:-1]  # the receiver goes on with the last
        whole = [path for path in self.incoming.iterdir() if SEGMENT_NAME.fullmatch(path.name)]
        for path in sorted((*whole, *abandoned)):
            if _is_begun(path):
                pack(path, self.directory / path.name, self.keys)
            path.unlink()
            for superseded in self.directory.glob(f"{path.name}{PARTIAL}*"):
                superseded.unlink()
        return len(whole) + len(abandoned) + self._put_histories_away()

    def store_unfinished(self) -> None:
        """Pack the segment that is being received as far as it is, if it grew; recovery ends where it ends."""
        for path in self.incoming.glob(f"*{PARTIAL}"):
            written, stored = path.stat().st_mtime_ns, self.directory.glob(f"{path.name}{COMPRESSED}*")
            if _is_begun(path) and not any(each.stat().st_mtime_ns == written for each in stored):
                os.utime(pack(path, self.directory / path.name, self.keys), ns=(written, written))

    def discard_half_made(self) -> None:
        """Remove files that the receiver could not make in full size, on a full disk for instance: it writes into none
        before, and begins none where one is. What was being packed as well."""
        for path in self.incoming.glob(f"*{PARTIAL}"):
            if path.stat().st_size != self.segment_size:
                path.unlink()
        for path in self.incoming.glob(f"{BETWEEN}*"):
            path.unlink()

    def _put_histories_away(self) -> int:
        """Histories tell nothing that is personal, and stay as they are."""
        found = [path for path in self.incoming.iterdir() if HISTORY_NAME.fullmatch(path.name)]
        for path in found:
            write_whole(self.directory / path.name, partial(shutil.copyfile, path))
            path.unlink()
        return len(found)

    def prune(self, first: int) -> None:
        """Remove the segments before number `first`, of whatever timeline; histories are kept."""
        for path in self.directory.glob(f"*{COMPRESSED}*"):
            if SEGMENT_NAME.fullmatch(path.name[:24]) and self.segment(path).number < first:
                path.unlink(missing_ok=True)

    def size(self) -> int:
        """Bytes on the disk."""
        total = 0
        for path in self._paths():
            with suppress(FileNotFoundError):
                total += path.stat().st_blocks * 512
        return total

    def _paths(self) -> Iterator[Path]:
        """Every file that has its name; those that are being written do not."""
        for directory in (self.directory, self.directory / "incoming", self.staging):
            if directory and directory.is_dir():
                yield from sorted(path for path in directory.iterdir() if path.name[0] != "." and path.is_file())


def _is_begun(path: Path) -> bool:
    """Whether anything was received into a segment: until then it is zeros, and a page of the log begins otherwise."""
    with path.open("rb") as file:
        return any(file.read(8))
