"""Whether the ledger, replayed, gives what is kept of it, and the repair of what differs, while the system goes on.

People are looked at in slices, each in one snapshot. An event changes the live row of its person in the transaction
that adds it to the ledger: as long as a row has the version that the snapshot saw, what was folded of the snapshot's
ledger holds. Versions are compared under the row's lock.
"""

import os
import signal
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing, contextmanager
from itertools import chain, pairwise
from multiprocessing import active_children, get_context
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from foodshare.db.operations import sql
from reputation.comparison import UNKNOWN, Findings, Kept, judge
from reputation.ledger import BadEvent
from reputation.replay import FETCH, Entry, Standing, histories, standings_of, write
from reputation.workers import prepare

Report = Callable[[str, int, int], None]  # what is being done, people done, people in all

LEDGER_BETWEEN = sql("reputation", "queries/ledger_between")
KEPT_BETWEEN = sql("reputation", "queries/kept_between")
SLICE = 5_000  # people at most; what is kept of them is in memory at once
SLICES = 32  # at least, of many people: so that all processes have something to do until the end
FEW = 500  # people, for whom another process is not worth its start
REPAIRS = 500  # people a transaction
PROCESSES = min(os.cpu_count() or 1, 8)
STARTS = """
    SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM users) AS placed
    WHERE place %% %s = 0 ORDER BY id
"""
ADD = """
    INSERT INTO user_global_reputation (user_id) SELECT unnest(%s::uuid[]) ON CONFLICT (user_id) DO NOTHING
    RETURNING user_id
"""
LOCK = "SELECT user_id, xmin::text FROM user_global_reputation WHERE user_id = ANY (%s) ORDER BY user_id FOR UPDATE"


class Slice(NamedTuple):
    """People from one id to another; None: to the last."""

    first: UUID
    end: UUID | None


class Repair(NamedTuple):
    """What is to be written of a person whose live row has this version; None: who has none."""

    version: str | None
    standing: Standing


def rebuild(report: Report, *, check: bool = False, processes: int = PROCESSES) -> Findings:
    """Replay everybody's ledger; compare what is kept with it and, unless `check`, repair it."""
    total, slices = cut()
    found = Findings()
    with closing(spread(slices, check, processes if total > FEW else 1)) as parts:
        for part in parts:
            found.merge(part)
            report("replay", found.people, total)
    return found


def rebuild_person(user_id: UUID, *, check: bool = False) -> Findings:
    """The same for one person; a person who is not there is nobody."""
    return examine(Slice(user_id, UUID(int=user_id.int + 1) if user_id.int < 2**128 - 1 else None), check)


def cut() -> tuple[int, list[Slice]]:
    """How many people there are, and slices of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM users")
        (total,) = cursor.fetchone()
        cursor.execute(STARTS, [min(SLICE, max(FEW, total // SLICES))])
        firsts = [first for (first,) in cursor.fetchall()]
    return total, [Slice(first, end) for first, end in pairwise([*firsts, None]) if first]


def spread(slices: Sequence[Slice], check: bool, processes: int) -> Generator[Findings, None, None]:
    """Examine the slices in some processes, in any order. They end with this one's interruption."""
    if processes == 1:
        yield from (examine(part, check) for part in slices)
        return
    names = {connection.alias: str(connection.settings_dict["NAME"])}
    with ProcessPoolExecutor(processes, get_context("spawn"), prepare, (names,)) as pool:
        try:
            with no_interruption():
                examined = [pool.submit(examine, part, check) for part in slices]
            yield from (done.result() for done in as_completed(examined))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in active_children():
                child.terminate()
            raise


@contextmanager
def no_interruption() -> Iterator[None]:
    """Let Ctrl-C wait meanwhile; processes started here never hear of it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def examine(part: Slice, check: bool) -> Findings:
    """Compare what is kept of the people of a slice with a replay and, unless `check`, repair it."""
    findings = Findings()
    repairs: dict[UUID, Repair] = {}
    with snapshot():
        people = kept_of(part)
        for user_id, entries in chain(ledger_of(part), ((id, []) for id in list(people))):
            if (kept := people.pop(user_id, None)) and (right := judge(kept, entries, findings)):
                repairs[user_id] = Repair(kept.version, right)
    if not check:
        mend(repairs, findings)
    return findings


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction whose statements all see the same rows."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def kept_of(part: Slice) -> dict[UUID, Kept]:
    with connection.cursor() as cursor:
        cursor.execute(KEPT_BETWEEN, part._asdict())
        names = [column.name for column in cursor.description[5:]]
        return {user_id: Kept(user_id, joined, version, memo, due, dict(zip(names, live, strict=True)))
                for user_id, joined, version, memo, due, *live in cursor.fetchall()}


def ledger_of(part: Slice) -> Iterator[tuple[UUID, list[Entry]]]:
    """Read the ledger of a slice by a cursor of the server: all of it need not fit into memory."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(LEDGER_BETWEEN, part._asdict())
        yield from histories(chain.from_iterable(iter(lambda: cursor.fetchmany(FETCH), [])))


def mend(repairs: Mapping[UUID, Repair], findings: Findings) -> None:
    """Write what is right, some people a transaction, in the order in which everybody locks them."""
    ordered = sorted(repairs)
    for start in range(0, len(ordered), REPAIRS):
        batch = {user_id: repairs[user_id] for user_id in ordered[start:start + REPAIRS]}
        with transaction.atomic():
            standings = still_right(batch, findings)
            write(standings)
        findings.repaired += len(standings)


def still_right(batch: Mapping[UUID, Repair], findings: Findings) -> dict[UUID, Standing]:
    """Lock the people's live rows, missing ones made; fold anew for whom something has changed since the snapshot."""
    standings = {}
    versions = locked(batch)
    for user_id, (version, right) in batch.items():
        if versions[user_id] == version:
            standings[user_id] = right
            continue
        try:
            standings |= standings_of([user_id])
        except BadEvent as error:
            findings.add(UNKNOWN, f"person {user_id}", {str(error): ("here", "nothing")})
    return standings


def locked(batch: Mapping[UUID, Repair]) -> dict[UUID, str | None]:
    """Lock the live rows, missing ones made; the versions that they had before."""
    with connection.cursor() as cursor:
        cursor.execute(ADD, [sorted(user_id for user_id, repair in batch.items() if repair.version is None)])
        added = {user_id for (user_id,) in cursor.fetchall()}
        cursor.execute(LOCK, [list(batch)])
        return {user_id: None if user_id in added else version for user_id, version in cursor.fetchall()}
