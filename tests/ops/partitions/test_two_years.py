"""Two years of days, in a session that is not in UTC, while others write: no gap, no overlap, no row refused."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from threading import Barrier, BrokenBarrierError, Thread

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.db.keys import new_key
from foodshare.models import User
from groups.models import ForumCategory, ForumPost, ForumThread, Message, Room, StatusUpdate
from ops.partitions import maintain
from tests import factories as make
from tests.databases import run, value
from tests.ops.partitions.tools import layout, names

FIRST, LAST = date(2027, 1, 1), date(2029, 1, 31)  # two year ends, a leap day, five changes of the clocks
ZONE = "SET TimeZone = 'America/New_York'"
MOMENTS = (time(0), time(2, 30), time(7, 30), time(23, 59, 59, 999999))  # of a day in UTC
TABLES = ("messages", "status_updates", "forum_posts_recipes")


def days() -> Iterator[date]:
    day = FIRST
    while day <= LAST:
        yield day
        day += timedelta(days=1)


class Writers(Thread):
    """People who write all day, by a connection of their own; each day begins when upkeep's does."""

    def __init__(self, morning: Barrier) -> None:
        super().__init__()
        self.morning = morning
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            run(ZONE, alias="default")
            author, room = User.objects.get(), Room.objects.get()
            thread = ForumThread.objects.select_related("category").get()
            for day in days():
                self.morning.wait()
                for moment in MOMENTS:
                    write(datetime.combine(day, moment, UTC), author, room, thread)
        except BrokenBarrierError:
            pass
        except Exception as error:
            self.error = error
            self.morning.abort()
        finally:
            connections.close_all()


def write(at: datetime, author: User, room: Room, thread: ForumThread) -> None:
    """One row in every partitioned table."""
    Message.objects.create(id=new_key(at), room=room, sender=author, content="hello")
    StatusUpdate.objects.create(id=new_key(at), author=author, content="three loaves left")
    ForumPost.objects.create(id=new_key(at), category=thread.category, thread=thread, author=author, content="How?")


@pytest.fixture
def forum(scratch: BaseDatabaseWrapper) -> ForumThread:
    """A database without partitions, with a person, a room, and a thread in an open category."""
    for table in ("messages", "status_updates"):
        for name in names(table):
            run(f"DROP TABLE {name}")
    author = make.make_user()
    Room.objects.create(group=make.make_group(), name="General")
    category = ForumCategory.objects.create(slug="recipes", name="Recipes", opened_at=datetime.now(UTC))
    return ForumThread.objects.create(category=category, author=author, title="Rye bread")


@pytest.mark.slow
def test_a_walk_of_two_years(scratch: BaseDatabaseWrapper, forum: ForumThread) -> None:
    run(ZONE)
    maintain(scratch, FIRST)
    morning = Barrier(2)
    writers = Writers(morning)
    writers.start()
    try:
        for day in days():
            morning.wait()
            outcome = maintain(scratch, day)
            assert (day, outcome.failures, outcome.findings) == (day, [], [])
    except BrokenBarrierError:
        pass
    finally:
        morning.abort()
        writers.join()
    assert writers.error is None
    for branch in layout().branches:
        ranges = sorted(found.range for found in branch.partitions if found.range)
        assert len(ranges) == len(branch.partitions) > 25
        assert all(end == start for (_, end), (start, _) in pairwise(ranges))
    expected = len(list(days())) * len(MOMENTS)
    assert {table: value(f"SELECT count(*) FROM {table}") for table in TABLES} == dict.fromkeys(TABLES, expected)
