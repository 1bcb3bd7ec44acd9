"""Loading what people say: profiles, friends, chats, news and the forum. Partitions are made, then filled in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from ops.seed import sayings
from ops.seed.dataset import DataSet
from ops.seed.session import Report, Rows, Session, let_standbys_follow, text_of

CHUNK = 100_000  # pairs of people or conversations a transaction
KINDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "chat": sayings.CHAT, "status": sayings.STATUSES, "bio": sayings.BIOS}
PARTITIONS = ("SELECT {}(day::date) FROM generate_series(%(first)s, (now() AT TIME ZONE 'UTC') + interval '{}', "
              "interval '{}') day")
MONTH, WEEK = "y%Ym%m", "y%Gw%V"  # how the names of partitions end
BESIDE = """
CREATE TABLE {1} (LIKE {0} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE);
{2}
ALTER TABLE {0} ATTACH PARTITION {1} FOR VALUES FROM (%(from)s) TO (%(to)s);
"""
GROWTH = 1.5  # how much there is by the share x of the time: x to this power; 1 would be evenly
TABLES = ("profiles, relationships, rooms, room_read_positions, conversations, conversation_participants, messages, "
          "status_updates, forum_categories, forum_threads, forum_posts")


@dataclass(frozen=True)
class Part:
    """The rows of a partition: `rows` of them after `base` others, of the times from `start` to before `end`.

    `name` is how the partition's name ends; `is_whole`: whether all its time is over; not of the last.
    """

    name: str
    start: datetime
    end: datetime
    base: int
    rows: int
    is_whole: bool


def load(session: Session, data: DataSet, values: dict[str, Any], tell: Report) -> None:
    """Make what is missing; it needs the temporary tables of load.prepare."""
    values = values | parameters(data)
    session.insert("seed_lines", lines())
    for name in ("profiles", "circle_of_friends", "rooms", "conversations", "first_groups"):
        session.run_file(name, values | {"first": 1, "last": data.size.users})
    users = data.size.users
    pairs, talks = (session.scalar(f"SELECT count(*) FROM seed_{name}") for name in ("pairs", "conversations"))
    Rows("relationships", "relationships", "relationship", pairs, users * 10, CHUNK).load(session, values, tell)
    Rows("conversation_rows", "conversations", "conversation", talks, users * 8, CHUNK).load(session, values, tell)
    session.run_file("talks", values)
    load_messages(session, data, values, tell)
    load_statuses(session, data, values, tell)
    load_forum(session, data, values, tell)
    tell("readers", 0, users)
    session.run_file("readers", values)
    tell("readers", users, users)


def load_messages(session: Session, data: DataSet, values: dict[str, Any], tell: Report) -> None:
    """Month by month."""
    months = months_until(data.at, min(data.size.months, reach(data)))
    session.run(PARTITIONS.format("create_monthly_partition", "3 months", "1 month"), {"first": months[-1]})
    fill(session, "messages", "messages", parts(months, MONTH, data.at, data.size.messages), values, tell)


def load_statuses(session: Session, data: DataSet, values: dict[str, Any], tell: Report) -> None:
    """Week by week."""
    weeks = weeks_until(data.at, lately(data) * 13 // 3)
    session.run(PARTITIONS.format("create_weekly_partition", "8 weeks", "1 week"), {"first": weeks[-1]})
    fill(session, "statuses", "status_updates", parts(weeks, WEEK, data.at, data.size.statuses), values, tell)


def load_forum(session: Session, data: DataSet, values: dict[str, Any], tell: Report) -> None:
    """The categories, all threads, then the posts, by category and month."""
    months = months_until(data.at, lately(data))
    values = values | {"from": months[0], "this_month": months[-1]}
    session.insert("seed_trees", sayings.tree_places())
    session.insert("seed_categories", categories())
    for name in ("categories", "forum_plan"):
        session.run_file(name, values)
    Rows("threads", "forum_threads", "thread", 1, values["threads"], 1).load(session, values, tell)
    for slug, name, _, share in sayings.CATEGORIES:
        posts = parts(months, MONTH, data.at, data.size.forum_posts * share // 100)  # about so many
        fill(session, "forum_posts", f"forum_posts_{slug}", posts, values | {"slug": slug}, tell, f"forum: {name}")


def fill(session: Session, file: str, table: str, parts: Sequence[Part], values: dict[str, Any], tell: Report,
         name: str = "") -> None:
    """Make the parts that are missing, each by one run of the file; its rows are known by the data set's tag.

    A partition that is not there yet is filled before it is attached: its indexes are built and its foreign keys
    checked at once, in half the time.
    """
    is_done = (f"SELECT EXISTS (SELECT FROM {table} WHERE created_at >= %(from)s AND created_at < %(to)s "
               "AND substr(id::text, 29, 4) = %(mark)s)")
    total = parts[-1].base + parts[-1].rows
    for part in parts:
        tell(name or file, part.base, total)
        partition = f"{table}_{part.name}"
        given = values | {"from": part.start, "to": part.end, "base": part.base, "total": part.rows,
                          "mark": f"{values['tag']:04x}"}
        is_new = part.is_whole and session.scalar("SELECT to_regclass(%(name)s)", {"name": partition}) is None
        if is_new or (part.rows and not session.scalar(is_done, given)):
            text = text_of(file).replace(":table", partition if is_new else table)
            session.run(BESIDE.format(table, partition, text) if is_new else text, given)
            let_standbys_follow(session)
    tell(name or file, total, total)


def parts(starts: Sequence[datetime], name: str, at: datetime, total: int) -> list[Part]:
    """Split `total` rows of the time until `at` by these starts, ever more of them."""
    bounds = [*starts, at]
    below = [round(total * ((bound - starts[0]) / (at - starts[0])) ** GROWTH) for bound in bounds]
    return [Part(f"{start:{name}}", start, end, base, next - base, is_whole=start != starts[-1])
            for (start, end), (base, next) in zip(pairwise(bounds), pairwise(below), strict=True)]


def months_until(at: datetime, number: int) -> list[datetime]:
    """The beginnings of so many months, the last of which holds `at`."""
    this = at.year * 12 + at.month - 1
    return [datetime(month // 12, month % 12 + 1, 1) for month in range(this - number + 1, this + 1)]


def weeks_until(at: datetime, number: int) -> list[datetime]:
    """The Mondays of so many weeks, the last of which holds `at`."""
    monday = datetime(at.year, at.month, at.day) - timedelta(days=at.weekday())
    return [monday - timedelta(weeks=back) for back in reversed(range(number))]


def reach(data: DataSet) -> int:
    """For how many months people have been there."""
    return data.history.days * 12 // 365


def lately(data: DataSet) -> int:
    """For how many months they tell news and use the forum: not from the start, when hardly anybody was there."""
    return min(data.size.months, 24, reach(data) - 6)


def parameters(data: DataSet) -> dict[str, Any]:
    """The values that the .sql files of what people say name."""
    return {
        "interests": sayings.INTERESTS, "roles": sayings.ROLES, "second_rooms": sayings.SECOND_ROOMS,
        "talk_titles": sayings.TALKS, "thread_titles": list(sayings.THREADS), "openings": list(sayings.OPENINGS),
        "replies": list(sayings.REPLIES), "trees": len(sayings.TREES), "hubs": hubs(data.size.users),
        "threads": max(10, data.size.forum_posts // 12), "forum_posts": data.size.forum_posts,
        **{f"{kind}_lines": len(said["en"]) for kind, said in KINDS.items()},
    }


def hubs(users: int) -> list[int]:
    """How many friends each of the few has who know everybody: 5,000 at most, or every twentieth person."""
    return [round(min(5_200, users / 20) / (place + 1) ** 0.5) for place in range(users // 10_000)]


def lines() -> list[list[Any]]:
    """Rows of seed_lines."""
    return [[kind, language, number, line] for kind, said in KINDS.items()
            for language, all_lines in said.items() for number, line in enumerate(all_lines, 1)]


def categories() -> list[list[Any]]:
    """Rows of seed_categories, each with its part of a whole that threads are drawn from."""
    shares = [share for *_, share in sayings.CATEGORIES]
    above = [sum(shares[:place]) / 100 for place in range(len(shares) + 1)]
    return [[number, slug, name, description, low, high, None]
            for number, ((slug, name, description, _), (low, high)) in enumerate(
                zip(sayings.CATEGORIES, pairwise(above), strict=True), 1)]
