"""How the cache does: what became of the questions, what was found stale, and how its server is (document B, 5.2)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from redis import Redis
from redis.cluster import RedisCluster

from foodshare.cache import statistics
from foodshare.cache.server import ask

SLOW_ONES = 10  # newest entries of the slow log that are told


@dataclass(frozen=True)
class Reads:
    """What became of the questions for values, since the server keeps count.

    A question is a hit in the process (`local`) or in Valkey, or else a miss or a bypass, as no kept value might be
    used. What was loaded is counted apart: values are also loaded before they run out, and to warm the cache. Of hits
    that were compared with the database, `checked` were right.
    """

    local: int = 0
    valkey: int = 0
    missed: int = 0
    bypassed: int = 0
    loaded: int = 0
    checked: int = 0
    stale: int = 0
    drifted: int = 0

    @property
    def hits(self) -> int:
        return self.local + self.valkey

    @property
    def compared(self) -> int:
        return self.checked + self.stale + self.drifted

    @property
    def hit_rate(self) -> float | None:
        """Hits of all questions, from 0 to 1; None where nothing was asked."""
        return rate(self.hits, self.hits + self.missed + self.bypassed)

    @property
    def hit_percent(self) -> str:
        """The same for people."""
        return "-" if self.hit_rate is None else f"{self.hit_rate:.1%}"

    @property
    def local_rate(self) -> float | None:
        """Hits in the process of all questions."""
        return rate(self.local, self.hits + self.missed + self.bypassed)

    @property
    def staleness_rate(self) -> float | None:
        """Stale hits of those that were compared with the database, from 0 to 1; None where none was."""
        return rate(self.stale, self.compared)


@dataclass(frozen=True)
class SlowCommand:
    """A command that took long: its name alone, as its values are people's."""

    command: str
    microseconds: int
    at: datetime


@dataclass(frozen=True)
class Pool:
    """This process's connections to the server; of a cluster `limit` is for each node."""

    in_use: int
    idle: int
    limit: int


@dataclass(frozen=True)
class Server:
    """The server, or the sum of a cluster's primaries. Memory in bytes; a limit of 0: none."""

    nodes: int
    memory_used: int
    memory_limit: int
    policy: str
    evicted_keys: int
    connected_clients: int
    total_connections_received: int
    slowlog_length: int
    slow: list[SlowCommand]
    pool: Pool


@dataclass(frozen=True)
class Metrics:
    """All of it."""

    reads: Reads
    patterns: dict[str, Reads]
    server: Server

    @property
    def is_stale(self) -> bool:
        """Whether any hit was found stale."""
        return self.reads.stale > 0


def read() -> Metrics:
    """How the cache does now. Raises Away."""
    server = ask(look)
    patterns = reads_by_pattern()
    return Metrics(total(patterns.values()), patterns, server)


def reads_by_pattern() -> dict[str, Reads]:
    """What became of the questions. While the server is away: nothing."""
    return {name: reads(counts) for name, counts in sorted(statistics.totals().items())}


def reads(counts: Counter[str]) -> Reads:
    return Reads(counts["local"], counts["valkey"], counts["miss"], counts["bypass"], counts["load"],
                 counts["checked"], counts["stale"], counts["drift"])


def total(parts: Iterable[Reads]) -> Reads:
    summed: Counter[str] = Counter()
    for part in parts:
        summed.update(asdict(part))
    return Reads(**summed)


def rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def look(server: "Redis") -> Server:
    """What the server tells of itself."""
    each = nodes(server)
    told: list[Any] = [node.info() for node in each]
    summed = {name: sum(node[name] for node in told) for name in (
        "evicted_keys", "connected_clients", "total_connections_received")}
    slow = sorted((entry for node in each for entry in slow_commands(node)), key=lambda entry: entry.at, reverse=True)
    return Server(
        nodes=len(each), memory_used=sum(node["used_memory"] for node in told),
        memory_limit=sum(node["maxmemory"] for node in told),
        policy=", ".join(sorted({node["maxmemory_policy"] for node in told})),
        slowlog_length=sum(node.slowlog_len() for node in each), slow=slow[:SLOW_ONES], pool=pool(each), **summed)


def nodes(server: "Redis") -> list["Redis"]:
    """A client of each primary."""
    if isinstance(server, RedisCluster):
        return [server.get_redis_connection(node) for node in server.get_primaries()]
    return [server]


def slow_commands(node: "Redis") -> list[SlowCommand]:
    entries: Any = node.slowlog_get(SLOW_ONES)
    return [SlowCommand(entry["command"].split(b" ")[0].decode(), entry["duration"],
                        datetime.fromtimestamp(entry["start_time"], UTC)) for entry in entries]


def pool(each: Iterable["Redis"]) -> Pool:
    pools: list[Any] = [node.connection_pool for node in each]
    counts = [[number for number, _ in each.get_connection_count()] for each in pools]
    idle, in_use = (sum(column) for column in zip(*counts, strict=True))
    return Pool(in_use, idle, pools[0].max_connections)


def as_dict(metrics: Metrics) -> dict[str, Any]:
    """For another program; `hit_rate` and the server's figures are named as document B names them."""
    return {"ok": not metrics.is_stale, **with_rates(metrics.reads), **asdict(metrics.server),
            "patterns": {name: with_rates(reads) for name, reads in metrics.patterns.items()}}


def with_rates(reads: Reads) -> Mapping[str, Any]:
    return {"hit_rate": reads.hit_rate, "local_rate": reads.local_rate, "staleness_rate": reads.staleness_rate,
            **asdict(reads)}
