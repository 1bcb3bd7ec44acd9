"""Finding groups: by what they share, and by name."""

from functools import partial
from itertools import product
from typing import Any

from groups.api.views import GroupViewSet
from groups.models import GroupType
from ops.benchmarks.read import Read, get
from ops.benchmarks.sample import Sample

LIMIT = 300.0  # ms, document A
DISCOVER = GroupViewSet.as_view({"get": "discover"}, **GroupViewSet.discover.kwargs)
DISCOVERIES: list[dict[str, Any]] = [{}, {"type": GroupType.COMMUNITY}, {"min_posts": 10}]
SEARCHES: list[dict[str, Any]] = [{}, {"q": "fridge"}]
LIST = GroupViewSet.as_view({"get": "list"})


def reads(sample: Sample) -> list[Read]:
    users = sample.few
    return [
        Read("groups: discovery", LIMIT, [
            partial(get, DISCOVER, user, parameters) for user, parameters in product(users, DISCOVERIES)]),
        Read("groups: by name", LIMIT, [
            partial(get, LIST, user, parameters) for user, parameters in product(users, SEARCHES)]),
    ]
