"""Write-behind: when people were last seen reaches the database in batches, some seconds late.

To be seen writes to no database: foodshare.presence keeps it on the cache's server, where a person's newest time takes
the place of the older. `manage.py flush_activity`, which the worker runs beside the relays, writes what is new every
FLUSH_EVERY seconds. If that server dies, who was seen in the last FLUSH_EVERY seconds (or since the worker ended) is
known by the time before; the rest is put back from the database.
"""

import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from django.db import IntegrityError, connections
from redis import Redis

from foodshare.cache.keys import PRESENCE, prefixed
from foodshare.cache.server import ask
from foodshare.db.commits import asynchronous
from foodshare.db.fields import naive
from foodshare.db.operations import sql
from foodshare.db.router import reading_from
from foodshare.models import UserActivity
from foodshare.presence import KEPT, WHOLE

FLUSH_EVERY = 5.0  # seconds
OVERLAP = 10.0  # seconds by which who is seen may reach the server late, or processes' clocks may differ
BATCH = 1000  # people in one transaction


class Flusher:
    """Writes who was seen since it looked last. Several may run: what one has written the others leave alone.

    Where it is, is kept nowhere: begun anew, it looks at everybody of the last week and writes what is missing.
    """

    def __init__(self) -> None:
        self.since = 0.0  # Unix time up to which all is written

    def work(self) -> bool:
        """Write one batch; tells whether more may wait. Raises Away."""
        if ask(lambda server: server.zscore(prefixed(PRESENCE), WHOLE)) is None:
            restore()
        seen = ask(lambda server: seen_after(server, self.since))
        try:
            write(seen)
        except IntegrityError:  # somebody was deleted in this moment, and is left out the next time
            return True
        if not seen:
            return False
        newest, is_full = max(seen.values()), len(seen) >= BATCH
        self.since = newest if is_full else min(newest, time.time()) - OVERLAP
        return is_full


def seen_after(server: "Redis", moment: float) -> dict[str, float]:
    """The next people who were seen later, by when: about BATCH, and all of the last one's very moment."""
    page: Any = server.zrangebyscore(prefixed(PRESENCE), f"({moment!r}", "(+inf", 0, BATCH, withscores=True)
    if len(page) == BATCH:
        page += server.zrangebyscore(prefixed(PRESENCE), page[-1][1], page[-1][1], withscores=True)
    return {person.decode(): score for person, score in page}


def write(seen: Mapping[str, float]) -> None:
    """Keep when people were seen, unless it is known better, in one statement. What is lost with the database is still
    on the cache's server."""
    moments = [naive(datetime.fromtimestamp(score, UTC)) for score in seen.values()]
    with asynchronous(), connections["default"].cursor() as cursor:
        cursor.execute(sql("foodshare", "queries/user_activity_seen"), {"people": [*seen], "moments": moments})


def restore() -> None:
    """Have the server know again who was seen within KEPT, as it does not after a restart. Raises Away."""
    recent = UserActivity.objects.filter(last_seen_at__gt=datetime.now(UTC) - timedelta(seconds=KEPT))
    with reading_from("default"):
        known = recent.values_list("user_id", "last_seen_at").iterator(chunk_size=BATCH)
    while batch := {str(person): seen.timestamp() for person, seen in islice(known, BATCH)}:
        ask(partial(put_back, batch))
    ask(lambda server: server.zadd(prefixed(PRESENCE), {WHOLE: math.inf}))


def put_back(seen: dict[str, float], server: "Redis") -> None:
    server.zadd(prefixed(PRESENCE), seen, gt=True)
