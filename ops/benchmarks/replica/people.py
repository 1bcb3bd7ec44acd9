"""People with several programs each, which ask the platform over HTTP."""

import random
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from typing import Any

import orjson

from ops.benchmarks.replica.judge import UNSEEN, Memory, Shown, Thing
from ops.benchmarks.replica.routing import ASKED

CONNECTIONS = 2  # of a program, so that its requests come to several processes
RENEWED = 0.02  # the share of requests by new connections
PATIENCE = 30.0  # seconds for an answer
KINDS = ("profile", "post", "status")
GROUP = "Those who look closely"
VERSION = re.compile(r"version (\d+)")


class Refused(RuntimeError):
    """What prepares the measuring was answered otherwise than it should."""


@dataclass(frozen=True)
class Answer:
    """`status` is 0 where there was none; `asked` is how many statements went to which server."""

    status: int = 0
    body: Any = None
    process: str = ""
    asked: dict[str, int] = field(default_factory=dict)

    @property
    def is_well(self) -> bool:
        return 200 <= self.status < 300


NOTHING = Answer()


class Program:
    """One of a person's: with a token, cookies and kept connections of its own. It does one thing at a time."""

    def __init__(self, token: str = "") -> None:
        self.token = token
        self.kept: list[HTTPConnection] = []
        self.cookies: dict[str, tuple[str, float]] = {}
        self.lock = threading.Lock()

    def meet(self, port: int) -> None:
        """Ask the server at this port from now on."""
        self.leave()
        self.kept = [HTTPConnection("127.0.0.1", port, timeout=PATIENCE) for _ in range(CONNECTIONS)]
        self.cookies.clear()

    def leave(self) -> None:
        for connection in self.kept:
            connection.close()

    def ask(self, method: str, path: str, **data: Any) -> Answer:
        with self.lock:
            return self.answer(method, path, data)

    def answer(self, method: str, path: str, data: dict[str, Any]) -> Answer:
        connection = random.choice(self.kept)  # noqa: S311 - chance, not a secret
        if random.random() < RENEWED:  # noqa: S311 - the same
            connection.close()  # and it connects anew by itself
        try:
            connection.request(method, f"/api/v1/{path}", orjson.dumps(data) if data else None, self.headers())
            response = connection.getresponse()
            text = response.read()
        except (OSError, HTTPException):
            connection.close()
            return NOTHING
        self.keep(response.headers.get_all("Set-Cookie") or [])
        process, asked = read_witness(response.headers.get(ASKED, ""))
        with suppress(orjson.JSONDecodeError):
            return Answer(response.status, orjson.loads(text), process, asked)
        return Answer(response.status, None, process, asked)

    def headers(self) -> dict[str, str]:
        now = time.monotonic()
        cookies = "; ".join(f"{name}={value}" for name, (value, until) in self.cookies.items() if now < until)
        return {"Content-Type": "application/json", **({"Cookie": cookies} if cookies else {}),
                **({"Authorization": f"Token {self.token}"} if self.token else {})}

    def keep(self, lines: Sequence[str]) -> None:
        for line in lines:
            for name, cookie in SimpleCookie(line).items():
                self.cookies[name] = cookie.value, time.monotonic() + float(cookie["max-age"] or "inf")


def read_witness(text: str) -> tuple[str, dict[str, int]]:
    """The process that answered, and what it asked of which server."""
    process, *counts = text.split() or [""]
    return process, {alias: int(count) for alias, _, count in (each.partition("=") for each in counts)}


@dataclass
class Person:
    """`post` is the id of their meal; `tried` are the newest versions, answered or not, of what they tell."""

    id: str
    programs: list[Program]
    post: str = ""
    memory: Memory = field(default_factory=Memory)
    tried: dict[str, int] = field(default_factory=dict)
    writing: threading.Lock = field(default_factory=threading.Lock)

    def call(self, method: str, path: str, **data: Any) -> Any:
        """What the platform says. Raises Refused unless it is well."""
        answer = self.programs[0].ask(method, path, **data)
        if not answer.is_well:
            raise Refused(f"{method} {path}: {answer.status} {answer.body}")
        return answer.body


def register(number: int, programs: int, port: int) -> Person:
    """A new person in community mode, logged in so many times. Raises Refused."""
    first = Program()
    first.meet(port)
    person = Person("", [first])
    account = {"email": f"person{number}@example.org", "password": secrets.token_urlsafe(16)}
    made = person.call("POST", "auth/register", name=f"Person {number}", sharing_mode="community", **account)
    person.id, tokens = made["user"]["id"], [made["token"]]
    tokens += [person.call("POST", "auth/login", **account)["token"] for _ in range(programs - 1)]
    first.leave()
    person.programs = [Program(token) for token in tokens]
    for program in person.programs:
        program.meet(port)
    return person


def acquaint(people: Sequence[Person]) -> None:
    """Have all of them share in one group, offer a meal there, and be friends. Raises Refused."""
    group = people[0].call("POST", "groups", name=GROUP, group_type="community")["id"]
    for person in people:
        if person is not people[0]:
            person.call("POST", f"groups/{group}/join")
        person.post = person.call("POST", "food-posts", title="version 0", group=group, pickup_time=tomorrow())["id"]
        person.call("PATCH", f"profiles/{person.id}", bio="version 0")
        person.call("POST", "status-updates", content="version 0")
        for other in people:
            if other is not person:
                person.call("POST", "relationships", to=other.id, type="FRIEND")


def tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()


def version(text: str | None) -> int:
    found = VERSION.fullmatch(text or "")
    return int(found[1]) if found else UNSEEN


@dataclass(frozen=True)
class Look:
    """One way to look at things: an address below the API's, what an answer shows, and which of the person's own things
    it has to, if any."""

    path: str
    shown: Callable[[Any], Shown]
    own: str = ""


def looks(person: Person, people: Sequence[Person]) -> Iterator[Look]:
    """All that a person may look at."""
    for each in people:
        own = KINDS if each is person else ("", "", "")
        yield Look(f"profiles/{each.id}", partial(one, Thing("profile", each.id), "bio"), own[0])
        yield Look(f"food-posts/{each.post}", partial(one, Thing("post", each.id), "title"), own[1])
        yield Look(f"status-updates?author={each.id}", newest_statuses, own[2])
    yield Look("food-posts", partial(all_posts, people), "post")
    yield Look("food-posts?mine=true", partial(all_posts, [person]), "post")
    yield Look("feed", newest_statuses, "status")


def one(thing: Thing, column: str, body: Any) -> Shown:
    return {thing: version(body.get(column))}


def all_posts(people: Sequence[Person], body: Any) -> Shown:
    """Everybody's post is listed, or it is shown that it is not there."""
    listed = {each["author"]["id"]: version(each["title"]) for each in body.get("results", [])}
    return {Thing("post", each.id): listed.get(each.id, UNSEEN) for each in people}


def newest_statuses(body: Any) -> Shown:
    """Of those who are on the page the newest; others may have been pushed off it."""
    newest: dict[Thing, int] = {}
    for each in body.get("results", []):
        thing = Thing("status", each["author"]["id"])
        newest[thing] = max(version(each["content"]), newest.get(thing, UNSEEN))
    return newest


def tell(person: Person, kind: str, number: int, program: Program) -> Answer:
    """Write a version of one of the person's things."""
    text = f"version {number}"
    match kind:
        case "profile":
            return program.ask("PATCH", f"profiles/{person.id}", bio=text)
        case "post":
            return program.ask("PATCH", f"food-posts/{person.post}", title=text)
        case _:
            return program.ask("POST", "status-updates", content=text)
