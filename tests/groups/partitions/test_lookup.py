"""A row of a partitioned table is found by its key in its own partition."""

import pytest
from django.db import connection, connections
from pytest_django import DjangoAssertNumQueries

from foodshare.db.keys import new_key
from foodshare.models import User
from groups.models import ForumCategory, ForumPost, ForumThread, Message, Room, StatusUpdate
from tests import factories as make
from tests.groups.partitions.tools import partitions, plan_of, tables_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> User:
    return make.make_user()


@pytest.fixture
def message(author: User) -> Message:
    room = Room.objects.create(group=make.make_group(), name="General")
    return Message.objects.create(room=room, sender=author, content="hello")


def test_the_row_has_the_time_of_its_key(message: Message) -> None:
    stored = Message.objects.get(pk=message.pk)
    assert stored.created_at == message.created_at
    assert str(message.pk)[14] == "7"


def test_by_its_key_one_partition_is_read(message: Message) -> None:
    assert len(partitions("messages")) > 3
    name = f"messages_y{message.created_at:%Ym%m}"
    for found in (Message.objects.filter(pk=message.pk), Message.objects.filter(pk__in=[message.pk]),
                  Message.objects.select_related("sender").filter(pk=message.pk)):
        assert tables_of(plan_of(found)) - {"users"} == {name}


def test_a_status_update_in_its_week(author: User) -> None:
    status = StatusUpdate.objects.create(author=author, content="three loaves left")
    year, week, _ = status.created_at.isocalendar()
    assert tables_of(plan_of(StatusUpdate.objects.filter(pk=status.pk))) == {f"status_updates_y{year}w{week:02}"}


def test_saved_and_deleted_in_one_partition(message: Message,
                                            django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1) as saved:
        message.save(update_fields=["content"])
    with django_assert_num_queries(1) as deleted:
        message.delete()
    for query in (*saved.captured_queries, *deleted.captured_queries):
        assert '"created_at" BETWEEN' in query["sql"]
    assert not Message.objects.exists()


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_forum_post_in_its_category_and_month() -> None:
    author = User.objects.using("owner").create(name="Ada")
    categories = [ForumCategory.objects.using("owner").create(slug=slug, name=slug) for slug in ("recipes", "tools")]
    for category in categories:
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT create_category_partition(%s, (now() AT TIME ZONE 'UTC')::date)", [category.slug])
        thread = ForumThread.objects.using("owner").create(category=category, author=author, title="Rye bread")
        fields = {"category": category, "thread": thread, "author": author, "content": "How?"}
        post = ForumPost.objects.using("owner").create(**fields)
        posts = ForumPost.objects.using("owner").filter(pk=post.pk)
        assert tables_of(plan_of(posts)) == {f"forum_posts_{category.slug}_y{post.created_at:%Ym%m}"}
        assert posts.get().category_id == category.pk


def test_no_row_is_sought_for_another_kind_of_key(message: Message) -> None:
    assert not Message.objects.filter(pk=new_key()).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM messages")
        assert cursor.fetchone() == (1,)

