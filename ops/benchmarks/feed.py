"""What friends and groups told."""

from functools import partial

from groups.api.statuses import FeedViewSet, StatusUpdateViewSet
from ops.benchmarks import talk
from ops.benchmarks.read import Read, get
from ops.benchmarks.sample import Sample

LIMIT = 50.0  # ms, document B
FEED = FeedViewSet.as_view({"get": "list"})
STATUSES = StatusUpdateViewSet.as_view({"get": "list"})


def reads(sample: Sample) -> list[Read]:
    readers = talk.with_friends()
    return [
        Read("feed", LIMIT, [partial(get, FEED, user) for user in readers], as_statements=True),
        Read("status updates: a group's", LIMIT, [
            partial(get, STATUSES, user, {"group": group}) for user, group in sample.members], as_statements=True),
        Read("status updates: a person's", LIMIT, [
            partial(get, STATUSES, user, {"author": user.pk}) for user in readers], as_statements=True),
    ]
