"""`check --database` names what a server lacks and how to mend it, and finds nothing on the embedded ones."""

from collections.abc import Iterator

import pytest
from django.db import connections

from ops.servers.state import free_ports
from tests.web.tools import Cluster, manage, url

FAULTS = (
    "ALTER SYSTEM SET jit = on",
    "ALTER SYSTEM SET random_page_cost = 4",
    "SELECT pg_reload_conf()",
    "DROP EXTENSION pg_trgm",
    "GRANT CREATE ON SCHEMA public TO foodshare_app",
    "GRANT TEMPORARY ON DATABASE foodshare TO foodshare_app",
    "CREATE TABLE django_migrations ()",
    "GRANT INSERT ON django_migrations TO foodshare_app",
    "GRANT TRUNCATE ON group_activity_summary TO foodshare_app",
    "ALTER ROLE foodshare_app CREATEDB",
    "REVOKE pg_monitor FROM foodshare_owner",
)
HINTS = (
    "ALTER SYSTEM SET jit = 'off'; then SELECT pg_reload_conf();",
    "ALTER SYSTEM SET random_page_cost = '1.1'; then SELECT pg_reload_conf();",
    "as superuser, in this database: CREATE EXTENSION pg_trgm;",
    'REVOKE CREATE ON SCHEMA public FROM PUBLIC, "foodshare_app";',
    'REVOKE TEMPORARY ON DATABASE "foodshare" FROM PUBLIC, "foodshare_app";',
    'REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM PUBLIC, "foodshare_app";',
    'REVOKE TRUNCATE ON ALL TABLES IN SCHEMA public FROM PUBLIC, "foodshare_app";',
    'ALTER ROLE "foodshare_app" NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS;',
    'GRANT pg_monitor TO "foodshare_owner";',
)
MENDED = (
    "ALTER SYSTEM RESET ALL",
    "SELECT pg_reload_conf()",
    "CREATE EXTENSION pg_trgm",
    "REVOKE CREATE ON SCHEMA public FROM foodshare_app",
    "REVOKE TEMPORARY ON DATABASE foodshare FROM foodshare_app",
    "DROP TABLE django_migrations",
    "REVOKE TRUNCATE ON group_activity_summary FROM foodshare_app",
    "ALTER ROLE foodshare_app NOCREATEDB",
    "GRANT pg_monitor TO foodshare_owner",
)


@pytest.fixture
def faults(cluster: Cluster) -> Iterator[None]:
    cluster.as_superuser(*FAULTS)
    yield
    cluster.as_superuser(*MENDED)


def test_embedded_servers_give_no_warning(cluster: Cluster) -> None:
    result = manage("check", "--database", "default", "--database", "replica", "--fail-level", "WARNING",
                    **cluster.urls)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.slow
def test_each_fault_is_named_with_the_statement_that_mends_it(cluster: Cluster, faults: None) -> None:
    result = manage("check", "--database", "default", **cluster.urls)
    assert result.returncode == 0
    assert [hint for hint in HINTS if hint not in result.stderr] == []
    assert result.stderr.count("HINT:") == len(HINTS)


@pytest.mark.slow
def test_a_role_that_owns_the_tables_a_pool_too_large_and_no_standby_are_named(cluster: Cluster) -> None:
    owner = cluster.urls["DATABASE_OWNER_URL"]
    result = manage("check", "--database", "default", "--database", "replica",
                    **cluster.urls | {"DATABASE_URL": owner, "REPLICA_URL": owner, "POOL_OVERFLOW": "280"})
    assert result.returncode == 0
    assert "the runtime role foodshare_owner owns tables" in result.stderr
    assert "1 worker × (300 primary + 30 replica + 2 that watch) = 332 connections: more than 200" in result.stderr
    assert "REPLICA_URL names a server that is not a standby" in result.stderr


@pytest.mark.slow
def test_a_standby_of_another_database_is_an_error(cluster: Cluster) -> None:
    result = manage("check", "--database", "replica", **cluster.urls | {"REPLICA_URL": url("replica")})
    assert result.returncode == 1
    assert "replica: REPLICA_URL names a copy of another database than DATABASE_URL's" in result.stderr


@pytest.mark.slow
def test_a_superuser_as_runtime_role_is_named(cluster: Cluster) -> None:
    cluster.as_superuser("ALTER ROLE foodshare_app SUPERUSER")
    try:
        result = manage("check", "--database", "default", **cluster.urls)
    finally:
        cluster.as_superuser("ALTER ROLE foodshare_app NOSUPERUSER")
    assert "the runtime role foodshare_app is a superuser" in result.stderr
    assert result.stderr.count("HINT:") == 1


def test_a_server_that_does_not_answer_is_an_error_without_traceback(database: None) -> None:
    [port] = free_ports(1)
    config = connections["default"].settings_dict
    url = f"postgresql://{config['USER']}@127.0.0.1:{port}/foodshare"
    result = manage("check", "--database", "default", DATABASE_URL=url, DATABASE_OWNER_URL=url)
    assert result.returncode == 1
    assert "the server cannot be reached" in result.stderr
    assert "Traceback" not in result.stderr
