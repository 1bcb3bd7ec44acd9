"""What the load left on every server, once all events were applied."""

import json
import time
from collections.abc import Iterable, Iterator
from typing import Any, LiteralString

import psycopg
from redis import Redis

from foodshare.streams.names import ALL_STREAMS, GROUPS, TOPICS, dead_letters_of
from foodshare.streams.server import groups
from ops.cluster.drill.audit import Finding, audit, read_tables
from ops.cluster.drill.clients import Acknowledged
from ops.cluster.drill.site import Site, run

LEFT, WRONG, DIFFERENT = "left", "wrong", "different"  # kinds of findings, beside the audit's
PATIENCE = 60.0  # seconds until all events are applied, and replayed
WAITING: LiteralString = """
    SELECT concat_ws(' ', topic, event_type, event_id, stream_id, error) FROM outbox_events ORDER BY id LIMIT 100
"""
REPLAYED: LiteralString = "SELECT NOT pg_is_in_recovery() OR pg_last_wal_replay_lsn() >= %s::pg_lsn"


def look(site: Site, acknowledged: Iterable[Acknowledged]) -> list[Finding]:
    """Everything that is not as it should be. Raises psycopg.Error while a database is away, and RedisError."""
    with psycopg.connect(site.environment["DATABASE_OWNER_URL"], autocommit=True) as database, \
            Redis.from_url(site.environment["STREAM_URL"], decode_responses=True) as streams:
        left = wait_until_applied(database, streams)
        found = [*audit(acknowledged, read_tables(database)), *left, *ledger(site)]
        return [*found, *(each for url in members(site) for each in unlike(url, database))]


def wait_until_applied(database: "psycopg.Connection[Any]", streams: "Redis") -> list[Finding]:
    """What nobody has applied when PATIENCE has passed."""
    deadline = time.monotonic() + PATIENCE
    while True:
        left = [*waiting(database), *carried(streams)]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.2)


def waiting(database: "psycopg.Connection[Any]") -> Iterator[Finding]:
    for (told,) in database.execute(WAITING):
        yield Finding(LEFT, f"in the outbox: {told}")


def carried(streams: "Redis") -> Iterator[Finding]:
    """What consumer groups have not acknowledged, and what they could not apply."""
    for stream, topic in ALL_STREAMS.items():
        group = groups(streams, stream).get(GROUPS[topic], {"pending": 0, "last-delivered-id": "0-0"})
        unread = streams.xrange(stream, f"({group['last-delivered-id']}", "+", count=1)
        if group["pending"] or unread:
            yield Finding(LEFT, f"in {stream}: {group['pending']} delivered and not acknowledged, unread from {unread}")
    for topic in TOPICS:
        if dead := streams.xlen(dead_letters_of(topic)):
            yield Finding(LEFT, f"in {dead_letters_of(topic)}: {dead} events that could not be applied")


def ledger(site: Site) -> Iterator[Finding]:
    """Where the live rows are not what the ledger of reputation says."""
    done = run(site, "rebuild_reputation", "--check", "--json")
    if done.returncode:
        differences = said(done.stdout, done.stderr)
        yield Finding(WRONG, f"rebuild_reputation --check ends with {done.returncode}: {differences}")


def said(output: str, errors: str) -> str:
    try:
        return json.dumps(json.loads(output)["differences"])[:2000]
    except (ValueError, KeyError):
        return errors.strip()[-2000:]


def members(site: Site) -> list[str]:
    return [url for url in site.environment.get("REPLICA_URL", "").split(",") if url]


def unlike(url: str, primary: "psycopg.Connection[Any]") -> Iterator[Finding]:
    """Whether a member, once it has replayed all of it, has other rows than the primary."""
    where = psycopg.conninfo.conninfo_to_dict(url)
    name = f"{where['host']}:{where.get('port', 5432)}"
    try:
        with psycopg.connect(url, autocommit=True) as member:
            if not caught_up(member, primary):
                yield Finding(DIFFERENT, f"{name} has not replayed all within {PATIENCE:.0f} s")
            elif (rows := contents(member)) != (right := contents(primary)):
                yield Finding(DIFFERENT, f"{name} has {len(rows - right)} rows that the primary lacks, and lacks "
                                         f"{len(right - rows)} of its")
    except psycopg.OperationalError as error:
        yield Finding(DIFFERENT, f"{name}: {error}".strip())


def contents(database: "psycopg.Connection[Any]") -> set[Any]:
    found = read_tables(database)
    return {*found.posts, *found.exchanges, *found.ratings, *found.events}


def caught_up(member: "psycopg.Connection[Any]", primary: "psycopg.Connection[Any]") -> bool:
    (end,) = primary.execute("SELECT pg_current_wal_lsn()::text").fetchone() or ("0/0",)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if member.execute(REPLAYED, [end]).fetchone() == (True,):
            return True
        time.sleep(0.1)
    return False
