"""How far the live rows and the checkpoints are behind what happened, also while nobody applies anything.

A consumer tells of the people whose events it applies. While the streams or all consumers are away nobody would, so a
job looks at the outbox every minute.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connections, transaction

from foodshare.db.fields import naive
from foodshare.db.operations import sql
from foodshare.streams.names import ALL_STREAMS, GROUPS, REPUTATION, TOPICS, stream_of
from reputation.models import EventStreamCheckpoint
from reputation.queries import fetched

BATCH = 1_000  # people a transaction
PATIENCE = timedelta(seconds=10)  # what has waited for less is on its way
NOBODY = UUID(int=0)  # before everybody
SYNCED = "synced"


def status_of(user_id: UUID) -> str:
    """How a person's events are doing at this moment: 'synced' when all are applied, 'processing' when some wait, and
    'error' when one could not be applied.
    """
    rows = fetched("waiting", topic=REPUTATION, people=[user_id])
    return str(rows[0][1]) if rows else SYNCED


def sync(now: datetime) -> int:
    """Bring the live rows and the checkpoints up to date; answers of how many people something changed.

    The lag is the age in seconds of the oldest event that is not applied: of a person also one that is set aside, of a
    stream only what it is to deliver. An interrupted run is made good by the next.
    """
    sync_streams(now)
    changed, after = 0, NOBODY
    while people := next_people(now, after):
        changed, after = changed + sync_people(now, people), people[-1]
    return changed


def next_people(now: datetime, after: UUID) -> list[UUID]:
    return [id for (id,) in fetched("sync_people", topic=REPUTATION, before=naive(now - PATIENCE), after=after,
                                    most=BATCH)]


def sync_people(now: datetime, people: list[UUID]) -> int:
    """What waits is counted once the live rows are held, so that no consumer can apply it meanwhile."""
    with transaction.atomic(), connections["default"].cursor() as cursor:
        held = [id for (id,) in fetched("sync_locked", people=people)]
        cursor.execute(sql("reputation", "queries/sync_rows"), {"topic": REPUTATION, "people": held,
                                                                "now": naive(now)})
        changed: int = cursor.rowcount
    return changed


def sync_streams(now: datetime) -> None:
    """Each checkpoint by itself, as a consumer moves several in one transaction."""
    oldest: dict[str, datetime] = {}
    for topic, user_id, since in fetched("sync_streams", topics=list(TOPICS)):
        stream = stream_of(topic, user_id)
        oldest[stream] = min(since, oldest.get(stream, since))
    for stream, topic in ALL_STREAMS.items():
        lag = max(int((naive(now) - oldest.get(stream, naive(now))).total_seconds()), 0)
        EventStreamCheckpoint.objects.filter(consumer_group=GROUPS[topic], stream_name=stream).exclude(
            lag_seconds=lag).update(lag_seconds=lag)
