"""Partitions are made ahead of need, once, and from where they ended when upkeep stood still."""

from datetime import timedelta

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from groups.partitions import MESSAGES, STATUS_UPDATES
from ops.partitions.layout import told_by
from ops.partitions.plan import plan
from tests.databases import run
from tests.ops.partitions.tools import layout, made_at, names, open_category, shifted, upkeep

NOTHING: tuple[list[str], list[str], list[str]] = ([], [], [])


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_migrated_database_needs_nothing() -> None:
    assert plan(layout(), made_at()) == []


def test_what_is_missing_is_made_once(scratch: BaseDatabaseWrapper) -> None:
    open_category()
    at = shifted(MESSAGES, 1)
    steps, failures, findings = upkeep(at)
    assert (failures, findings) == ([], [])
    assert f"+ {MESSAGES.period.name_of('messages', shifted(MESSAGES, 4))}: " in steps[0]
    assert steps[-1].startswith(f"+ {MESSAGES.period.name_of('forum_posts_recipes', shifted(MESSAGES, 4))}")
    assert upkeep(at) == NOTHING


def test_an_open_category_without_partitions_gets_them(scratch: BaseDatabaseWrapper) -> None:
    run("INSERT INTO forum_categories (slug, name, opened_at) VALUES ('tools', 'Tools', now()), ('odds', 'Odds', NULL)")
    steps, failures, findings = upkeep()
    assert (len(steps), failures, findings) == (4, [], [])
    assert names("forum_posts") == ["forum_posts_tools"]
    assert len(names("forum_posts_tools")) == 4


def test_a_closed_category_gets_no_more(scratch: BaseDatabaseWrapper) -> None:
    open_category()
    run("UPDATE forum_categories SET opened_at = NULL")
    _, failures, findings = upkeep(shifted(MESSAGES, 3))
    assert (failures, findings) == ([], [])
    assert len(names("forum_posts_recipes")) == 4


def test_a_year_without_upkeep_leaves_no_gap(scratch: BaseDatabaseWrapper) -> None:
    _, failures, findings = upkeep(made_at() + timedelta(days=366))
    assert (failures, findings) == ([], [])
    firsts = [told.first for name in names("status_updates") if (told := told_by(name))]
    assert firsts == [shifted(STATUS_UPDATES, count) for count in range(len(firsts))]


def test_one_step_that_fails_keeps_no_other_from_being_done(scratch: BaseDatabaseWrapper) -> None:
    taken = MESSAGES.period.name_of("messages", shifted(MESSAGES, 4))
    run(f"CREATE VIEW {taken} AS SELECT 1")
    _, failures, _ = upkeep(shifted(MESSAGES, 2))
    assert len(failures) == 1
    assert f"{taken}: a step failed: table {taken} exists and is no partition of messages" in failures[0]
    assert MESSAGES.period.name_of("messages", shifted(MESSAGES, 5)) in names("messages")
