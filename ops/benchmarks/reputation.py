"""Looking up a person's reputation, one's own ledger, and who stands where."""

from functools import partial

from ops.benchmarks.read import Read, get
from ops.benchmarks.sample import Sample
from reputation.api.views import BoardView, EventsView, ExplanationView, ReputationView

LIMIT = 100.0  # ms, document A
VIEW, EVENTS, BOARD = ReputationView.as_view(), EventsView.as_view(), BoardView.as_view()
EXPLANATION = ExplanationView.as_view()


def reads(sample: Sample) -> list[Read]:
    readers = [user for user, _ in sample.members][:1] or sample.neighbors[:1]
    return [
        Read("reputation of a person", LIMIT, [
            partial(get, VIEW, reader, id=person) for reader in readers for person in sample.people]),
        Read("reputation: one's own events", LIMIT, [partial(get, EVENTS, user) for user in sample.few]),
        Read("reputation: how one's score came about", LIMIT, [partial(get, EXPLANATION, user) for user in sample.few]),
        Read("reputation: leaderboard", LIMIT, [
            *(partial(get, BOARD, user) for user in sample.few),
            *(partial(get, BOARD, user, {"group": str(group)}) for user, group in sample.members)]),
    ]
