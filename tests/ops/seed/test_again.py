"""An interrupted run is completed by the next one, and a complete one is left as it is."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connections

from ops.seed import SeedError, is_unfinished, seed
from ops.seed.dataset import DataSet
from ops.seed.load import load
from ops.seed.session import own_session
from ops.walk import DOMAIN
from tests.factories import make_moderator, make_user
from tests.ops.seed.checks import broken
from tests.ops.seed.tools import AT, checksums

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


class Interrupted(Exception):
    pass


def stop_at(step: str, after: int) -> None:
    """Load demo data, and break off when `step` has come as far as `after`."""
    def report(name: str, done: int, total: int) -> None:
        if name == step and done >= after:
            raise Interrupted
    with pytest.raises(Interrupted), own_session() as session:
        load(session, DataSet("demo", 1, AT), report)


@pytest.mark.slow
def test_interrupted_runs_are_completed_at_their_own_date() -> None:
    steps = [("groups", 0), ("posts", 0), ("reputation", 0), ("relationships", 0), ("messages", 1), ("statuses", 1),
             ("forum: Recipes", 1), ("readers", 0)]
    states = []
    for step, after in steps:
        stop_at(step, after)
        states.append(checksums())
    seeded = seed("demo")
    assert (seeded.data.at, seeded.is_new) == (AT, True)
    completed = checksums()
    assert all(earlier != later for earlier, later in pairwise([*states, completed]))
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(completed)} CASCADE")
    seed("demo", at=AT)
    assert checksums() == completed


def test_what_an_interrupted_run_left_undone_is_known() -> None:
    assert not is_unfinished("demo")
    stop_at("groups", 0)
    assert is_unfinished("demo")
    seed("demo")
    assert not is_unfinished("demo")


@pytest.mark.slow
def test_a_set_from_before_people_talked_gets_what_they_say() -> None:
    """It reaches back two years only, and its groups have their first rooms from a migration."""
    old = DataSet("demo", 1, AT, timedelta(days=730))
    before = ("users", "group_memberships", "food_posts", "exchanges", "user_global_reputation")
    with own_session() as session:
        load(session, old, lambda *_: None)
        session.run("TRUNCATE profiles, relationships, rooms, conversations, forum_categories, status_updates CASCADE")
        session.run("INSERT INTO rooms (group_id, name) SELECT id, 'General' FROM community_groups")
    kept = {table: checksums()[table] for table in before}
    seeded = seed("demo")
    found = checksums()
    assert (seeded.data, seeded.is_new) == (old, True)
    assert {table: found[table] for table in before} == kept
    assert [found[table][0] for table in ("messages", "status_updates", "forum_posts")] == [600, 100, 60]
    assert broken() == {}


def test_a_complete_set_is_left_as_it_is() -> None:
    seed("demo", at=AT)
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE food_posts SET title = 'Claimed since'")
    before = checksums()
    assert seed("demo").is_new is False
    assert checksums() == before


def test_a_set_of_another_date_is_refused() -> None:
    seed("demo", at=AT)
    with pytest.raises(SeedError, match="as of 2026-05-01 12:00"):
        seed("demo", at=AT - timedelta(days=1))


def test_a_date_in_the_future_is_refused() -> None:
    with pytest.raises(SeedError, match="future"):
        seed("demo", at=datetime(9000, 1, 1))


def test_other_peoples_rows_are_left_alone_unless_told() -> None:
    person = make_user(name="Ada", email="ada@example.org")
    with pytest.raises(SeedError, match=r"ada@example\.org.*--append"):
        seed("demo", at=AT)
    assert checksums()["users"][0] == 1
    seed("demo", at=AT, append=True)
    person.refresh_from_db()
    assert (person.name, checksums()["users"][0]) == ("Ada", 51)


def test_staff_the_walks_people_and_other_sets_are_no_obstacle() -> None:
    make_moderator()
    make_user(email=f"giver.0a1b2c3d@{DOMAIN}", is_active=False)
    seed("demo", at=AT)
    seed("demo", seed=2, at=AT)
    assert checksums()["users"][0] == 102
