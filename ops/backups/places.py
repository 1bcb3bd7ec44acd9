"""Places in the write-ahead log: LSNs, segments and the history of timelines, as PostgreSQL names its files."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

SEGMENT_NAME = re.compile(r"[0-9A-F]{24}")
HISTORY_NAME = re.compile(r"([0-9A-F]{8})\.history")
HALF = 2**32  # what the part of an LSN behind the slash counts to


def lsn(text: str) -> int:
    """An LSN such as `0/3000028` as the byte it names."""
    high, low = text.split("/")
    return int(high, 16) * HALF + int(low, 16)


def as_lsn(place: int) -> str:
    """The opposite."""
    return f"{place // HALF:X}/{place % HALF:X}"


@dataclass(frozen=True, order=True)
class Segment:
    """One file of the log; in the order in which they are written."""

    number: int
    timeline: int

    @classmethod
    def named(cls, name: str, size: int) -> "Segment":
        """`size`: bytes of a segment on that server."""
        return cls(int(name[8:16], 16) * (HALF // size) + int(name[16:24], 16), int(name[:8], 16))

    def name(self, size: int) -> str:
        return f"{self.timeline:08X}{self.number // (HALF // size):08X}{self.number % (HALF // size):08X}"


@dataclass(frozen=True)
class History:
    """The timelines that lead to `timeline`, and where each was left."""

    timeline: int
    ends: tuple[tuple[int, float], ...]  # timeline and LSN, oldest first; the last has no end
    reason: str = ""  # why the one before was left, in the server's words: `before 2026-11-30 14:05:10+00`

    @classmethod
    def parsed(cls, timeline: int, lines: Iterable[str]) -> "History":
        """Read a `.history` file: timeline, LSN and reason on each line."""
        fields = [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]
        ends = tuple((int(field[0]), float(lsn(field[1]))) for field in fields)
        return cls(timeline, (*ends, (timeline, math.inf)), "".join(fields[-1][2:]) if fields else "")

    @property
    def begin(self) -> int:
        """The LSN at which it left the timeline before."""
        return int(self.ends[-2][1]) if len(self.ends) > 1 else 0

    @property
    def fork(self) -> str:
        """Where it began, in words; empty for a timeline that left none."""
        if len(self.ends) == 1:
            return ""
        return f"timeline {self.timeline} left timeline {self.ends[-2][0]} at {as_lsn(self.begin)}, {self.reason}"

    def includes(self, timeline: int, place: int) -> bool:
        """Whether what was at `place` of that timeline is in the past of this one."""
        return any(each == timeline and place <= end for each, end in self.ends)

    def timeline_at(self, number: int, size: int) -> int:
        """The timeline whose segment of that number leads here. Where one was left within it, that is the next one's,
        which repeats what was before: by the other PostgreSQL would replay what came after."""
        begin, found = 0.0, 0
        for timeline, end in self.ends:
            if begin // size <= number:
                found = timeline
            begin = end
        return found
