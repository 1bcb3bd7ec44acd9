"""What becomes of each topic's events in the database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from foodshare.models import OutboxEvent
from foodshare.services import modes
from foodshare.streams.names import GROUP_ACTIVITIES, MODE_TRANSITIONS, REPUTATION, TRUST_VIOLATIONS
from groups import activities
from reputation import projection, violations


def nothing(row: OutboxEvent) -> None:
    """The row itself tells enough."""


@dataclass(frozen=True)
class Projection:
    """`apply` gets rows in the order of their people, in the transaction that has deleted them, and raises for one that
    it cannot apply; `set_aside` is told of such a one.
    """

    apply: Callable[[Sequence[OutboxEvent]], None]
    set_aside: Callable[[OutboxEvent], None] = nothing


PROJECTIONS = {
    REPUTATION: Projection(projection.apply, projection.set_aside),
    MODE_TRANSITIONS: Projection(modes.apply),
    GROUP_ACTIVITIES: Projection(activities.apply),
    TRUST_VIOLATIONS: Projection(violations.apply),
}
