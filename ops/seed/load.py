"""Loading a data set: a session of its own, and the steps in their order."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections

from ops.seed import catalogue
from ops.seed.catalogue import words
from ops.seed.dataset import DataSet, SeedError

Report = Callable[[str, int, int], None]  # what is being made, rows done, rows in all

CHUNK = 50_000  # users or posts a transaction
STANDBY_LAG = 256 * 1024**2  # bytes of WAL that a standby may be behind before the load waits for it
LOCK = 5_009_002  # advisory: one load at a time
FOLDER = Path(__file__).parent
TABLES = ("neighborhoods, buildings, users, mode_transition_events, verification_requests, community_groups, "
          "group_memberships, food_posts, exchanges, ratings, user_global_reputation, reputation_events")
SESSION = """
SET synchronous_commit = off; SET work_mem = '128MB'; SET temp_buffers = '128MB'; SET jit = off; SET TimeZone = 'UTC';
"""


class Session:
    """The owner's connection of one load. What it sets and keeps in temporary tables ends with it."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self.connection = connection

    def run(self, statements: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run statements in one transaction; all of them happen, or none."""
        with self.connection.transaction(), psycopg.ClientCursor(self.connection) as cursor:
            cursor.execute(statements.encode(), parameters)

    def run_file(self, name: str, parameters: Mapping[str, Any]) -> None:
        self.run((FOLDER / f"{name}.sql").read_text(encoding="utf-8"), parameters)

    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        places = ", ".join(["%s"] * len(rows[0]))
        with psycopg.ClientCursor(self.connection) as cursor:
            cursor.executemany(f"INSERT INTO {table} VALUES ({places})".encode(), rows)

    def scalar(self, query: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row; None when there is no row."""
        with psycopg.ClientCursor(self.connection) as cursor:
            row = cursor.execute(query.encode(), parameters).fetchone()
        return row and row[0]


@contextmanager
def own_session() -> Iterator[Session]:
    """A new connection of the owner, alone with its lock. Raises SeedError when another load runs.

    What psycopg raises meanwhile becomes Django's error, as on a connection of Django's own.
    """
    owner = connections["owner"]
    parameters = {**owner.get_connection_params(), "autocommit": True}
    with owner.wrap_database_errors, psycopg.connect(**parameters) as connection:
        session = Session(connection)
        if not session.scalar("SELECT pg_try_advisory_lock(%(lock)s)", {"lock": LOCK}):
            raise SeedError("another run is loading data; wait for it")
        session.run(SESSION)
        yield session


def load(session: Session, data: DataSet, tell: Report) -> None:
    """Make what is missing of `data`, each run of rows in a transaction of its own."""
    values = parameters(data)
    prepare(session, data, values)
    values |= {"seats": (seats := session.scalar("SELECT count(*) FROM seed_seats")), "flat": max(3, seats / 100)}
    size = data.size
    for name, table, kind, rows, chunk in (("users", "users", "user", size.users, CHUNK),
                                           ("groups", "community_groups", "group", size.groups, size.groups),
                                           ("posts", "food_posts", "post", size.posts, CHUNK)):
        is_done = f"SELECT EXISTS (SELECT FROM {table} WHERE id = pg_temp.seed_id(%(kind)s, %(first)s, %(rows)s))"
        for first in range(1, rows + 1, chunk):
            tell(name, first - 1, rows)
            if not session.scalar(is_done, {"kind": kind, "first": first, "rows": rows}):
                session.run_file(name, values | {"first": first, "last": min(first + chunk - 1, rows)})
                let_standbys_follow(session)
        tell(name, rows, rows)
    session.run(f"ANALYZE {TABLES}")
    tell("reputation", 0, size.users)
    session.run_file("reputation", values)
    tell("reputation", size.users, size.users)
    settle(session, tell)


def prepare(session: Session, data: DataSet, values: Mapping[str, Any]) -> None:
    """Work out, in temporary tables, who lives where, belongs where and may give to whom."""
    session.run_file("functions", values)
    session.run_file("words", values)
    session.insert("seed_cities", cities(data))
    session.insert("seed_languages", languages())
    session.insert("seed_foods", foods())
    session.insert("seed_phrases", [[list(phrases) for phrases in (
        catalogue.TITLES, catalogue.REASONS, catalogue.NOTES, catalogue.COMMENTS, catalogue.CANCELLATIONS,
        catalogue.DISPUTES, catalogue.RESOLUTIONS)]])
    for name in ("places", "people", "circles"):
        session.run_file(name, values)


def settle(session: Session, tell: Report) -> None:
    """Leave the tables as autovacuum would, sooner: statistics, visibility, and standbys close behind."""
    tables = TABLES.split(", ")
    for done, table in enumerate(tables):
        tell("vacuum and analyze", done, len(tables))
        session.connection.execute(f"VACUUM (ANALYZE) {table}".encode())
    let_standbys_follow(session, 0)
    tell("vacuum and analyze", len(tables), len(tables))


def let_standbys_follow(session: Session, lag: int = STANDBY_LAG) -> None:
    """Wait while a connected standby is more than `lag` bytes behind: too far, and the primary drops its WAL."""
    behind = session.scalar("SELECT pg_current_wal_lsn()")
    while session.scalar(
        "SELECT EXISTS (SELECT FROM pg_replication_slots WHERE active AND slot_type = 'physical' "
        "AND pg_wal_lsn_diff(%(now)s, restart_lsn) > %(lag)s)", {"now": behind, "lag": lag}):
        time.sleep(0.1)


def parameters(data: DataSet) -> dict[str, Any]:
    """The values that the .sql files name."""
    shares = city_shares(data)
    return {
        "salt": data.salt, "at": data.at, "domain": data.domain, "users": data.size.users,
        "posts": data.size.posts, "groups": data.size.groups, "recency": data.size.recency,
        "city_bounds": [float(sum(shares[:place])) for place in range(len(shares))],
        "languages": list(catalogue.NAMES),
        "community_names": list(catalogue.COMMUNITY_GROUPS), "community_count": len(catalogue.COMMUNITY_GROUPS),
        "neighborhood_names": list(catalogue.NEIGHBORHOOD_GROUPS),
        "neighborhood_count": len(catalogue.NEIGHBORHOOD_GROUPS),
        "foods": len(catalogue.FOODS),
    }


def city_shares(data: DataSet) -> list[float]:
    """Each city's share of the people, the biggest first."""
    weights = [1 / (place + 1) ** 0.8 for place in range(data.size.cities)]
    return [weight / sum(weights) for weight in weights]


def cities(data: DataSet) -> list[list[Any]]:
    """Rows of seed_cities: seven of ten groups are of the community type; six verified people share a building."""
    shares = city_shares(data)
    communities = apportion(data.size.groups * 7 // 10, shares)
    neighborhoods = apportion(data.size.groups - sum(communities), shares)
    return [[place + 1, city.name, city.language, words(city.districts), communities[place], neighborhoods[place],
             2 + int(data.size.users * shares[place] * 0.45 / 8 / 6)]
            for place, city in enumerate(catalogue.CITIES[: data.size.cities])]


def apportion(total: int, shares: Sequence[float]) -> list[int]:
    """Split `total` by `shares` into whole numbers that add up to it."""
    bounds = [round(total * sum(shares[:place])) for place in range(len(shares))] + [total]
    return [after - before for before, after in pairwise(bounds)]


def languages() -> list[list[Any]]:
    """Rows of seed_languages; people may come from where no street is."""
    rows: list[list[Any]] = []
    for language, (given, family) in catalogue.NAMES.items():
        streets = catalogue.STREETS.get(language)
        rows.append([language, words(given), words(family), streets and streets.address,
                     words(streets.names if streets else "")])
    return rows


def foods() -> list[list[Any]]:
    """Rows of seed_foods."""
    return [[number, food.title, food.category, words(food.quantities), words(food.allergens), words(food.diets),
             food.keeps, food.description] for number, food in enumerate(catalogue.FOODS, 1)]
