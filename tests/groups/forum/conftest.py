"""Open categories, a thread in one of them, and people."""

import pytest

from foodshare.models import User
from groups.models import ForumCategory, ForumThread
from groups.services import forum
from tests.factories import make_user
from tests.forum_categories import forum_partitions, recipes, tools

__all__ = ["forum_partitions", "recipes", "tools"]


@pytest.fixture
def author(db: None) -> User:
    return make_user(name="Ada")


@pytest.fixture
def thread(recipes: ForumCategory, author: User) -> ForumThread:
    return forum.create_thread(author, recipes, "Rye bread", "How do you bake yours?")
