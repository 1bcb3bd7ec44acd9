"""What the stream of mode transitions leaves in the database."""

from collections.abc import Sequence

from foodshare.models import ModeTransitionEvent, OutboxEvent


def apply(rows: Sequence[OutboxEvent]) -> None:
    """Note in each switch of mode the stream's entry that told of it; the other events of the topic only pass by.

    That a switch to neighborhood mode asks for a new verification holds from the switch's own transaction on.
    """
    entries = {row.payload["transition_id"]: row.stream_id for row in rows if row.event_type == "mode_switched"}
    switches = list(ModeTransitionEvent.objects.select_for_update().filter(pk__in=entries).order_by("pk"))
    for switch in switches:
        switch.stream_id = entries[str(switch.pk)]
    ModeTransitionEvent.objects.bulk_update(switches, ["stream_id"])
