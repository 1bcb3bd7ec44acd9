"""Reading document A's materialized view."""

from functools import partial

from groups.queries.communities import summary_of
from ops.benchmarks.read import Read
from ops.benchmarks.sample import Sample

LIMIT = 50.0  # ms, document A


def reads(sample: Sample) -> list[Read]:
    return [Read("group summary, from the view", LIMIT, [partial(summary_of, group) for group in sample.groups])]
