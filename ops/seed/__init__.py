"""Believable data of any size, the same rows for the same scale, seed and date.

Every value is a hash of the data set and of a row's number (functions.sql), so the database makes the rows itself,
set by set. Nothing is written that the services would not have allowed, and nothing is appended to the outbox:
history is not news.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.auth.hashers import make_password
from django.db import connections

from groups.summary import refresh
from groups.summary_swap import swap
from ops.seed.dataset import SCALES, DataSet, SeedError, history_of
from ops.seed.load import load, parameters
from ops.seed.session import Report, Session, own_session
from ops.walk import DOMAIN
from reputation import ranks

__all__ = ["SCALES", "DataSet", "Report", "SeedError", "Seeded", "is_unfinished", "seed"]


@dataclass(frozen=True)
class Seeded:
    """What `seed` found or made; `swapped` says how the summary's definitions compared, None when none was swapped."""

    data: DataSet
    is_new: bool
    swapped: str | None


def seed(scale: str, seed: int = 1, at: datetime | None = None, report: Report | None = None, *,
         append: bool = False, password: str | None = None) -> Seeded:
    """Make the data set, or what an interrupted run left undone of it; harmless when it is complete.

    `at` (UTC; default: now, or the date of this data set when it is here already) must not be in the future.
    `append` lets it be added to other people's rows. With `password`, everybody in it can log in with that.
    Beyond demo the group summary gets its aggregated definition; it is refreshed in any case. Raises SeedError.
    """
    tell = report or (lambda *_: None)
    with own_session() as session:
        data = choose(session, scale, seed, at)
        if not append:
            refuse_others(session)
        is_new = not is_complete(session, data)
        if is_new:
            load(session, data, tell)
        if password is not None:
            session.run("UPDATE users SET password = %(hash)s WHERE email LIKE %(everybody)s",
                        {"hash": make_password(password), "everybody": data.address("%")})
    return Seeded(data, is_new, summarize(scale, tell))


def choose(session: Session, scale: str, seed: int, at: datetime | None) -> DataSet:
    """The data set that is meant: the one that is here, whose first two people tell its date, or a new one."""
    now = datetime.now(UTC).replace(tzinfo=None)
    if at is not None and at > now:
        raise SeedError(f"--at {at}: must not be in the future")
    data = DataSet(scale, seed, at or now.replace(microsecond=0))
    began, second = (session.scalar("SELECT created_at FROM users WHERE email = %(email)s", {"email": data.address(n)})
                     for n in (1, 2))
    if began is None:
        return data
    history = history_of(scale, began, second)
    if at is not None and began + history != at:
        raise SeedError(f"{scale} data with seed {seed} is here already, as of {began + history}: leave --at out to "
                        "complete it, or choose another --seed")
    return DataSet(scale, seed, began + history, history)


def is_unfinished(scale: str, seed: int = 1) -> bool:
    """Whether an interrupted load of a data set has left something undone."""
    with own_session() as session:
        data = choose(session, scale, seed, None)
        begun = session.scalar("SELECT EXISTS (SELECT FROM users WHERE email = %(email)s)", {"email": data.address(1)})
        return bool(begun) and not is_complete(session, data)


def is_complete(session: Session, data: DataSet) -> bool:
    """Whether the last step of a load has been done."""
    session.run_file("functions", parameters(data))
    return bool(session.scalar("SELECT EXISTS (SELECT FROM conversation_participants WHERE id = "
                               "pg_temp.seed_id('participant', 1, %(users)s * 20))", {"users": data.size.users}))


def refuse_others(session: Session) -> None:
    """Refuse a database in use: with people in it who are neither seeded, nor quickstart's, nor its staff."""
    name = session.scalar(
        "SELECT coalesce(email, name) FROM users "
        "WHERE NOT is_staff AND NOT coalesce(email ~ %(ours)s, false) LIMIT 1",
        {"ours": rf"^(person\d+@({'|'.join(SCALES)})\d+\.example|[^@]+@{re.escape(DOMAIN)})$"})
    if name is not None:
        raise SeedError(f"this database has people of its own ({name}, for one); with --append the data set "
                        "is added to theirs")


def summarize(scale: str, tell: Report) -> str | None:
    """Swap the group summary to the definition that bears this much data, and refresh it; rank people by score."""
    tell("group summary", 0, 1)
    comparison = swap(connections["owner"], "aggregated") if scale != "demo" else None
    refresh(connections["owner"])
    tell("group summary", 1, 1)
    ranks.refill()
    return None if comparison is None else str(comparison)
