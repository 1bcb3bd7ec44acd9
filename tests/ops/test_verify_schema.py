"""Every kind of fault in the schema is found."""

import json
from collections.abc import Iterator
from io import StringIO

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.utils import IntegrityError
from pytest_django import DjangoDbBlocker

from foodshare.db.operations import sql
from ops import catalog, schema
from ops.servers.state import load
from ops.verification import Finding, State, judge, verify
from tests.databases import close_all, run, scratch_database

APP = settings.RUNTIME_ROLE
SUMMARY_OF_NAMES = """
    DROP MATERIALIZED VIEW group_activity_summary;
    CREATE MATERIALIZED VIEW group_activity_summary AS
        SELECT id AS group_id, name AS group_name, group_type, 0::bigint AS food_posts_30d FROM community_groups;
    CREATE UNIQUE INDEX group_activity_summary_group_id_uniq ON group_activity_summary (group_id);
    CREATE INDEX group_activity_summary_food_posts_30d_group_id_idx
        ON group_activity_summary (food_posts_30d DESC, group_id DESC);
    CREATE INDEX group_activity_summary_type_posts_idx
        ON group_activity_summary (group_type, food_posts_30d DESC, group_id DESC);
    GRANT SELECT ON group_activity_summary TO PUBLIC
"""
FAULTS = [
    ("DROP TABLE event_stream_checkpoints", "table", "event_stream_checkpoints", "MISSING"),
    ("DROP TABLE idempotency_keys", "table", "idempotency_keys", "MISSING"),
    ("CREATE TABLE leftover (id int PRIMARY KEY)", "table", "leftover", "EXTRA"),
    ("CREATE VIEW leftover AS SELECT 1", "view", "leftover", "EXTRA"),
    ("CREATE FUNCTION leftover() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function", "leftover()", "EXTRA"),
    ("CREATE SEQUENCE leftover", "sequence", "leftover", "EXTRA"),
    ("CREATE OR REPLACE FUNCTION create_monthly_partition(target_date DATE) RETURNS VOID LANGUAGE plpgsql "
     "AS 'BEGIN END'", "function", "create_monthly_partition(date)", "DIFFERENT"),
    ("DROP TABLE messages; CREATE TABLE messages (id uuid, created_at timestamp) PARTITION BY LIST (id)",
     "partitioning", "messages", "DIFFERENT"),
    ("DROP INDEX idx_messages_created_at_brin", "index", "idx_messages_created_at_brin", "MISSING"),
    ("CREATE MATERIALIZED VIEW leftover AS SELECT 1", "materialized view", "leftover", "EXTRA"),
    ("ALTER TABLE reputation_events DROP COLUMN description", "column", "reputation_events.description", "MISSING"),
    ("ALTER TABLE users DROP COLUMN apartment", "column", "users.apartment", "MISSING"),
    ("ALTER TABLE reputation_events ALTER description TYPE varchar(500)",
     "column", "reputation_events.description", "DIFFERENT"),
    ("ALTER TABLE mode_transition_events ALTER reason TYPE varchar", "column", "mode_transition_events.reason",
     "DIFFERENT"),
    ("ALTER TABLE reputation_events ALTER event_type TYPE varchar(60)",
     "column", "reputation_events.event_type", "DIFFERENT"),
    ("ALTER TABLE user_global_reputation ALTER peak_reputation TYPE numeric(5,2)",
     "column", "user_global_reputation.peak_reputation", "DIFFERENT"),
    ("ALTER TABLE mode_transition_events ALTER created_at TYPE timestamptz",
     "column", "mode_transition_events.created_at", "DIFFERENT"),
    ("ALTER TABLE reputation_events ALTER event_type DROP NOT NULL",
     "column", "reputation_events.event_type", "DIFFERENT"),
    ("ALTER TABLE users ALTER sharing_mode SET NOT NULL", "column", "users.sharing_mode", "DIFFERENT"),
    ("ALTER TABLE user_global_reputation ALTER trust_level SET DEFAULT 'trusted'",
     "column", "user_global_reputation.trust_level", "DIFFERENT"),
    ("ALTER TABLE user_global_reputation ALTER overall_score DROP DEFAULT",
     "column", "user_global_reputation.overall_score", "DIFFERENT"),
    ("ALTER TABLE users ALTER created_at SET DEFAULT clock_timestamp()", "column", "users.created_at", "DIFFERENT"),
    ("ALTER TABLE food_posts ADD COLUMN colour text", "column", "food_posts.colour", "EXTRA"),
    ("ALTER TABLE event_stream_checkpoints DROP CONSTRAINT event_stream_checkpoints_pkey",
     "constraint", "event_stream_checkpoints PRIMARY KEY (consumer_group, stream_name)", "MISSING"),
    ("ALTER TABLE community_groups DROP CONSTRAINT community_groups_telegram_group_id_key",
     "constraint", "community_groups UNIQUE (telegram_group_id)", "MISSING"),
    ("ALTER TABLE reputation_events DROP CONSTRAINT reputation_events_user_id_fkey",
     "constraint", "reputation_events FOREIGN KEY (user_id)", "MISSING"),
    ("ALTER TABLE reputation_events ALTER CONSTRAINT reputation_events_user_id_fkey DEFERRABLE INITIALLY DEFERRED",
     "constraint", "reputation_events FOREIGN KEY (user_id)", "DIFFERENT"),
    ("ALTER TABLE exchanges DROP CONSTRAINT exchanges_cancelled_by_id_fkey, ADD CONSTRAINT "
     "exchanges_cancelled_by_id_fkey FOREIGN KEY (cancelled_by_id) REFERENCES users (id) ON DELETE SET NULL",
     "constraint", "exchanges FOREIGN KEY (cancelled_by_id)", "DIFFERENT"),
    ("ALTER TABLE exchanges DROP CONSTRAINT exchanges_cancelled_by_id_fkey, ADD CONSTRAINT "
     "exchanges_cancelled_by_id_fkey FOREIGN KEY (cancelled_by_id) REFERENCES users (id) NOT VALID",
     "constraint", "exchanges FOREIGN KEY (cancelled_by_id)", "INVALID"),
    ("ALTER TABLE food_posts DROP CONSTRAINT food_posts_group_id_fkey",
     "constraint", "food_posts FOREIGN KEY (group_id)", "MISSING"),
    ("ALTER TABLE ratings DROP CONSTRAINT ratings_stars_check", "constraint", "ratings.ratings_stars_check", "MISSING"),
    ("ALTER TABLE ratings DROP CONSTRAINT ratings_stars_check, "
     "ADD CONSTRAINT ratings_stars_check CHECK (stars BETWEEN 0 AND 5)",
     "constraint", "ratings.ratings_stars_check", "DIFFERENT"),
    ("ALTER TABLE users ADD CONSTRAINT users_name_check CHECK (name <> '')",
     "constraint", "users.users_name_check", "EXTRA"),
    ("DROP INDEX idx_users_sharing_mode", "index", "idx_users_sharing_mode", "MISSING"),
    ("DROP INDEX exchanges_food_id_active_uniq", "index", "exchanges_food_id_active_uniq", "MISSING"),
    ("DROP INDEX outbox_events_user_id_9d82883c", "index", "outbox_events_user_id_9d82883c", "MISSING"),
    ("DROP INDEX idx_food_posts_discovery; CREATE INDEX idx_food_posts_discovery "
     "ON food_posts (group_id, status, pickup_time, created_at) WHERE status = 'claimed'",
     "index", "idx_food_posts_discovery", "DIFFERENT"),
    ("DROP INDEX idx_food_posts_discovery; CREATE INDEX idx_food_posts_discovery "
     "ON food_posts (group_id, status, pickup_time, created_at)",
     "index", "idx_food_posts_discovery", "DIFFERENT"),
    ("DROP INDEX idx_exchanges_group_status; CREATE INDEX idx_exchanges_group_status "
     "ON exchanges (food_id, status, created_at) WHERE status IN ('pending', 'confirmed')",
     "index", "idx_exchanges_group_status", "DIFFERENT"),
    ("DROP INDEX idx_reputation_events_stream; CREATE INDEX idx_reputation_events_stream "
     "ON reputation_events (stream_id, stream_partition, processed_at)",
     "index", "idx_reputation_events_stream", "DIFFERENT"),
    ("DROP INDEX idx_reputation_events_user_recent; CREATE INDEX idx_reputation_events_user_recent "
     "ON reputation_events (user_id, created_at)", "index", "idx_reputation_events_user_recent", "DIFFERENT"),
    ("DROP INDEX users_email_uniq; CREATE INDEX users_email_uniq ON users (email)",
     "index", "users_email_uniq", "DIFFERENT"),
    ("CREATE INDEX users_name_idx ON users (name)", "index", "users_name_idx", "EXTRA"),
    ("DROP MATERIALIZED VIEW group_activity_summary", "materialized view", "group_activity_summary", "MISSING"),
    (SUMMARY_OF_NAMES, "materialized view", "group_activity_summary", "DIFFERENT"),
    ("REFRESH MATERIALIZED VIEW group_activity_summary WITH NO DATA",
     "materialized view", "group_activity_summary", "INVALID"),
    ("DROP INDEX group_activity_summary_group_id_uniq", "index", "group_activity_summary_group_id_uniq", "MISSING"),
    ("DROP FUNCTION refresh_group_activity_summary()", "function", "refresh_group_activity_summary()", "MISSING"),
    ("CREATE OR REPLACE FUNCTION refresh_group_activity_summary() RETURNS void LANGUAGE plpgsql AS "
     "$$ BEGIN REFRESH MATERIALIZED VIEW group_activity_summary; END; $$",
     "function", "refresh_group_activity_summary()", "DIFFERENT"),
    ("DROP TRIGGER pgtrigger_exchange_life_cycle_6cd5a ON exchanges",
     "trigger", "pgtrigger_exchange_life_cycle_6cd5a", "MISSING"),
    ("ALTER TABLE exchanges DISABLE TRIGGER pgtrigger_exchange_life_cycle_6cd5a",
     "trigger", "pgtrigger_exchange_life_cycle_6cd5a", "DIFFERENT"),
    ("CREATE OR REPLACE FUNCTION pgtrigger_exchange_life_cycle_6cd5a() RETURNS trigger LANGUAGE plpgsql AS "
     "$$ BEGIN RETURN NEW; END; $$", "trigger", "pgtrigger_exchange_life_cycle_6cd5a", "DIFFERENT"),
    (f"GRANT CREATE ON SCHEMA public TO {APP}", "role", f"{APP} creates in the schema", "DIFFERENT"),
    (f"GRANT CREATE ON DATABASE {{database}} TO {APP}", "role", f"{APP} creates schemas", "DIFFERENT"),
    (f"GRANT TEMPORARY ON DATABASE {{database}} TO {APP}", "role", f"{APP} creates temporary tables", "DIFFERENT"),
    (f"GRANT DELETE ON django_migrations TO {APP}", "role", f"{APP} writes the record of migrations", "DIFFERENT"),
    (f"GRANT TRUNCATE ON ratings TO {APP}", "role", f"{APP} may truncate", "DIFFERENT"),
    (f"REVOKE SELECT ON users FROM {APP}", "role", f"{APP} may not read", "DIFFERENT"),
    (f"REVOKE INSERT ON users FROM {APP}", "role", f"{APP} may not write", "DIFFERENT"),
]
ALONGSIDE = {"DROP TABLE", "DROP MATERIALIZED VIEW"}  # take their columns and indexes with them


@pytest.fixture
def migrated_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A copy of the shared test database, to plant in what cannot be rolled back."""
    shared = connections["owner"].settings_dict["NAME"]
    with django_db_blocker.unblock(), scratch_database("faults", template=shared):
        yield


def failing() -> list[Finding]:
    return [finding for finding in verify(connections["owner"], connections["default"]) if finding.fails]


def seen(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(finding.kind, finding.name, str(finding.state)) for finding in findings]


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_migrated_database_has_no_fault() -> None:
    assert failing() == []


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize(("statement", "kind", "name", "state"), FAULTS)
def test_a_planted_fault_is_found_and_nothing_else(statement: str, kind: str, name: str, state: str) -> None:
    database = connections["owner"].ops.quote_name(connections["owner"].settings_dict["NAME"])
    run(statement.replace("{database}", database))
    found = seen(failing())
    if any(statement.startswith(words) for words in ALONGSIDE):
        assert (kind, name, state) in found
    else:
        assert found == [(kind, name, state)]


def test_an_index_that_failed_to_build_is_invalid(migrated_database: None) -> None:
    run("DROP INDEX users_email_uniq")
    run("INSERT INTO users (name, email) VALUES ('Ada', 'a@example.org'), ('Bea', 'a@example.org')")
    with pytest.raises(IntegrityError):
        run("CREATE UNIQUE INDEX CONCURRENTLY users_email_uniq ON users (email)")
    assert seen(failing()) == [("index", "users_email_uniq", "INVALID")]


def test_a_time_zone_other_than_utc_is_found(migrated_database: None) -> None:
    database = connections["owner"].ops.quote_name(connections["owner"].settings_dict["NAME"])
    run(f"ALTER ROLE {APP} IN DATABASE {database} SET timezone = 'America/New_York'", alias="default")
    close_all()
    [finding] = failing()
    assert (finding.kind, finding.name, finding.found) == ("time zone", APP, "America/New_York")


@pytest.mark.parametrize("table", ["food_posts", "community_groups"])
@pytest.mark.django_db(databases=["default", "owner"])
def test_a_missing_table_of_the_group_key_is_found(table: str) -> None:
    run(f"DROP TABLE {table} CASCADE")
    assert ("table", table, "MISSING") in seen(failing())


def test_an_empty_database_misses_everything(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    output = StringIO()
    with django_db_blocker.unblock(), scratch_database("faults"), pytest.raises(SystemExit) as exit_:
        call_command("verify_schema", "--json", stdout=output)
    states = {finding["name"]: finding["state"] for finding in json.loads(output.getvalue())["findings"]}
    assert exit_.value.code == 1
    assert {states[name] for name in (*schema.DOCUMENT_TABLES, schema.SUMMARY)} == {"MISSING"}


def test_a_runtime_role_that_owns_a_table_is_found(migrated_database: None) -> None:
    run(f"GRANT CREATE ON SCHEMA public TO {APP}")
    run("CREATE TABLE theirs ()", alias="default")
    run(f"REVOKE CREATE ON SCHEMA public FROM {APP}")
    assert {(finding.name, finding.found) for finding in failing()} == {
        ("theirs", f"owned by {APP}"), (f"{APP} owns", "theirs"), (f"{APP} may truncate", "theirs")}


@pytest.mark.skipif(not settings.EMBEDDED_SERVERS, reason="needs a superuser's password")
def test_foreign_keys_that_are_switched_off_are_found(migrated_database: None) -> None:
    state = load(settings.FOODSHARE_DATA_DIR)
    assert state is not None
    with psycopg.connect(state.url("primary", "postgres"), dbname=connections["owner"].settings_dict["NAME"]) as admin:
        admin.execute("ALTER TABLE verification_requests DISABLE TRIGGER ALL")
    [finding] = failing()
    assert (finding.kind, finding.name, finding.state) == ("table", "verification_requests", State.DIFFERENT)


def test_a_missing_extension_is_found(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), scratch_database("faults"):
        call_command("migrate", "foodshare", "0008", verbosity=0)
        run("DROP EXTENSION pg_trgm")
        missing = {f.name: f for f in verify(connections["owner"], connections["default"])
                   if f.kind == "extension" and f.state is State.MISSING}
    assert missing.keys() == {"pg_trgm", "pg_stat_statements"}
    assert missing["pg_trgm"].fails
    assert not missing["pg_stat_statements"].fails  # only an administrator can create it
    assert "CREATE EXTENSION pg_stat_statements" in missing["pg_stat_statements"].note


@pytest.mark.parametrize("claim", ["is a superuser", "acts as the owner"])
def test_a_runtime_role_with_too_much_power_is_found(claim: str) -> None:
    expected = schema.expected_rights("app")[f"app {claim}"]
    assert judge("role", f"app {claim}", expected, catalog.Found("true")).fails


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize(("definition", "file"), [("exact", "group_activity_summary"),
                                                  ("aggregated", "group_activity_summary_aggregated")])
def test_the_summary_may_have_either_definition_and_the_one_in_force_is_named(definition: str, file: str) -> None:
    run("DROP MATERIALIZED VIEW group_activity_summary")
    run(sql("groups", file))
    run("CREATE INDEX group_activity_summary_food_posts_30d_group_id_idx "
        "ON group_activity_summary (food_posts_30d DESC, group_id DESC)")
    run("CREATE INDEX group_activity_summary_type_posts_idx "
        "ON group_activity_summary (group_type, food_posts_30d DESC, group_id DESC)")
    run(f"GRANT SELECT ON group_activity_summary TO {APP}")
    output = StringIO()
    call_command("verify_schema", stdout=output)
    assert f"definition in force: {definition}" in output.getvalue()


@pytest.mark.django_db(databases=["default", "owner"])
def test_the_command_prints_json_and_exits_1_on_a_fault() -> None:
    run("ALTER TABLE users ADD COLUMN colour text")
    output = StringIO()
    with pytest.raises(SystemExit) as exit_:
        call_command("verify_schema", "--json", stdout=output)
    report = json.loads(output.getvalue())
    assert exit_.value.code == 1
    assert (report["ok"], report["counts"]["EXTRA"]) == (False, 1)
    [extra] = [finding for finding in report["findings"] if finding["state"] == "EXTRA"]
    assert (extra["name"], extra["found"]) == ("users.colour", "text")


@pytest.mark.django_db(databases=["default", "owner"])
def test_the_command_names_what_differs_in_text() -> None:
    run("ALTER TABLE reputation_events ALTER event_type TYPE varchar(60)")
    output = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_schema", stdout=output)
    assert "DIFFERENT reputation_events.event_type" in output.getvalue()
    assert "found:    character varying(60) NOT NULL" in output.getvalue()
