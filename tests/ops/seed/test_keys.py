"""The keys of seeded rows in partitioned tables tell their times and categories, as those that the platform makes."""

import pytest

from foodshare.db.keys import TAG, time_of
from groups.models import ForumPost, Message, StatusUpdate
from ops.seed import seed
from tests.ops.seed.tools import AT

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_a_key_is_of_version_7_and_of_the_rows_own_time() -> None:
    seed("demo", at=AT)
    for model in (Message, StatusUpdate, ForumPost):
        rows: list[Message | StatusUpdate | ForumPost] = list(model.objects.all())
        assert rows
        assert all(row.pk.version == 7 and time_of(row.pk) == row.created_at for row in rows)
        assert model.objects.filter(pk=rows[0].pk).exists()
    posts = list(ForumPost.objects.all())
    assert len({post.category_id for post in posts}) > 1
    assert all(post.pk.int & TAG == post.category_id for post in posts)
