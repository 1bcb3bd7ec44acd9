"""Who is about: when each person was last seen, kept on the cache server, so that being seen writes to no database.

One sorted set, document B's `presence:online`: people's ids by the time of their last request, in seconds since 1970.
foodshare.cache.behind writes it to the database some seconds later, which answers while the server is away, or knows
less since a restart; its member WHOLE says that it knows as much. While it is away nobody is seen anew, and hardly a
request waits for it: found down, it is left alone for a while.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from redis import Redis

from foodshare.cache.keys import PRESENCE, prefixed
from foodshare.cache.server import Away, ask
from foodshare.models import UserActivity

ONLINE = 60.0  # seconds after a request
KEPT = 7 * 86_400.0  # seconds that a person's last time is remembered
NOTED_EVERY = 1.0  # seconds between two writes about one person, by each process
TRIMMED_EVERY = 600.0  # seconds between two removals of what is older than KEPT, by each process
WHOLE = ""  # the member that is there while nobody who was seen within KEPT is missing
MOST_NOTED = 10_000  # people whom a process remembers to have noted

_noted: dict[UUID, float] = {}
_trimmed = 0.0


def note(user_id: UUID) -> None:
    """Keep that the person was seen now, unless this process has done so within the last second."""
    moment = time.monotonic()
    if moment - _noted.get(user_id, -NOTED_EVERY) < NOTED_EVERY:
        return
    if len(_noted) >= MOST_NOTED:
        _noted.clear()
    _noted[user_id] = moment
    with suppress(Away):
        ask(lambda server: keep(server, user_id))


def keep(server: Redis, user_id: UUID) -> None:
    global _trimmed
    now = time.time()
    server.zadd(prefixed(PRESENCE), {str(user_id): now})
    if now - _trimmed > TRIMMED_EVERY:
        _trimmed = now
        trim(server)


def trim(server: Redis) -> None:
    """Forget who was not seen within KEPT."""
    server.zremrangebyscore(prefixed(PRESENCE), "-inf", time.time() - KEPT)


def last_seen(user_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each person was last seen, of those who were within a week."""
    try:
        whole, *scores = ask(lambda server: server.zmscore(prefixed(PRESENCE), [WHOLE, *map(str, user_ids)]))
    except Away:
        whole, scores = None, []
    seen = {user_id: datetime.fromtimestamp(score, UTC)
            for user_id, score in zip(user_ids, scores, strict=False) if score is not None}
    missing = [user_id for user_id in user_ids if user_id not in seen]
    return seen if whole is not None or not missing else seen | written(missing)


def written(user_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """The same as the database has it, which may be some seconds older."""
    oldest = datetime.now(UTC) - timedelta(seconds=KEPT)
    found = UserActivity.objects.filter(user__in=user_ids, last_seen_at__gt=oldest)
    return dict(found.values_list("user_id", "last_seen_at"))


def lately_seen(most: int) -> list[UUID]:
    """The people who were seen last, the last one first."""
    people: Any
    try:
        whole, people = ask(lambda server: (server.zscore(prefixed(PRESENCE), WHOLE),
                                            server.zrevrangebyscore(prefixed(PRESENCE), "(+inf", "-inf", 0, most)))
    except Away:
        whole, people = None, []
    if whole is not None:
        return [UUID(person.decode()) for person in people]
    return [*UserActivity.objects.order_by("-last_seen_at").values_list("user_id", flat=True)[:most]]


def is_online(seen: datetime | None) -> bool:
    return seen is not None and time.time() - seen.timestamp() < ONLINE
