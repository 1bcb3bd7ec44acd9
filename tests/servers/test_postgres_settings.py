"""The one table: the embedded servers obey it, and it finds what is unwise elsewhere."""

import psycopg
import pytest
from psycopg import sql

from ops.servers.machine import GB, MB, Machine
from ops.servers.postgres_settings import SETTINGS, SETTINGS_QUERY, findings, quantity, render
from tests.servers.tools import Cluster, until

BY_NAME = {setting.name: setting for setting in SETTINGS}


def judge(cluster: Cluster) -> dict[str, str]:
    """The findings of the running primary: name and advice."""
    with psycopg.connect(cluster.urls["DATABASE_OWNER_URL"]) as connection:
        rows = connection.execute(SETTINGS_QUERY, [[*BY_NAME]]).fetchall()
        version = connection.info.server_version
    assert len(rows) == len(SETTINGS)
    return {finding.setting.name: finding.advice for finding in findings(rows, version)}


def test_the_embedded_servers_have_every_value_of_the_table(cluster: Cluster) -> None:
    machine = Machine.this()
    for name in ("primary", "replica"):
        with psycopg.connect(cluster.state.url(name, "postgres")) as connection:
            for setting in SETTINGS:
                row = connection.execute(
                    "SELECT setting, unit FROM pg_settings WHERE name = %s", [setting.name]
                )
                value, unit = row.fetchone() or pytest.fail(f"{setting.name} is no setting")
                wanted = setting.value_for(machine)
                assert value == wanted or quantity(value, unit) == quantity(wanted, unit), setting.name


def test_the_embedded_server_passes_its_own_check(cluster: Cluster) -> None:
    assert judge(cluster) == {}


@pytest.mark.parametrize(
    ("name", "unwise"),
    [
        ("random_page_cost", "4"),
        ("work_mem", "64kB"),
        ("checkpoint_timeout", "30s"),
        ("max_slot_wal_keep_size", "-1"),
        ("log_min_duration_statement", "0"),
        ("log_statement", "all"),
        ("jit", "on"),
        ("synchronous_commit", "local"),
        ("autovacuum_vacuum_scale_factor", "0.2"),
    ],
)
def test_an_unwise_value_is_found_and_the_advice_mends_it(cluster: Cluster, name: str, unwise: str) -> None:
    with psycopg.connect(cluster.state.url("primary", "postgres"), autocommit=True) as connection:
        change = sql.SQL("ALTER SYSTEM SET {} = {}")
        connection.execute(change.format(sql.Identifier(name), sql.Literal(unwise)))
        connection.execute("SELECT pg_reload_conf()")
        assert until(lambda: judge(cluster) != {})
        found = judge(cluster)
        assert [*found] == [name]
        statement, _, follow = found[name].partition("; ")
        connection.execute(statement.encode())
        connection.execute(follow.removeprefix("then ").encode())
        assert until(lambda: judge(cluster) == {})
        connection.execute("ALTER SYSTEM RESET ALL")
        connection.execute("SELECT pg_reload_conf()")


@pytest.mark.parametrize(
    ("text", "unit", "meant"),
    [
        ("16384", "8kB", 128 * MB),
        ("128MB", None, 128 * MB),
        ("1GB", None, GB),
        ("300", "s", 300_000),
        ("5min", None, 300_000),
        ("-1", "ms", -1),
        ("1.1", None, 1.1),
        ("250", None, 250),
    ],
)
def test_quantities_of_pg_settings(text: str, unit: str | None, meant: float) -> None:
    assert quantity(text, unit) == meant


def test_a_library_is_added_to_those_already_preloaded() -> None:
    setting = BY_NAME["shared_preload_libraries"]
    assert setting.problem("auto_explain", None, 180_000)
    assert setting.problem("auto_explain, pg_stat_statements", None, 180_000) is None
    advice = setting.advice("auto_explain")
    assert advice == (
        "ALTER SYSTEM SET shared_preload_libraries = auto_explain, pg_stat_statements; then restart the server"
    )


def test_another_time_zone_is_found() -> None:
    problem = BY_NAME["TimeZone"].problem("Europe/Berlin", None, 180_000)
    assert problem == (
        "TimeZone is 'Europe/Berlin', expected UTC or Etc/UTC: now() would store another zone's wall clock"
    )


def test_memory_settings_fit_the_machine() -> None:
    small = render(Machine(memory=1 * GB, shared_memory=64 * MB), {})
    large = render(Machine(memory=256 * GB, shared_memory=64 * GB), {})
    assert "shared_buffers = '128MB'" in small
    assert "shared_buffers = '1024MB'" in large
    assert "dynamic_shared_memory_type = 'sysv'" in small
    assert "dynamic_shared_memory_type = 'posix'" in large
