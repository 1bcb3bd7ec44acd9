"""The streams: which topic has which, and who reads them."""

from uuid import UUID
from zlib import crc32

REPUTATION = "reputation.events"
MODE_TRANSITIONS = "user.mode.transitions"
GROUP_ACTIVITIES = "group.mode.activities"
TRUST_VIOLATIONS = "trust.violations"

PARTITIONS = 8  # of the reputation topic; another number would send people's events elsewhere
# The consumer group that applies a topic.
GROUPS = {REPUTATION: "reputation", MODE_TRANSITIONS: "modes", GROUP_ACTIVITIES: "groups", TRUST_VIOLATIONS: "trust"}
TOPICS = tuple(GROUPS)


def partition_of(user_id: UUID | None) -> int:
    """Where a person's reputation events go: the same in every process and for ever."""
    return crc32(user_id.bytes) % PARTITIONS if user_id else 0


def stream_of(topic: str, user_id: UUID | None) -> str:
    """The stream that carries a person's events of a topic. The braces are a cluster's hash tag."""
    return partition_name(partition_of(user_id)) if topic == REPUTATION else topic


def partition_name(partition: int) -> str:
    return f"{REPUTATION}:{{{partition}}}"


def streams_of(topic: str) -> list[str]:
    """Every stream of a topic."""
    return [partition_name(n) for n in range(PARTITIONS)] if topic == REPUTATION else [topic]


def topic_of(stream: str) -> str:
    return stream.split(":")[0]


def dead_letters_of(topic: str) -> str:
    """The stream of a topic's events that could not be applied, each with the error."""
    return f"{topic}.dead"


ALL_STREAMS = {stream: topic for topic in TOPICS for stream in streams_of(topic)}
