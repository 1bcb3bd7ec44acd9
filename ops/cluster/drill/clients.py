"""Programs of people that talk to the platform over HTTP, and the record of what they were answered."""

import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

TIMEOUT = 30.0  # seconds; longer than any outage that a drill allows, so that a hanging answer is seen as a gap
PAUSE = 0.2  # seconds before a client asks again; sooner than Retry-After says, or gaps would be of its patience


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    token: str


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 when no answer did, and then `body` is why."""

    status: int
    body: Any
    may_retry: bool = False  # it said when to try again

    @property
    def is_fine(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_refusal(self) -> bool:
        """Whether to ask again would change nothing."""
        return 400 <= self.status < 500

    @property
    def is_clean(self) -> bool:
        """Whether a client can tell what to do next: it was done, or try again then."""
        return self.is_fine or (self.status == 503 and self.may_retry)


@dataclass(frozen=True)
class Acknowledged:
    """A step of a post's way that the platform said it had taken; `id` is what the answer named."""

    step: str  # posted, claimed, confirmed, completed, rated
    title: str  # of the post, unlike any other
    id: str  # of the post, else of the exchange
    person: str


@dataclass
class Log:
    """What all clients saw; moments are of time.monotonic. Threads only ever add to it."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    writes: dict[str, list[float]] = field(default_factory=dict)  # of each writer
    reads: dict[str, list[float]] = field(default_factory=dict)  # of each reader
    turned_away: Counter[str] = field(default_factory=Counter)  # clean 503s, by method
    wrong: list[str] = field(default_factory=list)  # answers that tell no client what to do
    stale: list[str] = field(default_factory=list)  # reads that lacked what their person had done before

    def heard(self, client: str, method: str, path: str, answer: Answer) -> None:
        """Note an answer; a gap is judged by when it came."""
        if answer.is_fine:
            moments = self.reads if method == "GET" else self.writes
            moments.get(client, []).append(time.monotonic())  # what a writer reads tells nothing of gaps
        elif answer.is_clean:
            self.turned_away[method] += 1
        else:
            self.wrong.append(f"{client}: {method} {path}: {answer.status or 'no answer'}: {answer.body}"[:300])


class Client:
    """One program, with a connection that it keeps; `stop` ends its trying."""

    def __init__(self, name: str, port: int, log: Log, stop: threading.Event) -> None:
        self.name, self.log, self.stop = name, log, stop
        self.connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)

    def read(self, person: Person, path: str) -> Answer:
        """Ask until it is answered, refused or time to stop."""
        return self.insist("GET", path, person, {}, None)

    def write(self, person: Person, path: str, key: str, body: Any) -> Answer:
        """The same; tried again it is the same request, as its key says."""
        return self.insist("POST", path, person, {"Idempotency-Key": key}, body)

    def insist(self, method: str, path: str, person: Person, headers: Mapping[str, str], body: Any) -> Answer:
        while True:
            answer = self.ask(method, path, {"Authorization": f"Token {person.token}", **headers}, body)
            self.log.heard(self.name, method, path, answer)
            if answer.is_fine or answer.is_refusal or self.stop.wait(PAUSE):
                return answer

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: Any) -> Answer:
        text = None if body is None else json.dumps(body)
        try:
            self.connection.request(method, f"/api/v1/{path}", text, {"Content-Type": "application/json", **headers})
            response = self.connection.getresponse()
            said = response.read()
        except (OSError, HTTPException) as error:
            self.connection.close()
            return Answer(0, repr(error))
        return Answer(response.status, decoded(said), response.headers.get("Retry-After") is not None)


def decoded(said: bytes) -> Any:
    try:
        return json.loads(said) if said else None
    except ValueError:
        return said.decode(errors="replace")
