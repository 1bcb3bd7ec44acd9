"""A Valkey and live processes of the tests' own, and people who listen to them."""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from redis import RedisError

from foodshare.cache.server import client
from foodshare.models import User
from groups import live
from groups.models import Conversation, Message, Room
from ops.servers.state import free_ports
from tests.web.tools import running, wait_for


class Live:
    """A running live process."""

    def __init__(self, port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.port, self.process, self.log = port, process, log

    def ask(self, path: str, method: str = "GET") -> tuple[int, Any, dict[str, str]]:
        """Status, decoded body and headers of an answer that is no stream."""
        client = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            client.request(method, path)
            response = client.getresponse()
            body = b"" if response.headers["Content-Type"].startswith("text/event-stream") else response.read()
            return response.status, json.loads(body or "null"), dict(response.headers)
        finally:
            client.close()

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        with suppress(OSError):
            return self.ask("/healthz")[0] == 200
        return False

    def status(self, name: str) -> int:
        """A number of the process, such as Threads, as /proc knows it."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        [value] = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
        return int(value)


@contextmanager
def living(log: Path, redis_url: str, port: int | None = None, **changes: str) -> Iterator[Live]:
    """`manage.py serve_live` on the test database, ready to listen to."""
    port = port or free_ports(1)[0]
    with running("serve_live", "--port", str(port), log=log, **changes | {"REDIS_URL": redis_url}) as process:
        found = Live(port, process, log)
        wait_for(found.answers)
        wait_for(lambda: client(redis_url).exists(settings.LIVE_SIGN))
        yield found


class Ear(threading.Thread):
    """Somebody who listens on one stream until it ends; `events` are those heard so far."""

    def __init__(self, port: int, user: User, last_event_id: str = "", *, reads: bool = True,
                 headers: dict[str, str] | None = None) -> None:
        super().__init__(daemon=True)
        self.events: list[dict[str, Any]] = []
        self.address = f"/events?{urlencode({'ticket': live.new_ticket(user), 'last_event_id': last_event_id})}"
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.connection.request("GET", self.address, headers=headers or {})
        self.response = self.connection.getresponse()
        self.status = self.response.status
        if reads:
            self.start()

    def run(self) -> None:
        with suppress(OSError, HTTPException, ValueError, AttributeError):  # the process was killed, or we hung up
            if self.status == 200:
                read_into(self.events, self.response)

    def hang_up(self) -> None:
        with suppress(OSError, AttributeError):  # the other side was first
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.join(30)

    def heard(self, event: str = "message") -> list[dict[str, Any]]:
        return [each for each in self.events if each["event"] == event]

    def contents(self) -> list[str]:
        return [each["data"]["content"] for each in self.heard()]

    def wait(self, event: str, number: int = 1) -> dict[str, Any]:
        """The event of this kind, once so many were heard."""
        return wait_for(lambda: self.heard(event)[number - 1:])[0]

    @property
    def last_event_id(self) -> str:
        return str(next(each["id"] for each in reversed(self.events) if "id" in each))


def read_into(events: list[dict[str, Any]], response: HTTPResponse) -> None:
    """Add each event of a stream as it comes, until it ends."""
    event: dict[str, Any] = {}
    while line := response.readline().decode():
        name, _, value = line.rstrip("\n").partition(": ")
        if line == "\n" and "data" in event:
            events.append(event)
            event = {}
        elif name:
            event[name] = json.loads(value) if name == "data" else value


class Follower(threading.Thread):
    """Who listens as a browser's program does: comes back with a new ticket, and drops what it has, by id."""

    def __init__(self, port: int, user: User) -> None:
        super().__init__(daemon=True)
        self.port, self.user = port, user
        self.messages: dict[str, str] = {}
        self.streams, self.last, self.stopped = 0, "", False
        self.ear: Ear | None = None
        self.start()
        wait_for(lambda: self.last)

    def run(self) -> None:
        while not self.stopped:
            with suppress(OSError, HTTPException, RedisError):  # nobody is there just now
                self.listen()
            time.sleep(0.2)

    def listen(self) -> None:
        ear = Ear(self.port, self.user, self.last)
        self.streams += ear.status == 200
        while ear.is_alive() and not self.stopped:
            self.note(ear)
            time.sleep(0.02)
        ear.hang_up()
        self.note(ear)

    def note(self, ear: Ear) -> None:
        for event in list(ear.events):
            self.last = event.get("id", self.last)
            if event["event"] == "message":
                self.messages.setdefault(event["id"], event["data"]["content"])

    def stop(self) -> None:
        self.stopped = True
        self.join(30)

    def contents(self) -> list[str]:
        """In the order in which they were first heard."""
        return list(self.messages.values())


def say(sender: User, place: Room | Conversation, content: str) -> Message:
    """Write a message and announce it, as the services do."""
    where = {"room": place} if isinstance(place, Room) else {"conversation": place}
    message = Message.objects.create(sender=sender, content=content, **where)
    live.announce("message", message)
    return message
