"""Finding food: document A's own check, and each way of browsing that the API offers."""

from functools import partial
from itertools import product
from uuid import UUID

from foodshare.api.posts import FoodPostViewSet
from foodshare.models import FoodPost, PostStatus
from ops.benchmarks.read import Read, get
from ops.benchmarks.sample import Sample

LIMIT = 200.0  # ms, document A
LIST = FoodPostViewSet.as_view({"get": "list"})


def reads(sample: Sample) -> list[Read]:
    members = [user for user, _ in sample.members]
    return [
        Read("food posts: open in a group", LIMIT, [partial(open_in, group) for group in sample.groups]),
        Read("food posts: a group's list", LIMIT, [
            partial(get, LIST, user, {"group": group}) for user, group in sample.members]),
        Read("food posts: community", LIMIT, [partial(get, LIST, user) for user in members]),
        Read("food posts: neighborhood", LIMIT, [partial(get, LIST, user) for user in sample.neighbors]),
        Read("food posts: with a text", LIMIT, [
            partial(get, LIST, user, {"q": word}) for word, user in product(sample.words, sample.few)]),
        Read("food posts: of a status", LIMIT, [
            partial(get, LIST, user, {"status": status}) for status, user in product(PostStatus.values, sample.few)]),
        Read("food posts: one's own", LIMIT, [partial(get, LIST, user, {"mine": "true"}) for user in members]),
    ]


def open_in(group: UUID) -> None:
    """The statement that document A has explained."""
    list(FoodPost.objects.open_now().filter(group=group))
