"""What the migrations build, on the database that they build."""

import uuid
from collections.abc import Iterator
from decimal import Decimal
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from pytest_django import DjangoDbBlocker

from ops.schema import DOCUMENT_TABLES, PERFORMANCE_INDEXES
from ops.verification import verify
from tests.databases import connect_parameters, rows, run, scratch_database, value

OUR_APPS = ("reputation", "groups", "foodshare")  # in the order of their imports, highest first
OBJECTS = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'v', 'S', 'i', 'I')
    UNION ALL SELECT proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS
        (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
owner_database = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def empty_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), scratch_database("migrations"):
        yield


def failures() -> list[str]:
    return [f"{finding.kind} {finding.name}: {finding.state}"
            for finding in verify(connections["owner"], connections["default"]) if finding.fails]


def migrate(*target: str) -> None:
    call_command("migrate", *target, verbosity=0)


@owner_database
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.slow
def test_migrations_run_forwards_backwards_to_nothing_and_forwards_again(empty_database: None) -> None:
    migrate()
    assert failures() == []
    built = {name for (name,) in rows(OBJECTS)}
    for app in OUR_APPS:
        migrate(app, "zero")
    left = {name for (name,) in rows(OBJECTS)}
    ours = {model._meta.db_table for model in apps.get_models(include_auto_created=True)
            if model._meta.app_label in OUR_APPS}
    assert ours <= built
    assert not [name for name in left if name in ours or any(name.startswith(f"{table}_") for table in ours)]
    assert not left & {*PERFORMANCE_INDEXES, "refresh_group_activity_summary"}
    assert not [name for name in left if name.startswith("pgtrigger_")]
    migrate()
    assert failures() == []


@owner_database
def test_all_eight_indexes_are_valid() -> None:
    valid = rows("SELECT indexrelid::regclass::text FROM pg_index WHERE indisvalid AND indisready AND indexrelid "
                 "= ANY (SELECT to_regclass(name) FROM unnest(%s::text[]) AS name)", list(PERFORMANCE_INDEXES))
    assert {name for (name,) in valid} == set(PERFORMANCE_INDEXES)
    assert len(PERFORMANCE_INDEXES) == 8


@owner_database
def test_foreign_keys_of_the_documents_tables_are_not_deferrable() -> None:
    keys = rows("SELECT conrelid::regclass::text, condeferrable FROM pg_constraint "
                "WHERE contype = 'f' AND conrelid::regclass::text = ANY (%s)", sorted(DOCUMENT_TABLES))
    assert {table for table, _ in keys} == DOCUMENT_TABLES - {"users", "event_stream_checkpoints"} | {"users"}
    assert [table for table, deferrable in keys if deferrable] == []


@owner_database
def test_a_foreign_key_refuses_at_once_what_is_not_there() -> None:
    with pytest.raises(Exception, match="reputation_events_user_id_fkey"):
        run("INSERT INTO reputation_events (user_id, event_type, impact_score, previous_score, new_score) "
            "VALUES (gen_random_uuid(), 'food_shared', 2, 75, 77)")


def insert(table: str, **values: Any) -> dict[str, Any]:
    """Insert with these columns only; the row as the database has it."""
    names, places = ", ".join(values), ", ".join(["%s"] * len(values))
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING *", list(values.values()))
        return dict(zip((column.name for column in cursor.description), cursor.fetchone(), strict=True))


def the_given(row: dict[str, Any], **expected: Any) -> bool:
    return {name: row[name] for name in expected} == expected


@owner_database
def test_defaults_of_the_tables_that_came_before() -> None:
    user = insert("users", name="Ada")
    assert the_given(user, image=None, is_active=True, sharing_mode="neighborhood", verification_level="full")
    post = insert("food_posts", title="Bread", author_id=user["id"], pickup_time="2030-01-01")
    assert the_given(post, status="available", group_id=None)
    exchange = insert("exchanges", food_id=post["id"], recipient_id=user["id"])
    assert the_given(exchange, status="pending")
    rating = insert("ratings", exchange_id=exchange["id"], stars=5)
    now = value("SELECT now() AT TIME ZONE 'UTC'")
    assert {row["created_at"] for row in (user, post, exchange, rating)} == {now}


@owner_database
def test_defaults_of_the_foundation() -> None:
    user = insert("users", name="Ada")
    now = value("SELECT now() AT TIME ZONE 'UTC'")
    group = insert("community_groups", name="Bakers", group_type="community")
    assert the_given(group, telegram_group_id=None, verification_required=False, admin_user_id=None, created_at=now)
    score, zero = Decimal("75.00"), Decimal("0.00")
    assert insert("user_global_reputation", user_id=user["id"]) == {
        "user_id": user["id"], "overall_score": score, "trust_level": "developing", "total_food_shared": 0,
        "total_food_claimed": 0, "total_exchanges_completed": 0, "total_groups_participated": 0,
        "avg_food_rating": zero, "avg_recipient_rating": zero, "reliability_score": score, "reported_incidents": 0,
        "resolved_disputes": 0, "community_contributions": 0, "account_age_days": 0, "last_activity": now,
        "reputation_updated_at": now, "peak_reputation": score, "reputation_trend": "stable",
        "last_stream_event_id": None, "stream_lag_seconds": 0, "reputation_sync_status": "synced",
    }
    event = insert("reputation_events", event_type="food_shared", impact_score=2, previous_score=75, new_score=77)
    assert the_given(event, user_id=None, group_id=None, processed_at=None, created_at=now)
    assert isinstance(event["id"], uuid.UUID)
    assert the_given(insert("mode_transition_events", user_id=user["id"]), from_mode=None, created_at=now)
    checkpoint = insert("event_stream_checkpoints", consumer_group="c", stream_name="s", last_processed_id="0-0")
    assert the_given(checkpoint, processed_at=now, lag_seconds=0)


@owner_database
def test_the_documents_check_query_uses_an_index() -> None:
    run("INSERT INTO users (name) VALUES ('Ada')")
    run("INSERT INTO community_groups (name, group_type) SELECT 'Bakers', 'community' FROM generate_series(1, 50)")
    run("INSERT INTO food_posts (title, author_id, group_id, status, pickup_time) "
        "SELECT 'Bread', (SELECT id FROM users LIMIT 1), g.id, "
        "CASE WHEN n <= 10 THEN 'available' ELSE 'completed' END, now() + (10 - n) * interval '1 hour' "
        "FROM community_groups g, generate_series(1, 220) n")
    run("ANALYZE food_posts")
    plan = rows("EXPLAIN ANALYZE SELECT * FROM food_posts WHERE status = 'available' AND pickup_time > NOW() "
                "AND group_id = %s", value("SELECT min(id::text)::uuid FROM community_groups"))
    text = "\n".join(line for (line,) in plan)
    assert "Seq Scan" not in text
    assert "Index Scan using idx_food_posts_" in text or "Bitmap Index Scan on idx_food_posts_" in text


@pytest.mark.slow
def test_an_interrupted_concurrent_index_is_mended_by_the_next_migrate(empty_database: None) -> None:
    migrate("foodshare", "0006")
    run("INSERT INTO users (name) SELECT 'Ada' FROM generate_series(1, 100)")
    with psycopg.connect(**connect_parameters()) as blocker:
        blocker.execute("UPDATE users SET name = 'Bea'")  # the index waits for this transaction to end
        interrupted = Thread(target=migrate_and_be_killed)
        interrupted.start()
        building = ("SELECT pid FROM pg_stat_progress_create_index WHERE relid = 'users'::regclass "
                    "AND phase = 'waiting for writers before build'")
        while interrupted.is_alive() and not (waiting := rows(building)):
            pass
        run("SELECT pg_terminate_backend(%s)", waiting[0][0])
        interrupted.join()
        blocker.rollback()
    index = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'users_email_uniq'::regclass"
    assert value(index) is False
    migrate()
    assert value(index) is True
    assert failures() == []


def migrate_and_be_killed() -> None:
    """Migrate in a thread whose backend is ended meanwhile."""
    try:
        with pytest.raises(CommandError):
            migrate("foodshare", "0007")
    finally:
        connections["owner"].close()


@pytest.mark.slow
def test_extensions_need_no_superuser(empty_database: None, caplog: pytest.LogCaptureFixture) -> None:
    migrate("foodshare", "0008")
    installed = {name for (name,) in rows("SELECT extname FROM pg_extension")}
    assert installed == {"plpgsql", "pg_trgm", "btree_gin"}
    [record] = [record for record in caplog.records if record.name.endswith("0008_extensions")]
    assert "CREATE EXTENSION pg_stat_statements" in record.getMessage()


@pytest.mark.slow
def test_reversing_leaves_extensions_that_others_made(empty_database: None) -> None:
    run("CREATE EXTENSION pg_trgm")
    migrate("foodshare", "0008")
    run("CREATE TABLE theirs (name text)")
    run("CREATE INDEX ON theirs USING gin (name gin_trgm_ops)")
    migrate("foodshare", "0007")
    assert {name for (name,) in rows("SELECT extname FROM pg_extension")} == {"plpgsql", "pg_trgm"}


