"""The cache: what became of questions for values, and how its server is."""

import time
from collections.abc import Iterator
from dataclasses import asdict

from foodshare.cache import metrics
from foodshare.cache.keys import PRESENCE, prefixed
from foodshare.cache.server import Away, ask
from ops.monitoring.figures import Figure

PRESENT = 300.0  # seconds after a request in which a person counts as present
OUTCOMES = {"local": "local", "valkey": "valkey", "missed": "miss", "bypassed": "bypass"}
FINDINGS = {"checked": "right", "stale": "stale", "drifted": "drift"}


def figures() -> Iterator[Figure]:
    try:
        found = metrics.read()
    except Away:
        yield "foodshare_cache_up", {}, False
        raise
    yield "foodshare_cache_up", {}, True
    yield from of_server(found.server)
    yield from of_reads(found.reads)
    for pattern, reads in found.patterns.items():
        yield from of_pattern(pattern, reads)


def of_server(server: metrics.Server) -> Iterator[Figure]:
    yield "foodshare_cache_memory_bytes", {}, server.memory_used
    yield "foodshare_cache_memory_limit_bytes", {}, server.memory_limit
    yield "foodshare_cache_evictions_total", {}, server.evicted_keys
    yield "foodshare_cache_clients", {}, server.connected_clients
    yield "foodshare_cache_slow_commands", {}, server.slowlog_length
    yield "foodshare_people_present", {}, ask(lambda client: client.zcount(
        prefixed(PRESENCE), time.time() - PRESENT, "+inf"))


def of_reads(reads: metrics.Reads) -> Iterator[Figure]:
    asked = reads.hits + reads.missed + reads.bypassed
    yield "foodshare_cache_hit_ratio", {"tier": "process"}, metrics.rate(reads.local, asked)
    yield "foodshare_cache_hit_ratio", {"tier": "server"}, metrics.rate(reads.valkey, asked)
    yield "foodshare_cache_staleness_ratio", {}, reads.staleness_rate


def of_pattern(pattern: str, reads: metrics.Reads) -> Iterator[Figure]:
    counts = asdict(reads)
    for kind, outcome in OUTCOMES.items():
        yield "foodshare_cache_reads_total", {"pattern": pattern, "outcome": outcome}, counts[kind]
    yield "foodshare_cache_loads_total", {"pattern": pattern}, reads.loaded
    for kind, finding in FINDINGS.items():
        yield "foodshare_cache_compared_total", {"pattern": pattern, "finding": finding}, counts[kind]
