"""Loading a data set: people, groups, food and reputation, then what people say to each other (social.py)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.db import transaction

from ops.seed import catalogue, social
from ops.seed.catalogue import words
from ops.seed.dataset import ARRIVAL, DataSet
from ops.seed.session import Report, Rows, Session, let_standbys_follow
from reputation.replay import standings_of, write

CHUNK = 50_000  # users or posts a transaction
STANDINGS = 5_000  # people whose reputation is folded in one
WITHOUT_REPUTATION = """
    SELECT array_agg(id) FROM seed_people p WHERE n BETWEEN %(first)s AND %(last)s
    AND NOT EXISTS (SELECT FROM user_global_reputation r WHERE r.user_id = p.id)
"""
TABLES = ("neighborhoods, buildings, users, mode_transition_events, verification_requests, community_groups, "
          "group_memberships, food_posts, exchanges, ratings, user_global_reputation, reputation_events, "
          "reputation_states")


def load(session: Session, data: DataSet, tell: Report) -> None:
    """Make what is missing of `data`, each run of rows in a transaction of its own."""
    values = parameters(data)
    prepare(session, data, values)
    values |= {"seats": (seats := session.scalar("SELECT count(*) FROM seed_seats")), "flat": max(3, seats / 100)}
    size = data.size
    for rows in (Rows("users", "users", "user", size.users, size.users, CHUNK),
                 Rows("groups", "community_groups", "group", size.groups, size.groups, size.groups),
                 Rows("posts", "food_posts", "post", size.posts, size.posts, CHUNK)):
        rows.load(session, values, tell)
    add_reputation(session, data, values, tell)
    social.load(session, data, values, tell)
    settle(session, tell)


def add_reputation(session: Session, data: DataSet, values: dict[str, Any], tell: Report) -> None:
    """Open everybody's ledger, and keep what it folds to; a run of people a transaction."""
    tell("reputation", 0, data.size.users)
    if session.scalar("SELECT EXISTS (SELECT FROM seed_people p WHERE NOT EXISTS ("
                      "SELECT FROM user_global_reputation r WHERE r.user_id = p.id))"):
        session.run(f"ANALYZE {TABLES}")
        session.run_file("reputation", values)
    for first in range(1, data.size.users + 1, STANDINGS):
        last = min(first + STANDINGS - 1, data.size.users)
        if people := session.scalar(WITHOUT_REPUTATION, {"first": first, "last": last}):
            with transaction.atomic("owner"):
                write(standings_of(people, "owner"), "owner")
            let_standbys_follow(session)
        tell("reputation", last, data.size.users)


def prepare(session: Session, data: DataSet, values: dict[str, Any]) -> None:
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
    tables = f"{TABLES}, {social.TABLES}".split(", ")
    for done, table in enumerate(tables):
        tell("vacuum and analyze", done, len(tables))
        session.connection.execute(f"VACUUM (ANALYZE) {table}".encode())
    let_standbys_follow(session, 0)
    tell("vacuum and analyze", len(tables), len(tables))


def parameters(data: DataSet) -> dict[str, Any]:
    """The values that the .sql files name."""
    shares = city_shares(data)
    return {
        "salt": data.salt, "tag": data.tag, "at": data.at, "history": data.history, "arrival": ARRIVAL,
        "domain": data.domain, "users": data.size.users, "posts": data.size.posts, "groups": data.size.groups,
        "recency": data.size.recency, "is_demo": data.scale == "demo",
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
    return [[place + 1, city.name, catalogue.STATES[city.name], city.language, words(city.districts),
             communities[place], neighborhoods[place], 2 + int(data.size.users * shares[place] * 0.45 / 8 / 6)]
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
