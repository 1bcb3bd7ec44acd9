"""Swapping one definition of group_activity_summary for the other, without its readers noticing."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from foodshare.db.locks import LocksTaken, patiently
from foodshare.db.operations import sql
from groups.summary import (
    FILES,
    VIEW,
    Definition,
    SummaryError,
    definition_in_force,
    estimate_cost,
    estimate_definition,
    exclusively,
    forget_kept,
    query,
    refuse_too_costly,
    stamp,
)

BESIDE, BEFORE = f"{VIEW}_new", f"{VIEW}_old"
# Beside those in the definitions' files.
INDEX_FILES = ["group_activity_summary_food_posts_30d_group_id_idx", "group_activity_summary_type_posts_idx"]

# Rows are compared as text: numbers that are equal but print differently are a difference.
DIFFERENCES = """
    WITH found AS MATERIALIZED (SELECT q::text AS line FROM ({query}) q {where}),
         built AS MATERIALIZED (SELECT b::text AS line FROM {beside} b {where})
    SELECT count(*) FROM (
        (TABLE found EXCEPT ALL TABLE built) UNION ALL (TABLE built EXCEPT ALL TABLE found)
    ) difference
"""
ONE_GROUP = "WHERE group_id = %s"
# What the exact definition does for a group without posts, which the planner takes for an average one.
IDLE_GROUP = "SELECT count(DISTINCT id) FROM users WHERE sharing_mode = 'community'"

# A relation's rights as (role, privilege, may pass it on); those of a NULL relacl are the default ones.
RIGHTS = """
    SELECT CASE a.grantee WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
           a.privilege_type, a.is_grantable
    FROM pg_class c CROSS JOIN aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
    WHERE c.oid = %s::regclass
"""

Track = Callable[[list[UUID]], Iterable[UUID]]  # goes through the groups, and may show how far it is


@dataclass(frozen=True)
class Comparison:
    """On how many groups the two definitions were found equal, and which; `busiest` is empty if all were."""

    compared: int
    groups: int
    busiest: str = ""

    def __str__(self) -> str:
        if not self.busiest:
            return f"both definitions gave the same rows for all {self.groups:,} groups"
        return (f"both definitions gave the same rows for {self.compared:,} of {self.groups:,} groups, as many as fit "
                f"GROUP_SUMMARY_COST_LIMIT: the quietest, and “{self.busiest}”, the busiest that fits")


def swap(connection: BaseDatabaseWrapper, definition: Definition, track: Track = iter) -> Comparison | None:
    """Put `definition` in force; None if it is already. `connection` is the owner's, outside a transaction.

    The new view is built and compared beside the old one in one transaction, renamed in another, short one;
    then the old one is dropped. What an interrupted run left is dropped first. Raises TooCostly for the exact
    definition over the cost limit, SummaryError if the two disagree or a lock is not to be had.
    """
    try:
        return swap_alone(connection, definition, track)
    except LocksTaken as error:
        raise SummaryError(f"{VIEW} is being read without a pause; try again later") from error


def swap_alone(connection: BaseDatabaseWrapper, definition: Definition, track: Track) -> Comparison | None:
    with exclusively(connection):
        drop_leftovers(connection)
        if definition_in_force(connection) == definition:
            return None
        cost = estimate_definition(connection, "exact")
        if definition == "exact":
            refuse_too_costly(cost)
        try:
            comparison = build(connection, definition, track)
            patiently(connection, rename)
        finally:
            drop_leftovers(connection)
    return comparison


def drop_leftovers(connection: BaseDatabaseWrapper) -> None:
    """Drop what stands beside the live view, after a swap or after an interrupted one."""
    patiently(connection, lambda cursor: cursor.execute(f"DROP MATERIALIZED VIEW IF EXISTS {BESIDE}, {BEFORE}"))


def build(connection: BaseDatabaseWrapper, definition: Definition, track: Track) -> Comparison:
    """Make the new view beside the live one, with its indexes and rights, and compare it with the other definition.

    All of it sees one snapshot and one now(); if the rows differ, nothing remains.
    """
    other: Definition = "exact" if definition == "aggregated" else "aggregated"
    with transaction.atomic(using=connection.alias, durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for file in [FILES[definition], *INDEX_FILES]:
            cursor.execute(sql("groups", file).replace(VIEW, BESIDE).replace("INDEX CONCURRENTLY", "INDEX"))
        copy_rights(cursor)
        stamp(cursor, BESIDE)
        cursor.execute(f"ANALYZE {BESIDE}")
        return compare(cursor, other, track)


def copy_rights(cursor: CursorWrapper) -> None:
    """Give the new view the live one's owner and rights, no more and no fewer."""
    cursor.execute("SELECT quote_ident(pg_get_userbyid(relowner)) FROM pg_class WHERE oid = %s::regclass", [VIEW])
    (owner,) = cursor.fetchone()
    cursor.execute(f"ALTER MATERIALIZED VIEW {BESIDE} OWNER TO {owner}")
    wanted, given = rights(cursor, VIEW), rights(cursor, BESIDE)
    for role, privilege, _ in given - wanted:
        cursor.execute(f"REVOKE {privilege} ON {BESIDE} FROM {role}")
    for role, privilege, may_pass_on in wanted - given:
        option = "WITH GRANT OPTION" if may_pass_on else ""
        cursor.execute(f"GRANT {privilege} ON {BESIDE} TO {role} {option}")


def rights(cursor: CursorWrapper, view: str) -> set[tuple[str, str, bool]]:
    cursor.execute(RIGHTS, [view])
    return set(cursor.fetchall())


def compare(cursor: CursorWrapper, other: Definition, track: Track) -> Comparison:
    """Compare the new view with the other definition: whole if that fits the cost limit, else by single groups."""
    cursor.execute(f"SELECT group_id, food_posts_30d FROM {BESIDE} "
                   "ORDER BY food_posts_30d + successful_exchanges_30d, group_id")
    groups: dict[UUID, int] = dict(cursor.fetchall())
    if estimate_cost(cursor, query(other)) <= settings.GROUP_SUMMARY_COST_LIMIT:
        refuse_differences(count_differences(cursor, other))
        return Comparison(len(groups), len(groups))
    chosen = affordable(cursor, other, groups)
    for group in track(chosen):
        refuse_differences(count_differences(cursor, other, group))
    cursor.execute(f"SELECT group_name FROM {BESIDE} {ONE_GROUP}", [chosen[0]])
    return Comparison(len(chosen), len(groups), busiest=cursor.fetchone()[0])


def count_differences(cursor: CursorWrapper, other: Definition, group: UUID | None = None) -> int:
    """How many rows only one of the two has, among all or those of one group."""
    statement = DIFFERENCES.format(query=query(other), beside=BESIDE, where=ONE_GROUP if group else "")
    cursor.execute(statement, [group, group] if group else None)
    count: int = cursor.fetchone()[0]
    return count


def refuse_differences(count: int) -> None:
    if count:
        raise SummaryError(f"the two definitions differ in {count:,} rows: nothing was swapped; please report this")


def affordable(cursor: CursorWrapper, definition: Definition, posts: dict[UUID, int]) -> list[UUID]:
    """Of the groups in `posts`, quietest first, those whose summed cost fits the limit: the busiest that fits half of
    it first, then the quietest."""
    limit, groups = settings.GROUP_SUMMARY_COST_LIMIT, list(posts)
    statement = f"SELECT * FROM ({query(definition)}) q {ONE_GROUP}"
    idle = estimate_cost(cursor, IDLE_GROUP)

    def cost(group: UUID) -> float:
        return estimate_cost(cursor, statement, [group]) if posts[group] else idle

    fitting = bisect_right(groups, limit / 2, key=cost)
    if not fitting:
        raise SummaryError("not one group can be compared within GROUP_SUMMARY_COST_LIMIT: nothing was swapped; "
                           "set a higher one for this command")
    chosen, spent = [groups[fitting - 1]], cost(groups[fitting - 1])
    for group in groups[: fitting - 1]:
        spent += cost(group)
        if spent > limit:
            break
        chosen.append(group)
    return chosen


def rename(cursor: CursorWrapper) -> None:
    """Give the new view, and each of its indexes, the live one's name."""
    forget_kept(cursor)
    for view, name in ((VIEW, BEFORE), (BESIDE, VIEW)):
        cursor.execute(f"ALTER MATERIALIZED VIEW {view} RENAME TO {name}")
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = %s::regclass", [name])
        for (index,) in cursor.fetchall():
            if index.startswith(view):
                cursor.execute(f"ALTER INDEX {index} RENAME TO {index.replace(view, name, 1)}")
