"""Swapping the summary's definition."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError
from pytest_django import Settings

from groups import summary, summary_swap
from groups.summary import Busy, SummaryError, TooCostly, definition_in_force, estimate_cost, exclusively
from groups.summary_swap import swap
from tests.groups.catalog import indexes, owner_and_rights, rows, views
from tests.groups.datasets import Sizes, fill

ONE_EXCHANGE_A_POST = Sizes(users=60, members=50, groups=8, posts=80, exchanges=0)


@pytest.fixture
def filled(owner: BaseDatabaseWrapper) -> BaseDatabaseWrapper:
    fill(ONE_EXCHANGE_A_POST, seed=1)
    return owner


def test_puts_the_other_definition_in_force_and_back(filled: BaseDatabaseWrapper) -> None:
    before = indexes(), owner_and_rights(), views()
    for definition in ("aggregated", "exact"):
        comparison = swap(filled, definition)
        assert definition_in_force(filled) == definition
        assert (indexes(), owner_and_rights(), views()) == before
        assert comparison is not None
        assert (comparison.compared, comparison.groups, comparison.busiest) == (8, 8, "")


def test_the_new_view_holds_the_rows_of_now(filled: BaseDatabaseWrapper) -> None:
    swap(filled, "aggregated")
    assert rows("SELECT count(*), max(active_members) FROM group_activity_summary") == [(8, 50)]


def test_to_the_definition_in_force_does_nothing(filled: BaseDatabaseWrapper) -> None:
    before = rows("SELECT 'group_activity_summary'::regclass::oid")
    assert swap(filled, "exact") is None
    assert rows("SELECT 'group_activity_summary'::regclass::oid") == before


def test_replaces_a_definition_that_is_neither(filled: BaseDatabaseWrapper) -> None:
    with filled.cursor() as cursor:
        cursor.execute("DROP MATERIALIZED VIEW group_activity_summary")
        changed = summary.query("exact").replace("30 days", "31 days")
        cursor.execute(f"CREATE MATERIALIZED VIEW group_activity_summary AS {changed}")
    swap(filled, "exact")
    assert definition_in_force(filled) == "exact"


def test_rights_of_its_own_are_kept(filled: BaseDatabaseWrapper) -> None:
    with filled.cursor() as cursor:
        cursor.execute("GRANT SELECT ON group_activity_summary TO public")
        cursor.execute("REVOKE UPDATE ON group_activity_summary FROM current_user")
    before = owner_and_rights()
    swap(filled, "aggregated")
    try:
        assert owner_and_rights() == before
    finally:
        with filled.cursor() as cursor:
            cursor.execute("REVOKE SELECT ON group_activity_summary FROM public")
            cursor.execute("GRANT UPDATE ON group_activity_summary TO current_user")


def test_over_the_cost_limit_single_groups_are_compared(owner: BaseDatabaseWrapper, settings: Settings) -> None:
    fill(Sizes(users=300, members=280, groups=8, posts=400, exchanges=0), seed=1)
    with owner.cursor() as cursor:
        cursor.execute("ANALYZE users, community_groups, food_posts")
        quietest_first = "SELECT group_id FROM food_posts GROUP BY group_id ORDER BY count(*), group_id"
        fourth = rows(quietest_first)[3][0]
        single = f"SELECT * FROM ({summary.query('exact')}) q {summary_swap.ONE_GROUP}"
        settings.GROUP_SUMMARY_COST_LIMIT = 2 * estimate_cost(cursor, single, [fourth])
    compared: list[UUID] = []

    def track(groups: list[UUID]) -> list[UUID]:
        compared.extend(groups)
        return groups

    comparison = swap(owner, "aggregated", track)
    assert comparison is not None
    assert comparison.compared == len(compared) == len(set(compared))
    assert 1 <= comparison.compared < comparison.groups == 8
    assert comparison.busiest in str(comparison)
    posts = dict(rows("SELECT group_id, food_posts_30d FROM group_activity_summary"))
    assert posts[compared[0]] == max(posts[group] for group in compared)
    assert min(posts, key=lambda group: (posts[group], group)) in compared


def test_not_one_group_within_the_limit_is_refused(filled: BaseDatabaseWrapper, settings: Settings) -> None:
    settings.GROUP_SUMMARY_COST_LIMIT = 1
    with pytest.raises(SummaryError, match="not one group can be compared"):
        swap(filled, "aggregated")
    assert (definition_in_force(filled), views()) == ("exact", ["group_activity_summary"])


def test_the_exact_one_over_the_limit_is_refused(filled: BaseDatabaseWrapper, settings: Settings) -> None:
    swap(filled, "aggregated")
    settings.GROUP_SUMMARY_COST_LIMIT = 1
    with pytest.raises(TooCostly, match="group_summary --definition aggregated"):
        swap(filled, "exact")
    assert (definition_in_force(filled), views()) == ("aggregated", ["group_activity_summary"])


def test_what_an_interrupted_swap_left_is_dropped(filled: BaseDatabaseWrapper) -> None:
    with filled.cursor() as cursor:
        for leftover in (summary_swap.BESIDE, summary_swap.BEFORE):
            cursor.execute(f"CREATE MATERIALIZED VIEW {leftover} AS SELECT 1 AS group_id")
            cursor.execute(f"CREATE UNIQUE INDEX {leftover}_group_id_uniq ON {leftover} (group_id)")
    swap(filled, "aggregated")
    assert (definition_in_force(filled), views()) == ("aggregated", ["group_activity_summary"])


def test_interrupted_before_the_rename_nothing_has_changed(filled: BaseDatabaseWrapper) -> None:
    def interrupt(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "RENAME" in sql:
            raise KeyboardInterrupt
        return execute(sql, params, many, context)

    before = indexes(), owner_and_rights(), views()
    with pytest.raises(KeyboardInterrupt), filled.execute_wrapper(interrupt):
        swap(filled, "aggregated")
    assert definition_in_force(filled) == "exact"
    assert (indexes(), owner_and_rights(), views()) == before


def test_a_difference_stops_it(filled: BaseDatabaseWrapper) -> None:
    def falsify(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if str(sql).startswith("-- The rows of document A's query"):
            sql = sql.replace("COUNT(*) AS members", "COUNT(*) + 1 AS members")
        return execute(sql, params, many, context)

    with pytest.raises(SummaryError, match="differ in 16 rows"), filled.execute_wrapper(falsify):
        swap(filled, "aggregated")
    assert (definition_in_force(filled), views()) == ("exact", ["group_activity_summary"])


def test_waits_for_a_reader_in_short_attempts(filled: BaseDatabaseWrapper) -> None:
    """A long reader does not make later ones queue: the rename gives up, lets them pass and tries again."""
    attempts = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal attempts
        try:
            return execute(sql, params, many, context)
        except OperationalError:
            attempts += 1
            reader.rollback()
            raise

    with filled.get_new_connection(filled.get_connection_params()) as reader:
        reader.autocommit = False
        reader.execute("SELECT count(*) FROM group_activity_summary")
        with filled.execute_wrapper(count):
            swap(filled, "aggregated")
    assert attempts == 1
    assert definition_in_force(filled) == "aggregated"


def test_only_one_at_a_time(filled: BaseDatabaseWrapper) -> None:
    other = connections.create_connection("owner")
    try:
        with exclusively(other), pytest.raises(Busy):
            swap(filled, "aggregated")
    finally:
        other.close()
    assert definition_in_force(filled) == "exact"
