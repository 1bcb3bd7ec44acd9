"""Looking up a person's reputation."""

from functools import partial

from ops.benchmarks.read import Read, get
from ops.benchmarks.sample import Sample
from reputation.api.views import ReputationView

LIMIT = 100.0  # ms, document A
VIEW = ReputationView.as_view()


def reads(sample: Sample) -> list[Read]:
    readers = [user for user, _ in sample.members][:1] or sample.neighbors[:1]
    return [Read("reputation of a person", LIMIT, [
        partial(get, VIEW, reader, id=person) for reader in readers for person in sample.people])]
