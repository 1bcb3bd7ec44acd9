"""Following one's exchanges; document A sets no limit of its own."""

from functools import partial
from itertools import product

from foodshare.api.exchanges import ExchangeViewSet
from ops.benchmarks.read import Read, get
from ops.benchmarks.sample import Sample

FILTERS: list[dict[str, str]] = [{}, {"role": "giver"}, {"role": "recipient", "status": "completed"}]
LIST = ExchangeViewSet.as_view({"get": "list"})


def reads(sample: Sample) -> list[Read]:
    calls = [partial(get, LIST, user, parameters) for user, parameters in product(sample.few, FILTERS)]
    return [Read("exchanges: one's own", None, calls)]
