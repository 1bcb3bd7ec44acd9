"""The forum's categories are added, its threads locked and its posts removed."""

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from groups.models import ForumCategory, ForumPost, ForumThread
from groups.partitions import MOST_CATEGORIES
from groups.services import forum
from tests.admin.acting import decide, told
from tests.admin.rows import url
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NEW = {"slug": "baking", "name": "Baking", "description": "", "position": "1"}


@pytest.fixture
def thread(recipes: ForumCategory) -> ForumThread:
    return forum.create_thread(make_user(), recipes, "Rye bread", "How?")


def test_an_added_category_waits_for_the_worker(superuser_client: Client) -> None:
    answer = superuser_client.post(url(ForumCategory, "add"), NEW)
    assert answer.status_code == 302
    assert not ForumCategory.objects.get(slug="baking").is_open
    job = ProcrastinateJob.objects.get(task_name="groups.tasks.open_forum_category")
    assert job.args == {"slug": "baking"}


def test_only_as_many_as_may_be_are_added(superuser_client: Client) -> None:
    ForumCategory.objects.bulk_create(ForumCategory(slug=f"subject{number}", name="…")
                                      for number in range(MOST_CATEGORIES - 1))
    answer = superuser_client.post(url(ForumCategory, "add"), NEW)
    assert "There are 12 categories" in answer.content.decode()
    assert not ProcrastinateJob.objects.exists()


def test_a_slug_is_given_once(superuser_client: Client, recipes: ForumCategory) -> None:
    superuser_client.post(url(ForumCategory, "change", recipes.pk), NEW)
    recipes.refresh_from_db()
    assert (recipes.slug, recipes.name, recipes.is_open) == ("testrecipes", "Baking", True)
    assert not ProcrastinateJob.objects.exists()


def test_a_thread_is_locked_and_unlocked(superuser_client: Client, thread: ForumThread) -> None:
    assert told(decide(superuser_client, "lock", thread)) == ["1 locked."]
    thread.refresh_from_db()
    assert thread.locked_at is not None
    assert told(decide(superuser_client, "unlock", thread))[-1] == "1 unlocked."
    thread.refresh_from_db()
    assert thread.locked_at is None


def test_a_post_is_removed(superuser_client: Client, thread: ForumThread) -> None:
    post = thread.posts.get()
    assert told(decide(superuser_client, "remove", post)) == ["1 removed."]
    post = ForumPost.objects.get(pk=post.pk)
    assert (post.content, post.deleted_at is not None) == ("", True)


def test_who_may_not_moderate_removes_nothing(support_client: Client, thread: ForumThread) -> None:
    decide(support_client, "remove", thread.posts.get())
    assert thread.posts.get().content == "How?"
