"""Writers that give food away from the post to the ratings, and readers, all at once."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from ops.cluster.drill.clients import Acknowledged, Answer, Client, Log, Person

WRITERS = READERS = 4
WRITE_PAUSE, READ_PAUSE = 0.05, 0.05  # seconds between two requests of a client: two cores must not be the limit
STARS = 5
PATIENCE = 45.0  # seconds for a request in hand when the load ends
PATHS = ("me", "food-posts", "exchanges", "users/{id}/reputation", "groups/{group}", "me/reputation/events")


@dataclass(frozen=True)
class People:
    """Who gives to whom, in which group, and who only reads."""

    group: str
    pairs: list[tuple[Person, Person]]  # giver and recipient of each writer
    onlookers: list[Person]

    def readers(self) -> list[Person]:
        """Half of them read as somebody who writes meanwhile, so that what they need is new; half as others."""
        recipients = [recipient for _, recipient in self.pairs[: READERS - len(self.onlookers)]]
        return [*self.onlookers, *recipients]


@dataclass
class Load:
    """A run of the load; `start` and `end` are moments of time.monotonic."""

    port: int
    people: People
    log: Log = field(default_factory=Log)
    run: str = field(default_factory=lambda: uuid4().hex[:12])  # in every title, so that ids are never used twice
    stopping: threading.Event = field(default_factory=threading.Event)
    start: float = field(default_factory=time.monotonic)
    end: float = 0.0

    @contextmanager
    def running(self) -> Iterator["Load"]:
        """Until the block ends, after the requests in hand. Raises what made a client end before."""
        with ThreadPoolExecutor(WRITERS + READERS, "client") as threads:
            clients = [threads.submit(work) for work in self.clients()]
            self.start = time.monotonic()
            try:
                yield self
            finally:
                self.end = time.monotonic()
                self.stopping.set()
            collect(clients)

    def clients(self) -> Iterator[Callable[[], None]]:
        for number, (giver, recipient) in enumerate(self.people.pairs, 1):
            yield Writer(self, self.client(f"writer {number}", self.log.writes), giver, recipient).work
        for number, person in enumerate(self.people.readers(), 1):
            yield Reader(self, self.client(f"reader {number}", self.log.reads), person).work

    def client(self, name: str, moments: dict[str, list[float]]) -> Client:
        moments[name] = []
        return Client(name, self.port, self.log, self.stopping)


class Writer:
    """Has a giver post food and a recipient take it, again and again; every step under a key of its own."""

    def __init__(self, load: Load, client: Client, giver: Person, recipient: Person) -> None:
        self.load, self.client, self.giver, self.recipient = load, client, giver, recipient

    def work(self) -> None:
        for number in itertools.count(1):
            if self.load.stopping.is_set():
                return
            self.give(f"drill {self.load.run} {self.client.name} {number}")

    def give(self, title: str) -> None:
        """One post from the first step to the last; left where it is when a step is refused or it is time to stop."""
        pickup = datetime.now(UTC) + timedelta(days=1)
        food = {"title": title, "group": self.load.people.group, "pickup_time": pickup.isoformat()}
        posted = self.take(self.giver, "posted", title, "food-posts", food)
        if not posted.is_fine:
            return
        claimed = self.take(self.recipient, "claimed", title, f"food-posts/{posted.body['id']}/claim")
        if not claimed.is_fine:
            return
        exchange = f"exchanges/{claimed.body['id']}"
        done = (self.take(self.giver, "confirmed", title, f"{exchange}/confirm").is_fine
                and self.take(self.recipient, "completed", title, f"{exchange}/complete").is_fine)
        if done:
            self.look(exchange, title)
            self.take(self.recipient, "rated", title, f"{exchange}/rate", {"stars": STARS})
            self.take(self.giver, "rated", title, f"{exchange}/rate", {"stars": STARS})

    def take(self, person: Person, step: str, title: str, path: str, body: object = None) -> Answer:
        answer = self.client.write(person, path, f"{title} {step} {person.id}", body)
        if answer.is_fine:
            self.load.log.acknowledged.append(Acknowledged(step, title, answer.body["id"], person.id))
        self.load.stopping.wait(WRITE_PAUSE)
        return answer

    def look(self, exchange: str, title: str) -> None:
        """Whether the recipient sees what they did just now, whoever answers."""
        answer = self.client.read(self.recipient, exchange)
        if answer.is_fine and answer.body["status"] != "completed":
            self.load.log.stale.append(f"{title}: {answer.body['status']} after it was completed")


class Reader:
    """Reads one thing after the other."""

    def __init__(self, load: Load, client: Client, person: Person) -> None:
        self.load, self.client, self.person = load, client, person

    def work(self) -> None:
        for path in itertools.cycle(PATHS):
            if self.load.stopping.is_set():
                return
            self.client.read(self.person, path.format(id=self.person.id, group=self.load.people.group))
            self.load.stopping.wait(READ_PAUSE)


def collect(clients: "list[Future[None]]") -> None:
    for client in clients:
        client.result(timeout=PATIENCE)
