"""What is in the database, compared with what clients were told: nothing lost, nothing there twice.

What nobody was told of may be there or not, as its answer may have been lost; but once, and with all that follows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, LiteralString, NamedTuple, TypeVar

import psycopg
from psycopg.rows import class_row

from ops.cluster.drill.clients import Acknowledged

Row = TypeVar("Row")
LOST, DUPLICATED = "lost", "duplicated"


class Post(NamedTuple):
    id: str
    title: str
    author: str


class Exchange(NamedTuple):
    id: str
    post: str
    giver: str
    recipient: str
    is_confirmed: bool
    is_completed: bool


class Rating(NamedTuple):
    id: str
    exchange: str
    rater: str
    stars: int


class Event(NamedTuple):
    """One that was applied: of the ledger of reputation, or of the groups' log."""

    id: str
    kind: str
    person: str
    about: str  # the exchange's id; of an event of none its own, which for a post that was shared is the post's


@dataclass
class Tables:
    """What the audit looks at."""

    posts: list[Post] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    ratings: list[Rating] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True)
class Finding:
    kind: str  # LOST, DUPLICATED
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


def audit(acknowledged: Iterable[Acknowledged], tables: Tables) -> list[Finding]:
    """Everything that is lost or there twice, by name."""
    missing = [Finding(LOST, f"{each.title}: {each.step} by {each.person}, acknowledged as {each.id}")
               for each in unfound(acknowledged, tables)]
    return [*missing, *rows_twice(tables), *events_differing(tables)]


def unfound(acknowledged: Iterable[Acknowledged], tables: Tables) -> Iterator[Acknowledged]:
    """What was acknowledged and is not there."""
    titles = {post.id: post.title for post in tables.posts}
    there: dict[str, set[tuple[str, str | None, str]]] = {
        "posted": {(post.id, post.title, post.author) for post in tables.posts},
        "claimed": {(each.id, titles.get(each.post), each.recipient) for each in tables.exchanges},
        "confirmed": {(each.id, titles.get(each.post), each.giver) for each in tables.exchanges if each.is_confirmed},
        "completed": {(each.id, titles.get(each.post), each.recipient)
                      for each in tables.exchanges if each.is_completed},
        "rated": {(each.id, titles.get(each.post), rating.rater) for each in tables.exchanges
                  for rating in tables.ratings if rating.exchange == each.id},
    }
    return (each for each in acknowledged if (each.id, each.title, each.person) not in there[each.step])


def rows_twice(tables: Tables) -> Iterator[Finding]:
    """Rows of which a client's program wanted one."""
    yield from twice("post", (post.title for post in tables.posts))
    yield from twice("exchange of post", (exchange.post for exchange in tables.exchanges))
    yield from twice("rating", ((rating.exchange, rating.rater) for rating in tables.ratings))
    yield from twice("event", (event.id for event in tables.events))


def twice(what: str, names: Iterable[Any]) -> Iterator[Finding]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Finding(DUPLICATED, f"{what} {name}: {count} rows")


def events_differing(tables: Tables) -> Iterator[Finding]:
    """Events that should follow from the rows and did not, or did more than once."""
    right, found = Counter(expected(tables)), Counter(event[1:] for event in tables.events)
    for wanted, count in (right - found).items():
        yield Finding(LOST, f"{count} of {right[wanted]} events {said(*wanted)}")
    for extra, count in (found - right).items():
        yield Finding(DUPLICATED, f"{count} more than the {right[extra]} events {said(*extra)}")


def said(kind: str, person: str, about: str) -> str:
    return f"{kind} of person {person} about {about}"


def expected(tables: Tables) -> Iterator[tuple[str, str, str]]:
    """Each event that the rows call for, by kind, person and what it is about; every pickup is in time, every star a
    fifth."""
    rated = Counter(rating.exchange for rating in tables.ratings)
    for post in tables.posts:
        yield "food_shared", post.author, post.id
    for each in tables.exchanges:
        yield "food_claimed", each.recipient, each.id
        if each.is_confirmed:
            yield "exchange_confirmed", each.recipient, each.id
        if each.is_completed:
            yield "exchange_completed", each.giver, each.id
            yield "exchange_completed", each.recipient, each.id
            yield "reliable_pickup", each.recipient, each.id
        if rated[each.id] == 2:  # then both are revealed
            yield "highly_rated_food", each.giver, each.id
            yield "exchange_rated", each.recipient, each.id


POSTS: LiteralString = "SELECT id::text, title, author_id::text AS author FROM food_posts"
EXCHANGES: LiteralString = """
    SELECT exchanges.id::text, food_id::text AS post, author_id::text AS giver, recipient_id::text AS recipient,
           giver_confirmed_at IS NOT NULL AS is_confirmed, completed_at IS NOT NULL AS is_completed
    FROM exchanges JOIN food_posts ON food_posts.id = food_id
"""
RATINGS: LiteralString = "SELECT id::text, exchange_id::text AS exchange, rater_id::text AS rater, stars FROM ratings"
EVENTS: LiteralString = """
    SELECT id::text, event_type AS kind, user_id::text AS person, coalesce(related_exchange_id, id)::text AS about
    FROM reputation_events
    UNION ALL
    SELECT id::text, event_type, user_id::text, details ->> 'exchange_id' FROM group_activities
    WHERE event_type IN ('food_claimed', 'exchange_confirmed')
"""


def read_tables(connection: "psycopg.Connection[Any]") -> Tables:
    """All of it, in one snapshot."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return Tables(rows(connection, Post, POSTS), rows(connection, Exchange, EXCHANGES),
                      rows(connection, Rating, RATINGS), rows(connection, Event, EVENTS))


def rows(connection: "psycopg.Connection[Any]", kind: type[Row], query: LiteralString) -> list[Row]:
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(query).fetchall()
