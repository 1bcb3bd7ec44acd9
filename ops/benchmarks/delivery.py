"""How fast events go from the outbox to the score, beside the same changes by plain SQL, and how long one takes.

A round publishes and applies a backlog with the real relay and consumers. Its floors do the same changes in one
connection, by the same five prepared statements and with as many events in a transaction as a consumer takes: one a row
at a time, the other by executemany, which waits for no answer before it sends the next row. What is delivered is judged
by the faster of them. The rounds take turns, so that all meet the same machine.
"""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psycopg

from foodshare.db.operations import sql
from foodshare.streams.names import PARTITIONS
from ops import children
from ops.benchmarks.scratch import Scratch, scratch
from reputation.consumer import BATCH
from reputation.state import State, dump

Report = Callable[[str, int, int], None]
Values = Sequence[Mapping[str, Any]]
Change = Callable[["psycopg.Cursor[Any]", Values], None]
TARGET, LEAST_SHARE, MOST_LAG = 2000.0, 0.5, 1.0  # events a second, of the floor, seconds
IN_HAND = BATCH * PARTITIONS  # events of a transaction
PATIENCE = 600.0  # seconds
DELIVERED, BY_SQL = "delivered.example", "floor.example"  # whom the events of each are about
SQL_FLOOR = (
    "UPDATE outbox_events SET stream_id = %(entry)s WHERE id = %(id)s",
    "DELETE FROM outbox_events WHERE id = %(id)s",
    """INSERT INTO reputation_events (id, user_id, event_type, impact_score, previous_score, new_score, group_id,
           related_exchange_id, description, stream_id, stream_partition, processed_at, created_at)
       VALUES (%(event)s, %(user)s, 'food_shared', 2, 75, 77, NULL, %(event)s, %(description)s, %(entry)s, 3, %(now)s,
               %(now)s)""",
    """UPDATE user_global_reputation
       SET overall_score = 77, trust_level = 'developing', total_food_shared = total_food_shared + 1,
           total_food_claimed = 0, total_exchanges_completed = 0, total_groups_participated = 1, avg_food_rating = 0,
           avg_recipient_rating = 0, reliability_score = 75, reported_incidents = 0, resolved_disputes = 0,
           community_contributions = 0, account_age_days = 0, last_activity = %(now)s, reputation_updated_at = %(now)s,
           peak_reputation = 77, reputation_trend = 'rising', last_stream_event_id = %(event)s,
           stream_lag_seconds = 0, reputation_sync_status = 'synced'
       WHERE user_id = %(user)s""",
    """INSERT INTO reputation_states (user_id, state, decay_due_at) VALUES (%(user)s, %(state)s, %(now)s)
       ON CONFLICT (user_id) DO UPDATE SET state = excluded.state, decay_due_at = excluded.decay_due_at""",
)


class Stuck(RuntimeError):
    """The events were not applied in time."""


@dataclass(frozen=True)
class Round:
    """Events a second, delivered and by each floor, and CPU seconds of relay and consumers for a thousand events."""

    delivered: float
    by_row: float
    by_executemany: float
    cpu: float

    @property
    def share(self) -> float:
        """Of the faster floor."""
        return self.delivered / max(self.by_row, self.by_executemany)


@dataclass(frozen=True)
class Lag:
    """Seconds from an event's transaction to the start of the one that applied it, and the longest that one waited to
    be seen applied, looked at twenty times a second.
    """

    rate: int
    events: int
    p50: float
    p99: float
    longest: float


@dataclass(frozen=True)
class Delivery:
    events: int
    people: int
    consumers: int
    rounds: list[Round]
    lag: Lag

    @property
    def delivered(self) -> float:
        return median(each.delivered for each in self.rounds)

    @property
    def share(self) -> float:
        return median(each.share for each in self.rounds)

    @property
    def faster_floor(self) -> str:
        """The name of the floor that was the faster one in most rounds."""
        ahead = sum(each.by_executemany > each.by_row for each in self.rounds)
        return "executemany" if 2 * ahead > len(self.rounds) else "a row at a time"

    @property
    def verdicts(self) -> dict[str, bool]:
        return {f"{TARGET:,.0f} events/s": self.delivered >= TARGET,
                f"{LEAST_SHARE:.0%} of the faster floor ({self.faster_floor})": self.share >= LEAST_SHARE,
                f"lag under {MOST_LAG:.0f} s at {self.lag.rate} events/s": self.lag.longest < MOST_LAG}

    @property
    def exit_code(self) -> int:
        return int(not all(self.verdicts.values()))

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "rounds": [asdict(each) | {"share": each.share} for each in self.rounds], "delivered": self.delivered,
            "share": self.share, "faster_floor": self.faster_floor, "verdicts": self.verdicts}


def measure(events: int, people: int, rounds: int, consumers: int, rate: int, seconds: int, report: Report) -> Delivery:
    """Measure in a database of its own. Raises ScratchFailed, Stuck."""
    with scratch() as place, place.connect() as connection:
        for domain in DELIVERED, BY_SQL:
            connection.execute(sql("ops", "queries/benchmark_people"), {"people": people, "domain": domain})
        connection.execute("ANALYZE")
        done = []
        for number in range(rounds):
            report("rounds", number, rounds)
            with running(place, consumers) as processes:
                delivered, cpu = one_round(connection, processes, events)
            one_floor, other_floor = (floor(connection, events, change) for change in (row_by_row, by_executemany))
            done.append(Round(delivered, one_floor, other_floor, cpu))
        report("rounds", rounds, rounds)
        with running(place, consumers):
            lag = lag_at(place, connection, rate, seconds, report)
    return Delivery(events, people, consumers, done, lag)


@contextmanager
def running(place: Scratch, consumers: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """A relay and consumers that have begun to work."""
    commands = ["relay_outbox", *["consume_reputation_events"] * consumers]
    processes = [children.spawn(command, output=subprocess.DEVNULL, **place.variables) for command in commands]
    try:
        with place.connect() as connection:
            append(connection, 50 * consumers)
            wait_until_applied(connection, processes)
        yield processes
    finally:
        children.stop(processes)


def one_round(connection: "psycopg.Connection[Any]", processes: list["subprocess.Popen[bytes]"],
              events: int) -> tuple[float, float]:
    """How many events a second were applied, and the CPU seconds that a thousand took."""
    before, start = cpu_of(processes), time.monotonic()
    append(connection, events)
    wait_until_applied(connection, processes)
    taken = time.monotonic() - start
    return events / taken, (cpu_of(processes) - before) / events * 1000


def append(connection: "psycopg.Connection[Any]", events: int, domain: str = DELIVERED, first: int = 0) -> None:
    """Tell of so many events about people in turn, in one transaction."""
    connection.execute(sql("ops", "queries/benchmark_backlog"), {"events": events, "domain": domain, "first": first})


def wait_until_applied(connection: "psycopg.Connection[Any]", processes: list["subprocess.Popen[bytes]"]) -> None:
    """Raises Stuck."""
    deadline = time.monotonic() + PATIENCE
    while connection.execute("SELECT EXISTS (SELECT FROM outbox_events)").fetchone() == (True,):
        if time.monotonic() > deadline or any(process.poll() is not None for process in processes):
            raise Stuck(Stuck.__doc__)
        time.sleep(0.01)


def cpu_of(processes: list["subprocess.Popen[bytes]"]) -> float:
    """CPU seconds that the processes have used."""
    ticks = 0
    for process in processes:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / 100


def floor(connection: "psycopg.Connection[Any]", events: int, change: Change) -> float:
    """Events a second by plain SQL."""
    append(connection, events, BY_SQL)
    rows = connection.execute("SELECT id, event_id, user_id FROM outbox_events ORDER BY id").fetchall()
    connection.prepare_threshold = 1
    state, start = dump(State(datetime.now(UTC))).decode(), time.monotonic()
    for first in range(0, len(rows), IN_HAND):
        with connection.transaction(), connection.cursor() as cursor:
            change(cursor, [{
                "id": id, "event": event, "user": user, "entry": "1795350130444-0", "state": state,
                "description": '{"raw":"2.00","why":"+2.00"}', "now": datetime.now(UTC).replace(tzinfo=None)}
                for id, event, user in rows[first:first + IN_HAND]])
    return events / (time.monotonic() - start)


def row_by_row(cursor: "psycopg.Cursor[Any]", events: Values) -> None:
    for values in events:
        for statement in SQL_FLOOR:
            cursor.execute(statement, values)


def by_executemany(cursor: "psycopg.Cursor[Any]", events: Values) -> None:
    for statement in SQL_FLOOR:
        cursor.executemany(statement, events)


def lag_at(place: Scratch, connection: "psycopg.Connection[Any]", rate: int, seconds: int, report: Report) -> Lag:
    """How long events wait that come at this rate, a few in each transaction."""
    before = connection.execute("SELECT now()::timestamp").fetchone()
    done, seen = threading.Event(), [0.0]
    observer = threading.Thread(target=observe, args=(place, done, seen))
    observer.start()
    try:
        paced(connection, rate, seconds, report)
        deadline = time.monotonic() + PATIENCE
        while connection.execute("SELECT EXISTS (SELECT FROM outbox_events)").fetchone() == (True,):
            if time.monotonic() > deadline:
                raise Stuck(Stuck.__doc__)
            time.sleep(0.02)
    finally:
        done.set()
        observer.join()
    waits = [float(wait) for (wait,) in connection.execute(
        "SELECT extract(epoch FROM processed_at - created_at) FROM reputation_events WHERE created_at >= %s", before)]
    cuts = quantiles(waits, n=100, method="inclusive")
    return Lag(rate, len(waits), cuts[49], cuts[98], seen[0])


def paced(connection: "psycopg.Connection[Any]", rate: int, seconds: int, report: Report) -> None:
    """Tell of events at a rate, fifty times a second."""
    start = time.monotonic()
    for turn in range(seconds * 50):
        first, last = rate * turn // 50, rate * (turn + 1) // 50
        append(connection, last - first, first=first)
        report("lag", turn + 1, seconds * 50)
        time.sleep(max(start + (turn + 1) / 50 - time.monotonic(), 0))


def observe(place: Scratch, done: threading.Event, seen: list[float]) -> None:
    """Keep the greatest age of an event that was not applied yet."""
    with place.connect() as connection:
        while not done.wait(0.05):
            row = connection.execute(
                "SELECT extract(epoch FROM now()::timestamp - min(created_at)) FROM outbox_events").fetchone()
            seen[0] = max(seen[0], float(row[0] or 0) if row else 0.0)
