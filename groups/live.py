"""What is told live: new messages, and changes of who may hear them, to `manage.py serve_live` by pub/sub.

It goes over the cache's Valkey, as nothing of it is kept: what a listener missed is in the database. The streams'
Valkey writes each command to the disk first, which this need not wait for.
"""

import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction

from foodshare.cache.server import FAILURES, Away, ask, client
from foodshare.exceptions import FoodShareError
from foodshare.models import User

if TYPE_CHECKING:
    from groups.models import Message

MessageEvent = Literal["message", "message_edited", "message_deleted"]

EVERYBODY = "live:all"  # where is told since when messages were not told
TICKET_SECONDS = 60
PROBE_PAUSE = 1.0

logger = logging.getLogger(__name__)


class NotNow(FoodShareError):
    """New messages cannot be told live now; try again shortly."""

    status_code = 503
    code = "unavailable"
    wait = 2


def channel(kind: Literal["person", "group", "room", "conversation"], key: UUID | str) -> str:
    return f"live:{kind}:{{{key}}}"


def announce(event: MessageEvent, message: "Message") -> None:
    """Tell the listeners of the message's place, once the transaction is committed."""
    place = channel("room" if message.room_id else "conversation", str(message.room_id or message.conversation_id))
    publish_on_commit(place, orjson.dumps(
        {"event": event, "id": message.pk, "room": message.room_id, "conversation": message.conversation_id,
         "sender": message.sender_id, "type": message.type, "content": message.content,
         "created_at": message.created_at, "edited_at": message.edited_at, "deleted_at": message.deleted_at},
        option=orjson.OPT_UTC_Z))


def membership_changed(user_id: UUID) -> None:
    """Have it looked up anew, once the transaction is committed, what this person may hear."""
    publish_on_commit(channel("person", user_id), b"")


def rooms_changed(group_id: UUID) -> None:
    """The same for every listening member of the group, when it has got or lost a room."""
    publish_on_commit(channel("group", group_id), b"")


def publish_on_commit(name: str, text: bytes) -> None:
    transaction.on_commit(partial(publish, name, text))


def publish(name: str, text: bytes) -> None:
    line(settings.REDIS_URL).publish(name, text)


class Line:
    """The way to one Valkey's listeners. Once it did not answer, nobody waits for it until it does.

    What is not told meanwhile is made good: a thread looks for Valkey every second, and when it is back tells every
    listener to fetch what there is since the first message that was not told.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.lock = threading.Lock()
        self.down_since: float | None = None  # Unix time

    def publish(self, name: str, text: bytes, since: float | None = None) -> None:
        """Tell it, or remember that nothing was told from `since` (Unix time; default: now) on."""
        if self.down_since is None:
            try:
                client(self.url).publish(name, text)
            except FAILURES as error:
                logger.warning("new messages cannot be told live: %s", error)
                self.cut(since or time.time())

    def cut(self, since: float) -> None:
        with self.lock:
            was_cut = self.down_since is not None
            self.down_since = min(since, self.down_since or since)
        if not was_cut:
            threading.Thread(target=self.mend, name="live-line", daemon=True).start()

    def mend(self) -> None:
        """Wait until Valkey answers, open the line, and tell since when it was cut."""
        while not self.answers():
            time.sleep(PROBE_PAUSE)
        since, self.down_since = self.down_since, None  # before it is told: what follows is told itself
        self.publish(EVERYBODY, orjson.dumps({"missed_since": since}), since)

    def answers(self) -> bool:
        try:
            return bool(client(self.url).ping())
        except FAILURES:
            return False


line: Callable[[str], Line] = cache(Line)


def new_ticket(user: User) -> str:
    """What lets the person listen once, within a minute. Raises NotNow.

    Valkey keeps whose it is, so that it is taken by being removed: none can be used twice, and one that was lost
    there admits nobody.
    """
    ticket = secrets.token_urlsafe(32)
    try:
        ask(lambda server: server.set(ticket_key(ticket), str(user.pk), ex=TICKET_SECONDS))
    except Away as error:
        raise NotNow from error
    return ticket


def ticket_key(ticket: str) -> str:
    """Where a ticket's owner is kept; who reads the keys gets no ticket."""
    return f"live:ticket:{hashlib.sha256(ticket.encode(errors='replace')).hexdigest()}"
