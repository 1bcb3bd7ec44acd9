"""Indexes that are invalid, double, useless or bloated are found, and what the doctor says mends them."""

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.utils import IntegrityError

from ops.monitoring.doctor.findings import Severity
from ops.monitoring.doctor.mending import create_index
from ops.monitoring.doctor.names import models_by_table
from tests.databases import rows, run, value
from tests.ops.doctor.tools import flush_statistics, found, mend, migrate, only, subjects, written
from tests.plans import vacuum

MB = 2**20


@pytest.fixture(autouse=True)
def planted(scratch: BaseDatabaseWrapper) -> Iterator[None]:
    """A table of thirty thousand rows, gone afterwards."""
    run("CREATE TABLE planted (id int PRIMARY KEY, a int, b int, user_id uuid REFERENCES users)")
    run("INSERT INTO planted SELECT n, n, n % 10 FROM generate_series(1, 30000) AS n")
    run("CREATE INDEX planted_user_id_idx ON planted (user_id)")
    run("ANALYZE planted")
    yield
    run("DROP TABLE planted")


def test_nothing_is_wrong_with_what_migrations_make() -> None:
    checks = ("invalid_indexes", "duplicate_indexes", "redundant_indexes", "unused_indexes", "index_bloat",
              "foreign_keys")
    assert [subjects(check) for check in checks] == [[]] * len(checks)


def test_an_index_that_could_not_be_built() -> None:
    with pytest.raises(IntegrityError):
        run("CREATE UNIQUE INDEX CONCURRENTLY planted_b_uniq ON planted (b)")
    finding = only("invalid_indexes")
    assert (finding.subject, finding.severity) == ("planted_b_uniq", Severity.CRITICAL)
    run("DELETE FROM planted WHERE id > 9")
    mend(finding)
    assert subjects("invalid_indexes") == []
    assert value("SELECT indisunique FROM pg_index WHERE indexrelid = 'planted_b_uniq'::regclass")


def test_an_index_made_twice_of_which_the_one_that_guards_is_kept() -> None:
    run("CREATE INDEX planted_id_idx ON planted (id)")
    finding = only("duplicate_indexes")
    assert (finding.subject, finding.severity) == ("planted_id_idx", Severity.WARNING)
    assert "planted_pkey" in finding.what
    migrate(finding)
    assert subjects("duplicate_indexes") == []
    migrate(finding, undo=True)
    assert subjects("duplicate_indexes") == ["planted_id_idx"]


def test_of_two_alike_one_is_kept() -> None:
    run("CREATE INDEX planted_one_idx ON planted (a)")
    run("CREATE INDEX planted_two_idx ON planted (a)")
    assert subjects("duplicate_indexes") == ["planted_two_idx"]


@pytest.mark.parametrize(("copy", "subject"), [
    ("CREATE UNIQUE INDEX planted_a_uniq ON planted (id)", "planted_a_uniq"),
    ("ALTER TABLE planted ADD CONSTRAINT planted_once UNIQUE (id)", "planted_once"),
])  # fmt: skip
def test_a_second_one_that_keeps_the_same_unique(copy: str, subject: str) -> None:
    run(copy)
    finding = only("duplicate_indexes")
    assert (finding.subject, "planted_pkey" in finding.what) == (subject, True)
    mend(finding)
    assert subjects("duplicate_indexes") == []


@pytest.mark.parametrize("kind", ["UNIQUE ", ""])
def test_of_two_alike_the_one_that_the_migrations_make_is_kept(kind: str) -> None:
    kept = "users_email_uniq" if kind else "users_name_id_idx"
    run(f"CREATE {kind}INDEX a_planted_idx ON users {'(email)' if kind else '(name, id)'}")
    finding = only("duplicate_indexes")
    assert (finding.subject, kept in finding.what) == ("a_planted_idx", True)
    mend(finding)
    assert subjects("duplicate_indexes") == []


@pytest.mark.parametrize("other", ["(id, a)", "(id) WHERE a > 1", "(id DESC)"])
def test_one_that_keeps_something_else_unique_is_no_copy(other: str) -> None:
    run(f"CREATE UNIQUE INDEX planted_other_uniq ON planted {other}")
    assert subjects("duplicate_indexes") == []


@pytest.mark.parametrize("other", ["(a DESC)", "(a) WHERE b > 1", "(lower(a::text))", "USING hash (a)"])
def test_what_differs_is_not_double(other: str) -> None:
    run("CREATE INDEX planted_one_idx ON planted (a)")
    run(f"CREATE INDEX planted_two_idx ON planted {other}")
    assert subjects("duplicate_indexes") == subjects("redundant_indexes") == []


def test_a_prefix_of_another_once_it_has_a_size() -> None:
    run("CREATE INDEX planted_a_idx ON planted (a)")
    run("CREATE INDEX planted_a_b_idx ON planted (a, b)")
    run("ANALYZE planted")
    assert subjects("redundant_indexes") == []
    finding = only("redundant_indexes", index_redundant=MB // 2)
    assert (finding.subject, "planted_a_b_idx" in finding.what) == ("planted_a_idx", True)
    assert finding.fix_sql == ("DROP INDEX CONCURRENTLY IF EXISTS planted_a_idx",)
    mend(finding)
    assert subjects("redundant_indexes", index_redundant=MB // 2) == []


def test_one_that_no_server_has_used_for_long() -> None:
    run("CREATE INDEX planted_a_idx ON planted (a)")
    for _ in range(3):
        run("SELECT id FROM planted WHERE id = 7")
    flush_statistics()
    limits = {"index_unused": MB // 2, "table_read": 3}
    assert subjects("unused_indexes", **limits) == []  # statistics are a few minutes old
    finding = only("unused_indexes", statistics_kept=0, **limits)
    assert (finding.subject, finding.severity) == ("planted_a_idx", Severity.INFO)
    assert subjects("unused_indexes", statistics_kept=0, index_unused=MB // 2, table_read=10**9) == []
    run("SET enable_seqscan = off; SELECT id FROM planted WHERE a = 7; RESET enable_seqscan")
    flush_statistics()
    assert subjects("unused_indexes", statistics_kept=0, **limits) == []


def test_one_that_a_document_orders_is_kept() -> None:
    told = {each.subject: each for each in found("unused_indexes", statistics_kept=0, index_unused=0, table_read=0)}
    assert "idx_active_users" in told
    assert (told["idx_active_users"].fix_sql, told["idx_active_users"].advice) == ((), "keep it")
    assert not [name for name in told if name.endswith(("_pkey", "_uniq"))]


def test_a_bloated_one() -> None:
    run("CREATE INDEX planted_a_idx ON planted (a)")
    run("DELETE FROM planted WHERE a % 10 > 0")
    vacuum("planted")
    assert subjects("index_bloat") == []
    finding = next(each for each in found("index_bloat", index_bloat=MB // 4) if each.subject == "planted_a_idx")
    mend(finding)
    vacuum("planted")
    assert "planted_a_idx" not in subjects("index_bloat", index_bloat=MB // 4)


def test_a_foreign_key_without_one() -> None:
    run("DROP INDEX planted_user_id_idx")
    finding = only("foreign_keys")
    assert (finding.subject, finding.model) == ("planted.user_id", None)
    mend(finding)
    assert subjects("foreign_keys") == []


@pytest.mark.parametrize(("index", "key", "model"), [
    ("exchanges_food_id_idx", "exchanges.food_id", "foodshare.Exchange"),
    ("food_posts_building_id_idx", "food_posts.building_id", "foodshare.FoodPost"),
    ("exchanges_recipient_id_created_at_id_idx", "exchanges.recipient_id", "foodshare.Exchange"),
    ("idx_messages_sender_id", "messages.sender_id", "groups.Message"),
    ("forum_posts_author_idx", "forum_posts.author_id", "groups.ForumPost"),
    ("alert_silences_created_by_id_b522f86a", "alert_silences.created_by_id", "ops.AlertSilence"),
])  # fmt: skip
def test_an_index_that_the_migrations_make_is_put_back_by_sql_alone(index: str, key: str, model: str) -> None:
    before = definitions(index)
    run(f"DROP INDEX {index}")
    finding = only("foreign_keys")
    assert (finding.subject, finding.model, finding.migration) == (key, model, None)
    assert f"{index} is gone" in finding.what
    assert "no migration is needed" in finding.advice
    mend(finding)
    assert definitions(index) == before
    assert subjects("foreign_keys") == subjects("invalid_indexes") == []
    assert index not in subjects("schema")


def definitions(index: str) -> list[str]:
    """The index as it is defined, and how many parts it has."""
    return [*map(str, rows("SELECT pg_get_indexdef(indexrelid), indisvalid, (SELECT count(*) FROM pg_inherits "
                           "WHERE inhparent = indexrelid) FROM pg_index WHERE indexrelid = %s::regclass", index))]


@pytest.mark.parametrize(("table", "column"), [("food_posts", "reserved_for_a_neighbor_id"),
                                               ("messages", "pinned_by_id")])
def test_a_new_foreign_key_is_given_a_new_index(table: str, column: str) -> None:
    run(f"ALTER TABLE {table} ADD COLUMN {column} uuid REFERENCES users")
    try:
        finding = only("foreign_keys")
        assert finding.subject == f"{table}.{column}"
        assert "class Migration" in (finding.migration or "")
        mend(finding)
        assert subjects("foreign_keys") == subjects("invalid_indexes") == []
    finally:
        run(f"ALTER TABLE {table} DROP COLUMN {column}")


@pytest.mark.parametrize(("table", "column"), [("users", "image"), ("mode_transition_events", "stream_id")])
@pytest.mark.usefixtures("scratch")
def test_a_new_index_is_what_makemigrations_finds_in_meta(table: str, column: str) -> None:
    """With the line for Meta.indexes that is printed beside it nothing is left to be migrated."""
    text, model = create_index(table, (column,))[1], models_by_table()[table]
    [line] = re.findall(r"^#     (models\.Index\(.*\))$", text, re.M)
    wanted = ProjectState.from_apps(apps)
    options = wanted.models[model._meta.app_label, str(model._meta.model_name)].options
    options["indexes"] = [*options.get("indexes", ()), eval(line, {"models": models})]  # noqa: S307
    after = written(text).mutate_state(ProjectState.from_apps(apps))
    loader = MigrationLoader(None)
    assert MigrationAutodetector(loader.project_state(), wanted).changes(loader.graph) != {}
    assert MigrationAutodetector(after, wanted).changes(loader.graph) == {}


def test_names_with_capitals_are_quoted() -> None:
    run('CREATE TABLE "Odd Table" (id int PRIMARY KEY, "user" uuid REFERENCES users, "Other Id" uuid REFERENCES users)')
    try:
        for finding in found("foreign_keys"):
            mend(finding)
        assert subjects("foreign_keys") == []
        run('CREATE INDEX "Odd Copy" ON "Odd Table" ("user")')
        [copy] = found("duplicate_indexes")
        mend(copy)
        assert subjects("duplicate_indexes") == []
    finally:
        run('DROP TABLE "Odd Table"')


@pytest.mark.parametrize("index", ["food_posts_group_id_created_at_id_idx", "messages_room_page_idx"])
def test_one_by_which_critical_queries_are_planned(index: str) -> None:
    before = definitions(index)
    run(f"DROP INDEX {index}")
    finding = only("plans")
    assert (finding.subject, finding.severity, finding.migration) == (index, Severity.CRITICAL, None)
    mend(finding)
    assert definitions(index) == before
    assert subjects("plans") == []
    assert index not in subjects("schema")
