"""Which server a reader is served from: a standby that has all that the reader knows of, else the primary.

Each process watches the servers by a thread for each, many times a second, so that no request asks how late a standby
is. A standby is in the rotation while it answers, has the primary's database and timeline, and is not late; else it
leaves it, and is back as soon as it is well. No clocks are compared: a standby is as late as the newest place of the
primary that it has replayed was seen before the newest one. So where nothing is written none is late, nor does one
become so while the primary is away.
"""

import itertools
import logging
import os
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable
from functools import cache
from typing import Any, Literal

import psycopg
from django.conf import settings
from django.db import connections
from django.db.utils import InterfaceError, OperationalError

from foodshare.db import members
from foodshare.db.lsn import EVERYTHING, LOOK, START, Place, Sight, look, sight
from foodshare.db.pools import STANDBY_SILENCE, TENTH, PatientConnection, gives_up

PRIMARY = "default"
LOOK_EVERY = 0.05  # seconds
SILENCE = 0.5  # seconds after which a server that was not heard counts as gone
PRIMARY_SILENCE = 1.0  # the same of the primary, in which it was waited for
# A refusal to connect that tells nothing of the server's being away: its own, but while it starts or ends, or a name's
# that leads nowhere.
IS_THERE = re.compile("FATAL:(?!.*the database system is )|resolve|translate host name")
IDENTITY = "SELECT system_identifier, current_database() FROM pg_control_system()"
ASLEEP = 30.0  # seconds after the last reader, after which nobody watches
REMEMBERED = 60.0  # seconds of which the primary's places are known; a standby that is later is just late
FIRST_PAUSE, LONGEST_PAUSE = 0.001, 0.005  # seconds between two questions to a standby that is waited for

# Why a reader was sent to the primary: what they know of is known to nobody; no standby is in the rotation; or none had
# replayed as much in time.
Reason = Literal["unknown", "none", "late"]
logger = logging.getLogger(__name__)


class Past:
    """Where the primary's log ended, and when it was seen so."""

    def __init__(self) -> None:
        self.ends: deque[tuple[float, int]] = deque(maxlen=int(REMEMBERED / LOOK_EVERY))

    def add(self, at: float, end: int) -> None:
        if self.ends and self.ends[-1][1] == end:
            self.ends[-1] = at, end
        else:
            self.ends.append((at, end))

    def lag(self, replayed: int) -> float:
        """Seconds that a standby is late; infinite where it cannot be told."""
        ends = self.ends.copy()  # another thread adds to it
        for at, end in reversed(ends):
            if end <= replayed:
                return ends[-1][0] - at
        return float("inf")


class Watch:
    """What one process knows of the servers, by alias; nothing of one that does not answer."""

    def __init__(self) -> None:
        self.sights: dict[str, Sight] = {}
        self.past = Past()
        self.identities: dict[str, object] = {}  # what database each server has; that of one that is away is kept
        self.timeline = 0  # the primary's, when it was seen last
        self.is_primary_lost = False  # it was looked for and not found
        self.connecting_since: float | None = None  # to the primary, whose connection broke
        self.asked_at = float("-inf")  # when somebody wanted to know last; monotonic seconds, as all here
        self.awake, self.stopped = threading.Event(), threading.Event()
        self.lock = threading.Lock()
        self.lookouts: dict[str, Lookout] = {}
        self.roll: Roll | None = None

    def wake(self) -> None:
        """Have the servers watched, for a while."""
        self.asked_at = time.monotonic()
        if self.awake.is_set():
            return
        with self.lock:
            if settings.PATRONI_URLS and self.roll is None:
                self.roll = Roll(self)
                self.roll.start()
            self.look_out()
            self.awake.set()

    def look_out(self) -> None:
        """Look at every server."""
        for alias in (PRIMARY, *settings.REPLICA_ALIASES):
            if alias not in self.lookouts or not self.lookouts[alias].is_alive():
                self.lookouts[alias] = Lookout(self, alias)
                self.lookouts[alias].start()

    @property
    def is_asked(self) -> bool:
        """Whether there was a reader lately: without any, nothing is known of the servers."""
        return time.monotonic() - self.asked_at <= ASLEEP

    def rests(self) -> bool:
        """Whether nobody wants to know any more."""
        if self.stopped.is_set():
            return True
        if not self.is_asked:
            self.awake.clear()
            self.is_primary_lost = False
        return not self.awake.is_set()

    def saw(self, alias: str, seen: Sight) -> None:
        """A server answered."""
        if alias != PRIMARY:
            self.sights[alias] = seen
        elif seen.is_standby:
            self.lost(alias)
        else:
            self.past.add(seen.asked_at, seen.received)
            self.timeline, self.sights[alias], self.is_primary_lost = seen.place.timeline, seen, False

    def lost(self, alias: str) -> None:
        """A server is not there."""
        self.forget(alias)
        self.is_primary_lost |= alias == PRIMARY

    @property
    def is_primary_away(self) -> bool:
        """Whether the primary was looked for and not found, or broke the connection and does not take another."""
        since = self.connecting_since
        return self.is_primary_lost or (since is not None and time.monotonic() - since > PRIMARY_SILENCE)

    def forget(self, alias: str) -> None:
        """Nothing is known of a server any more."""
        self.sights.pop(alias, None)

    def stop(self) -> None:
        self.stopped.set()
        self.awake.set()
        for thread in (*self.lookouts.values(), *filter(None, [self.roll])):
            thread.join()

    def lag(self, alias: str) -> float | None:
        """Seconds that a standby is late; None of one that is not heard, or is none."""
        seen = self.sights.get(alias)
        if seen is None or not seen.is_standby or time.monotonic() - seen.asked_at > SILENCE:
            return None
        return self.past.lag(seen.place.lsn) if self.past.ends else 0.0

    def is_in_rotation(self, alias: str) -> bool:
        """Whether a standby may be read. While the primary is away none is late for what that wrote last on its own, as
        commits that no standby confirms: whoever needs more than a standby has is not served by it."""
        lag, seen = self.lag(alias), self.sights.get(alias)
        return (lag is not None and (lag <= settings.LAG_LIMIT or self.is_primary_away)
                and seen is not None and seen.place.timeline >= self.timeline and self.is_copy(alias))

    def is_copy(self, alias: str) -> bool:
        """Whether a standby has the primary's database, and not one of another site."""
        return self.identities.get(PRIMARY) in (None, self.identities.get(alias))

    def rotation(self) -> list[str]:
        """The standbys that may be read, each time another one first."""
        fit = [alias for alias in settings.REPLICA_ALIASES if self.is_in_rotation(alias)]
        first = next(_turns) % max(len(fit), 1)
        return fit[first:] + fit[:first]

    def attainable(self, need: Place | None) -> Place | None:
        """What is needed, as far as anybody has it: while the primary is away, what no standby has received by now
        counts as not written. Where a standby must have received what is acknowledged, nothing that was is left out."""
        if not self.is_primary_away:
            return need
        heard = [alias for alias in settings.REPLICA_ALIASES if self.lag(alias) is not None]
        return as_far_as(need or EVERYTHING, filter(None, map(self.ask, heard)))

    def ask(self, alias: str) -> Sight | None:
        """A server as it is now; None where it does not answer, or did not lately."""
        if alias not in self.sights:
            return None
        try:
            self.saw(alias, look(alias))
        except (OperationalError, InterfaceError):
            self.lost(alias)
        return self.sights.get(alias)

    def shows(self, alias: str, need: Place) -> bool:
        """Whether a standby shows all that is needed, to this thread's connection.

        What was seen of it counts for a connection that is older: it has not been restarted since, after which it
        might have been behind what it was.
        """
        seen = self.sights.get(alias)
        if seen is None or not seen.place.covers(need) or self.connected_at(alias) > seen.asked_at:
            seen = self.ask(alias)
        return seen is not None and seen.is_standby and seen.place.covers(need)

    def connected_at(self, alias: str) -> float:
        """When this thread's connection was made, which it is where there is none."""
        wrapper = connections[alias]
        try:
            if wrapper.errors_occurred and not wrapper.is_usable():
                wrapper.close()
            wrapper.ensure_connection()
        except (OperationalError, InterfaceError):
            self.lost(alias)
        made_at: float = getattr(wrapper.connection, "made_at", float("inf"))
        return made_at

    def find(self, need: Place) -> str | None:
        """A standby that shows all that is needed now; those first of which it is known without asking."""
        rotation = self.rotation()
        known = {alias: alias in self.sights and self.sights[alias].place.covers(need) for alias in rotation}
        rotation.sort(key=lambda alias: not known[alias])
        return next((alias for alias in rotation if self.shows(alias, need)), None)

    def wait(self, need: Place) -> str | None:
        """The same of the standby that is likeliest to show it soon, if it does within READ_WAIT."""
        deadline, pause = time.monotonic() + settings.READ_WAIT, FIRST_PAUSE
        while time.monotonic() < deadline:
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            rotation = {alias: seen.place.lsn for alias in self.rotation() if (seen := self.sights.get(alias))}
            best = max(rotation, key=rotation.__getitem__, default=None)
            if best is None or self.shows(best, need):
                return best
        return None


class Lookout(threading.Thread):
    """Looks at one server, as long as somebody wants to know, by a connection of its own."""

    def __init__(self, watch: Watch, alias: str) -> None:
        super().__init__(name=f"watch-{alias}", daemon=True)
        self.watch, self.alias = watch, alias
        self.silence = 0.0  # seconds in which this thread has waited for the answer

    def run(self) -> None:
        gives_up.set(self.has_waited)
        while self.watch.awake.wait() and not self.watch.stopped.is_set() and self.is_member:
            try:
                self.look()
                self.watch.forget(self.alias)
            except Exception as error:  # whatever it is, without this thread the server would never be read again
                logger.info("%s is not heard: %s", self.alias, f"{error}".strip())
                self.watch.forget(self.alias)
            self.watch.stopped.wait(LOOK_EVERY)

    @property
    def is_member(self) -> bool:
        return self.alias == PRIMARY or self.alias in settings.REPLICA_ALIASES

    def has_waited(self) -> bool:
        """Whether the server was waited for long enough, called every tenth of a second without an answer."""
        self.silence += TENTH
        if self.silence >= PRIMARY_SILENCE:
            self.watch.lost(self.alias)
        return self.silence >= STANDBY_SILENCE

    def look(self) -> None:
        with self.connected() as connection, connection.cursor() as cursor:
            self.watch.identities[self.alias] = cursor.execute(IDENTITY).fetchone()
            while self.is_member and not self.watch.rests():
                asked_at, self.silence = time.monotonic(), 0.0
                row = cursor.execute(LOOK).fetchone()
                assert row is not None  # noqa: S101 - it always has one
                self.watch.saw(self.alias, sight(asked_at, *row))
                self.watch.stopped.wait(LOOK_EVERY)

    def connected(self) -> "psycopg.Connection[Any]":
        """A connection beside Django's, that does not wait long for anything. Who lost one may be there all the same,
        and have ended just that; who cannot be connected to is not, unless it says why."""
        options = connections[self.alias].get_connection_params()
        self.silence = 0.0
        if self.alias == PRIMARY:
            self.watch.connecting_since = time.monotonic()
        try:
            return PatientConnection.connect(
                **options | {"connect_timeout": 2, "application_name": "foodshare watch"}, autocommit=True)
        except psycopg.OperationalError as error:
            if not IS_THERE.search(f"{error}"):
                self.watch.lost(self.alias)
            raise
        finally:
            if self.alias == PRIMARY:
                self.watch.connecting_since = None


class Roll(threading.Thread):
    """Asks Patroni which servers there are, as long as somebody wants to know."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(name="watch-members", daemon=True)
        self.watch = watch

    def run(self) -> None:
        while self.watch.awake.wait() and not self.watch.stopped.is_set():
            if found := members.ask():
                members.follow(found)
                self.watch.look_out()
            self.watch.stopped.wait(members.ASK_EVERY)


def as_far_as(need: Place, standbys: Iterable[Sight]) -> Place:
    """What is needed, as far as one of these has received it."""
    return need.within(max((seen.received for seen in standbys if seen.is_standby), default=0))


def watch() -> Watch:
    """This process's watch, so that a forked process has one of its own; awake, as somebody asks."""
    found = of_process(os.getpid())
    found.wake()
    return found


@cache
def of_process(pid: int) -> Watch:
    return Watch()


def stop() -> None:
    """End this process's watch; a new one begins when somebody asks."""
    of_process(os.getpid()).stop()
    of_process.cache_clear()


_turns = itertools.count()
_counts: Counter[str] = Counter()
_lock = threading.Lock()


def count(what: str) -> None:
    with _lock:
        _counts[what] += 1


def source_for(need: Place | None) -> str:
    """Who is to serve a reader who must be shown all up to `need`; None: nobody knows up to where."""
    seen = watch()
    need = seen.attainable(need)
    if need is None:
        return fall_back("unknown")
    found = seen.find(need)
    if found is None and seen.rotation():
        count("waits")
        found = seen.wait(need)
    if found is None:
        return fall_back("late" if seen.rotation() else "none")
    return found


def authority() -> str:
    """Whoever knows best: the primary, or while that is away the standby that has received most."""
    seen = watch()
    need = seen.attainable(None)
    return PRIMARY if need is None else seen.find(need) or seen.wait(need) or PRIMARY


def fall_back(reason: Reason) -> str:
    count(f"primary: {reason}")
    return PRIMARY


def find(need: Place = START) -> str | None:
    """A standby that shows all that is needed now, if there is one."""
    seen = watch()
    return seen.find(seen.attainable(need) or need)


def is_primary_away() -> bool:
    """Whether the primary was looked for and not found."""
    return watch().is_primary_away


def statistics() -> dict[str, Any]:
    """What this process's readers were served by, since it began: requests by alias, those that had to wait for a
    standby, why others were sent to the primary, whether the servers are watched now, and how many seconds each
    standby is late."""
    seen = of_process(os.getpid())
    with _lock:
        counts = dict(_counts)
    reads = {alias: counts.get(f"reads: {alias}", 0) for alias in (PRIMARY, *settings.REPLICA_ALIASES)}
    return {"reads": reads, "waits": counts.get("waits", 0),
            "fallbacks": {reason: counts.get(f"primary: {reason}", 0) for reason in ("unknown", "none", "late")},
            "watching": seen.is_asked,
            "lag": {alias: seen.lag(alias) for alias in settings.REPLICA_ALIASES},
            "rotation": [alias for alias in settings.REPLICA_ALIASES if seen.is_in_rotation(alias)],
            "primary_away": seen.is_primary_away}
