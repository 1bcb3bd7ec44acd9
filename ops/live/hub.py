"""Who listens, to what, and what is told to whom."""

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import orjson

from foodshare.db.keys import new_key
from foodshare.exceptions import Forbidden
from groups.live import EVERYBODY, NotNow, channel
from ops.live.channels import Channels
from ops.live.frames import PING, frame, message_frame, retry_frame
from ops.live.store import Store

PING_EVERY = 15.0  # seconds
MOST_WAITING = 100  # events for one listener; who takes them more slowly is sent away, and comes back for the rest
MOST_STREAMS = 10  # of one person: browser tabs and phones
LIFE = 3600.0  # seconds of a stream; then it takes another ticket, which takes a token that is still valid
RETRY = 1.0, 5.0  # seconds between which clients choose when to come back, so that they do not come all at once
logger = logging.getLogger(__name__)


class Person:
    """One person with their streams. `places` are the channels that the person may hear."""

    def __init__(self, key: UUID) -> None:
        self.key = key
        self.listeners: set[Listener] = set()
        self.places: set[str] = set()
        self.changes = 0  # counted, so that one during a look-up is not overlooked
        self.lock = asyncio.Lock()
        self.settled = asyncio.Event()  # cleared while `places` may be wrong: nothing is told meanwhile

    def ids(self, kind: str) -> list[str]:
        prefix = f"live:{kind}:{{"
        return sorted(place[len(prefix):-1] for place in self.places if place.startswith(prefix))

    def summary(self) -> dict[str, list[str]]:
        return {"rooms": self.ids("room"), "conversations": self.ids("conversation")}


class Listener:
    """One stream: what waits to be sent on it, each with the place it belongs to."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.waiting: deque[tuple[str | None, bytes]] = deque()
        self.woken = asyncio.Event()
        self.over = False
        self.began = time.monotonic()
        self.expires = self.began + LIFE * random.uniform(0.9, 1.0)  # noqa: S311 - spreads load only

    def put(self, place: str | None, text: bytes) -> None:
        if len(self.waiting) >= MOST_WAITING:
            self.end()
        if not self.over:
            self.waiting.append((place, text))
            self.woken.set()

    def end(self, farewell: bytes = PING) -> None:
        """Let the stream end. What it was not sent, the client gets when it comes back with its Last-Event-ID."""
        if not self.over:
            self.over = True
            self.waiting.clear()
            self.waiting.append((None, farewell))
            self.woken.set()

    async def texts(self) -> AsyncIterator[bytes]:
        """What to send, until the stream ends; nothing of a place that the person has lost."""
        while self.waiting or not self.over:
            try:
                async with asyncio.timeout(PING_EVERY):
                    await self.woken.wait()
            except TimeoutError:
                yield PING
                continue
            await self.person.settled.wait()
            place, text = self.waiting.popleft()
            if not self.waiting:
                self.woken.clear()
            if place is None or place in self.person.places:
                yield text


class Hub:
    def __init__(self, redis_url: str, store: Store) -> None:
        self.store = store
        self.channels = Channels(redis_url, self.heard, self.lost)
        self.people: dict[UUID, Person] = {}
        self.audience: dict[str, set[Person]] = {}  # by channel; each is subscribed to while it has somebody
        self.tasks: set[asyncio.Task[None]] = set()
        self.closing = False

    async def enter(self, key: UUID) -> Listener:
        """A stream of this person's, in place of the oldest where there are too many. Raises Forbidden or NotNow."""
        person = self.people.setdefault(key, Person(key))
        listener = Listener(person)
        open_streams = [each for each in person.listeners if not each.over]
        if len(open_streams) >= MOST_STREAMS:
            min(open_streams, key=attrgetter("began")).end()
        person.listeners.add(listener)
        try:
            await self.look_up(person)
            if listener.over or self.closing:
                raise NotNow
        except BaseException:
            await self.leave(listener)
            raise
        return listener

    async def opening(self, listener: Listener, after: UUID | None) -> list[bytes]:
        """What a stream begins with: what was missed since `after`, and a key to come back with. Raises NotNow."""
        person, key = listener.person, str(new_key())
        missed = [] if after is None else await self.store.backlog(after, person.ids("room"),
                                                                   person.ids("conversation"))
        await person.settled.wait()  # a place may have been lost meanwhile
        texts = [frame("gap", {})] if missed is None else [
            message_frame(row["event"], str(row["id"]), row) for row in missed if place_of(row) in person.places]
        retry = retry_frame(random.uniform(*RETRY))  # noqa: S311 - spreads load only
        return [retry, *texts, frame("ready", person.summary(), key)]

    async def leave(self, listener: Listener) -> None:
        person = listener.person
        listener.end()
        person.listeners.discard(listener)
        if not person.listeners:
            if self.people.get(person.key) is person:
                del self.people[person.key]
            with suppress(NotNow):
                await self.hear_of(person, set())

    async def look_up(self, person: Person) -> None:
        """Bring up to date what the person hears. Raises Forbidden for who may not listen, or NotNow."""
        async with person.lock:
            seen = None
            while seen != person.changes:
                seen = person.changes
                await self.hear_of(person, person.places | {channel("person", person.key)})
                await self.channels.settled()  # a change from here on is heard of
                places = await self.store.places(person.key)
                if places is None:
                    end(person.listeners)
                    raise Forbidden("You may not listen: suspended people and neighbors not verified yet hear nothing.")
                await self.hear_of(person, places)
                await self.channels.settled()
            person.settled.set()

    async def hear_of(self, person: Person, places: set[str]) -> None:
        """Subscribe to what nobody heard before this person, and leave what nobody hears any more. Raises NotNow."""
        new, gone = places - person.places, person.places - places
        person.places = places
        first = [place for place in new if place not in self.audience]
        for place in new:
            self.audience.setdefault(place, set()).add(person)
        for place in gone & self.audience.keys():
            self.audience[place].discard(person)
        last = [place for place in gone if place in self.audience and not self.audience[place]]
        for place in last:
            del self.audience[place]
        await self.channels.switch(first, last)

    def heard(self, name: str, text: bytes) -> None:
        """Something was published."""
        people = self.audience.get(name, set())
        if name == EVERYBODY:
            self.end_all(orjson.loads(text)["missed_since"])
        elif name.startswith(("live:person:", "live:group:")):
            for person in people:
                self.changed(person)
        else:
            message = orjson.loads(text)
            told = message_frame(message["event"], message["id"], text)
            for person in people:
                for listener in person.listeners:
                    listener.put(name, told)

    def changed(self, person: Person) -> None:
        """Tell the person nothing until it is known again what they may hear."""
        person.changes += 1
        if person.settled.is_set():
            person.settled.clear()
            task = asyncio.create_task(self.change(person))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def change(self, person: Person) -> None:
        before = person.places
        try:
            await self.look_up(person)
        except Exception as error:
            if not isinstance(error, Forbidden | NotNow):
                logger.exception("what %s may hear could not be looked up", person.key)
            end(person.listeners)
            person.settled.set()
        if person.places != before:
            for listener in person.listeners:
                listener.put(None, frame("places", person.summary()))

    def lost(self) -> None:
        """Nothing is heard any more: who listened comes back when it is."""
        self.end_all()
        for person in self.people.values():
            person.places = set()
        self.people.clear()
        self.audience.clear()

    def end_all(self, since: float | None = None) -> None:
        """Send everybody away, to come back for what they missed, at least since `since` (Unix time)."""
        key = "" if since is None else str(new_key(datetime.fromtimestamp(since, UTC)))
        end((listener for person in self.people.values() for listener in person.listeners), key)

    def end_expired(self) -> None:
        now = time.monotonic()
        end(listener for person in self.people.values() for listener in person.listeners if listener.expires < now)


def place_of(row: dict[str, Any]) -> str:
    return channel("room", row["room"]) if row["room"] else channel("conversation", row["conversation"])


def end(listeners: Iterable[Listener], key: str = "") -> None:
    for listener in listeners:
        listener.end(frame("resume", {}, key))
