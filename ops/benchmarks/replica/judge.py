"""Whether what somebody is shown is older than what they wrote, or than what they were shown before.

Each thing has one writer, who numbers its versions. A person may have several programs at once; what any of them was
told before another begins to read, that one must show.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

UNSEEN = -1  # the version of a thing that is not there


class Thing(NamedTuple):
    """What a person tells: of themselves ("profile"), of a meal ("post"), or what they do ("status")."""

    kind: str
    writer: str


Shown = Mapping[Thing, int]


@dataclass(frozen=True)
class Known:
    """What a person knew when a read began: their own writes that were answered, and all that they had been shown."""

    written: Shown
    seen: Shown


@dataclass(frozen=True)
class Verdict:
    """`stale` are a person's own things without what they wrote, `back` things older than they were shown before."""

    stale: Shown
    back: Shown


@dataclass
class Memory:
    """What one person knows."""

    written: dict[Thing, int] = field(default_factory=dict)
    seen: dict[Thing, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def known(self) -> Known:
        with self.lock:
            return Known(dict(self.written), dict(self.seen))

    def wrote(self, thing: Thing, version: int) -> None:
        """The write was answered."""
        with self.lock:
            self.written[thing] = max(version, self.written.get(thing, UNSEEN))

    def saw(self, shown: Shown, known: Known) -> Verdict:
        """Judge what was shown by what was known before, and keep it."""
        with self.lock:
            for thing, version in shown.items():
                self.seen[thing] = max(version, self.seen.get(thing, UNSEEN))
        return judged(shown, known)


def judged(shown: Shown, known: Known) -> Verdict:
    """A thing that is stale is not counted as gone back besides."""
    stale = {thing: known.written[thing] for thing, version in shown.items()
             if version < known.written.get(thing, UNSEEN)}
    back = {thing: known.seen[thing] for thing, version in shown.items()
            if thing not in stale and version < known.seen.get(thing, UNSEEN)}
    return Verdict(stale, back)
