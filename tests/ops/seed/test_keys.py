"""The keys of seeded rows in partitioned tables tell their times, as those that the platform makes."""

import pytest

from foodshare.db.keys import TAG, time_of
from groups.models import ForumPost, Message, StatusUpdate
from ops.seed import seed
from tests.ops.seed.tools import AT

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.mark.parametrize("model", [Message, StatusUpdate, ForumPost])
def test_a_key_is_of_version_7_and_of_the_rows_own_time(model: "type[Message | StatusUpdate | ForumPost]") -> None:
    seed("demo", at=AT)
    rows = list(model.objects.all())
    assert rows
    assert all(row.pk.version == 7 and time_of(row.pk) == row.created_at for row in rows)
    assert all(model.objects.filter(pk=row.pk).exists() for row in rows[::50])


def test_a_forum_posts_key_tells_its_category() -> None:
    seed("demo", at=AT)
    posts = list(ForumPost.objects.all())
    assert {post.pk.int & TAG for post in posts} == {post.category_id for post in posts}
    assert all(post.pk.int & TAG == post.category_id for post in posts)
