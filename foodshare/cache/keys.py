"""Every key on the cache's server: how it reads, what it holds, for how long, whose it is, and when it changes.

Keys read as document B has them; what is in braces decides on which node of a cluster a key is (its hash tag).
"""

from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.utils.module_loading import import_string

PRESENCE = "presence:online"  # document B's; see foodshare.presence
WRITERS = "cache:{writers}"  # see foodshare.cache.writers
CHANNEL = "cache_invalidation"  # document B's; see foodshare.cache.listener
STATISTICS = "cache:statistics"  # see foodshare.cache.statistics
GROUNDS = "cache:grounds"  # see foodshare.cache.invalidation
GLOB = str.maketrans({each: f"\\{each}" for each in "\\*?[]"})


@dataclass(frozen=True)
class Pattern:
    """A kind of value, one for each id.

    `load` names the function that is given an id and returns the value: something that JSON can hold, JSON's own bytes,
    or None where there is nothing to know, which is kept too. It may raise, and then nothing is kept. It must read by
    `foodshare.db.router.reading_alias`, which Django's querysets do by themselves, and rest on nothing but the
    database. `lifetime` and `local` are seconds, in Valkey and in a process. What `drifts` changes with time too, of
    which no change tells: at the end of its lifetime it is right again.
    """

    name: str
    text: str  # with {} where the id is to be, if it has one
    load: str
    owner: str  # the app
    lifetime: float = 1800.0
    local: float = 3.0
    drifts: bool = False

    def key(self, id: Any = "") -> str:
        return prefixed(self.text.replace("{}", f"{{{id}}}"))

    @property
    def is_kept(self) -> bool:
        """Whether it is kept at all. Tokens always are, as every request looks for one."""
        return bool(settings.CACHE_VALUES) or self.name == TOKEN.name

    def lasts(self, value: bytes) -> float:
        """The value's lifetime; a short one for nothings, of which anybody may ask for any number."""
        return min(self.lifetime, NOTHING_LASTS) if value == NOTHING else self.lifetime

    def made(self, id: Any) -> bytes:
        """The value as JSON, loaded. Raises what loading it raises."""
        found = import_string(self.load)(id)
        return found if isinstance(found, bytes) else orjson.dumps(found)

    @property
    def every(self) -> str:
        """What SCAN finds all of them by."""
        return prefixed_pattern(self.text.replace("{}", "{*}"))


def prefixed(key: str) -> str:
    """The key as it reads on the server, which several sites may share."""
    return f"{settings.CACHE_PREFIX}{key}"


def prefixed_pattern(pattern: str) -> str:
    """The same of a pattern, as SCAN takes it."""
    return f"{settings.CACHE_PREFIX.translate(GLOB)}{pattern}"


NOTHING = b"null"  # the value where there is nothing to know
NOTHING_LASTS = 30.0  # seconds
SAME = ""  # the subject of the change is the id of the key

TOKEN = Pattern("token", "auth:token:{}", "foodshare.cached.token", "foodshare", 600)
PROFILE = Pattern("profile", "user:profile:{}", "foodshare.cached.profile", "foodshare")
BLOCKED_BY = Pattern("blocked_by", "user:blocked_by:{}", "foodshare.cached.blocked_by", "foodshare")
REPUTATION = Pattern("reputation", "user:reputation:{}", "reputation.cached.summary", "reputation", 300, drifts=True)
GROUP_SUMMARY = Pattern("group_summary", "group:summary:{}", "groups.cached.summary", "groups", 300, drifts=True)
USER_FEED = Pattern("user_feed", "feed:user:{}", "groups.cached.user_feed", "groups", 300)
GLOBAL_FEED = Pattern("global_feed", "feed:global:v1", "groups.cached.global_feed", "groups", 60, drifts=True)
ROOM_MESSAGES = Pattern("room_messages", "chat:room:{}:messages", "groups.cached.room_messages", "groups", 300)

PATTERNS = {each.name: each for each in (TOKEN, PROFILE, BLOCKED_BY, REPUTATION, GROUP_SUMMARY, USER_FEED,
                                         GLOBAL_FEED, ROOM_MESSAGES)}
# What a change, as the database's triggers name it, makes invalid: by the pattern's name, the function that is given
# the subjects of such changes and returns the ids of the keys.
CHANGES: dict[str, dict[str, str]] = {
    "token": {"token": SAME},
    "account": {"token": "foodshare.cached.tokens_of", "reputation": SAME},
    "person": {"profile": SAME, "user_feed": "groups.cached.feeds_showing",
               "room_messages": "groups.cached.rooms_showing", "global_feed": SAME},
    "profile": {"profile": SAME, "room_messages": "groups.cached.rooms_showing"},
    "relationship": {"blocked_by": SAME, "user_feed": SAME},
    "rating": {"reputation": "reputation.cached.people_rated", "group_summary": "groups.cached.groups_rated"},
    "reputation": {"reputation": SAME},
    "status_update": {"user_feed": "groups.cached.feeds_showing"},
    "room": {"room_messages": SAME},
    "forum": {"global_feed": SAME},
    "group": {"group_summary": SAME},
    "group_summary": {"group_summary": SAME},
}
