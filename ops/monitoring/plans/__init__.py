"""The plans of critical queries, held against a stored baseline: a dropped index or a changed query shows in CI.

The statements are those that the code sends for a small set of rows. They are planned as for tables of which nothing is
known, with scans and sorts discouraged: so the plan follows from the statement and the indexes alone, not from the rows
of the day, and what is left of scans and sorts is what no index can spare.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from ops.benchmarks import sample
from ops.benchmarks.statements import Statement, explain, watched
from ops.monitoring.fingerprint import fingerprint, normal
from ops.monitoring.plans import baseline
from ops.monitoring.plans.baseline import Planned, Plans, Shape
from ops.monitoring.plans.queries import critical
from ops.monitoring.plans.shape import ALL, SOME, Names, is_ours, shape
from ops.monitoring.rows import fetch
from ops.seed import seed

SHOWN = 160  # characters of a statement
PLANNED = ("SELECT", "WITH", "UPDATE", "DELETE", "INSERT", "(", "--")  # how statements with a plan begin
# Values of a setting: what the planner is to avoid where it can, and nothing that depends on the machine.
PLANNER = {"enable_seqscan": "off", "enable_bitmapscan": "off", "enable_sort": "off", "enable_incremental_sort": "off",
           "enable_hashjoin": "off", "enable_mergejoin": "off", "enable_memoize": "off", "enable_material": "off",
           "max_parallel_workers_per_gather": "0", "random_page_cost": "1.1", "effective_cache_size": "1GB",
           "work_mem": "8MB", "jit": "off"}
EMPTY = """
    SELECT format('TRUNCATE %s CASCADE', string_agg(oid::regclass::text, ', ')) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
      AND relname <> 'django_migrations'
"""
FORGET = """
    SELECT pg_clear_attribute_stats(schemaname, tablename, attname, inherited)
    FROM pg_stats WHERE schemaname = 'public'
"""
FORGET_ROWS = """
    SELECT pg_clear_relation_stats('public', relname) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'i', 'I')
"""
OLDEST = 18  # from this version on the planner can be made to forget what it knew of rows

Captured = dict[tuple[str, str], list[Statement]]  # by query's name and statement's fingerprint


@dataclass(frozen=True)
class Difference:
    """A statement that is not planned as it was. `was` and `now` are the lines of its shapes; empty: there is none."""

    query: str
    fingerprint: str
    text: str
    was: tuple[str, ...]
    now: tuple[str, ...]

    @property
    def problem(self) -> str:
        if not self.was:
            return "a statement that is not in the baseline"
        return "a statement that is no longer sent" if not self.now else "another plan"

    def side_by_side(self, width: int = 70) -> Iterator[str]:
        """The two, with a mark where they differ."""
        yield f"  {'recorded':{width}}   now"
        for was, now in zip_longest(self.was, self.now, fillvalue=""):
            yield f"{' ' if was == now else '!'} {was[:width]:{width}} | {now}"


def version_of(connection: BaseDatabaseWrapper) -> int:
    """The major version of the server."""
    [number] = fetch(int, connection, "SELECT current_setting('server_version_num')")
    return number // 10_000


def capture() -> Captured:
    """Fill the database, which must be empty, with a few rows, and note what the critical queries send for them.

    Afterwards all rows are gone again, and what was known of them.
    """
    seed("demo")
    found: Captured = {}
    with only_database():
        drawn = sample.take()
        for name, calls in critical(drawn):
            for statement in sent(calls):
                found.setdefault((name, fingerprint(statement.text)), []).append(statement)
    forget(connections["owner"])
    return found


@contextmanager
def only_database() -> Iterator[None]:
    """All is asked of the primary: neither the cache nor a standby answers."""
    before = settings.CACHE_VALUES, settings.READ_FROM_REPLICAS
    settings.CACHE_VALUES = settings.READ_FROM_REPLICAS = False
    try:
        yield
    finally:
        settings.CACHE_VALUES, settings.READ_FROM_REPLICAS = before


def sent(calls: list[Callable[[], object]]) -> list[Statement]:
    """The statements of these calls that have a plan."""
    statements: list[Statement] = []

    def note(execute: Callable[..., Any], text: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        if not many and text.lstrip().upper().startswith(PLANNED):
            statements.append(Statement(context["connection"].alias, text, parameters))
        return execute(text, parameters, many, context)

    with watched(note):
        for call in calls:
            call()
    return statements


def forget(owner: BaseDatabaseWrapper) -> None:
    """Empty every table, and have the planner know nothing of them."""
    with owner.cursor() as cursor:
        for (statement,) in fetch(lambda *row: row, owner, EMPTY):
            cursor.execute(statement)
        cursor.execute("REFRESH MATERIALIZED VIEW group_activity_summary")
        cursor.execute(FORGET)
        cursor.execute(FORGET_ROWS)


def plan(captured: Captured) -> Plans:
    """The shapes in which the statements are planned now."""
    names, plans = Names.read(connections["owner"]), Plans()
    with transaction.atomic(), connections["default"].cursor() as cursor:
        for name, value in PLANNER.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        for (query, key), statements in captured.items():
            roots = [explain(statement) for statement in statements]
            if shapes := {shape(root, names) for root in roots if is_ours(root, names)}:
                plans[query, key] = Planned(normal(statements[0].text)[:SHOWN], shapes)
    return plans


def compare(was: Plans, now: Plans) -> list[Difference]:
    """What differs. A statement that is not sent today, as it takes rows of some age, is none while others of its query
    are."""
    sent_today = {query for query, _ in now}
    found = []
    for key in sorted(was.keys() | now.keys()):
        old, new = was.get(key), now.get(key)
        if old and (is_known(new.shapes, old.shapes) if new else key[0] in sent_today):
            continue
        text = (new or old or Planned("")).text
        found.append(Difference(*key, text, tuple(baseline.block(old.shapes if old else ())),
                                tuple(baseline.block(new.shapes if new else ()))))
    return found


def is_known(now: set[Shape], was: set[Shape]) -> bool:
    """Whether each shape of now was there, over no fewer partitions: how many there are depends on the date."""
    return all(any(len(old) == len(new) and all(a in (b, b.replace(SOME, ALL)) for a, b in zip(old, new, strict=True))
                   for old in was) for new in now)


__all__ = ["OLDEST", "Captured", "Difference", "capture", "compare", "plan", "version_of"]
