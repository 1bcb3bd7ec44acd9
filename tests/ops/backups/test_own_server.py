"""A PostgreSQL 15 of one's own: full backups, the same archive, its own programs."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from pytest_django import Settings

from ops.backups.errors import NotPossible
from ops.backups.restore import restore
from ops.backups.store import Store
from ops.backups.take import take
from ops.servers.state import free_ports
from tests.ops.backups.tools import Place, shell

BIN = Path("/usr/lib/postgresql/15/bin")


class OwnPlace(Place):
    """A server that listens on a port, with its configuration where Debian has it: outside of the data."""

    port = 0

    @property
    def urls(self) -> dict[str, str]:
        url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        return {"BACKUP_URL": url, "DATABASE_OWNER_URL": url}


@pytest.fixture
def own(workroom: Path, tmp_path: Path, settings: Settings) -> Iterator[OwnPlace]:
    if not (BIN / "initdb").exists():
        pytest.skip("needs Debian's package postgresql-15")
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    data = workroom / "pg15"
    data.mkdir()
    if os.geteuid() == 0:
        shutil.chown(data, user)
    settings.EMBEDDED_SERVERS = False
    place = OwnPlace(data, Store(tmp_path / "backups"))
    [place.port] = free_ports(1)

    def tool(name: str, *arguments: str) -> None:
        as_user = ["runuser", "-u", user, "--"] if os.geteuid() == 0 else []
        command = [*as_user, str(BIN / name), "-D", str(data), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd="/")

    tool("initdb", "-U", "postgres", "-A", "trust", "--no-sync")
    tool("pg_ctl", "-l", str(data / "log"), "-w", "-o",
         f"-p {place.port} -k '' -c listen_addresses=127.0.0.1", "start")
    try:
        for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf"):
            (data / name).rename(tmp_path / name)
        yield place
    finally:
        tool("pg_ctl", "-m", "fast", "stop")


@pytest.mark.slow
def test_it_is_backed_up_and_restored_to_a_moment(own: OwnPlace, workroom: Path) -> None:
    own.run("CREATE TABLE loaves (id bigint)")
    with own.archiving() as receiver:
        full, why = take(own.source, own.store)
        assert why == "full, as PostgreSQL 15 gives no incremental ones"
        assert take(own.source, own.store)[0].kind == "full"
        with pytest.raises(NotPossible, match="PostgreSQL 15 gives full backups only"):
            take(own.source, own.store, "incremental")
        own.run("INSERT INTO loaves VALUES (1)")
        before = own.now()
        own.run("DROP TABLE loaves")
        own.archived(receiver)
    assert full.major == 15
    restored = restore(own.store, workroom / "data", before)
    assert str(BIN) in restored.start
    [port] = free_ports(1)
    as_user = restored.start.partition(f"{BIN}")[0]
    shell(restored.start.replace("25432", f"{port} -k /tmp"))
    try:
        assert shell(f"{as_user} {BIN}/psql -h /tmp -p {port} -U postgres -Atc 'SELECT id FROM loaves'") == "1"
    finally:
        shell(restored.start.split(" -l ")[0] + " -m fast -w stop")


@pytest.mark.slow
def test_a_server_with_tablespaces_is_refused(own: OwnPlace, workroom: Path) -> None:
    space = workroom / "space"
    space.mkdir()
    if os.geteuid() == 0:
        shutil.chown(space, "postgres")
    with psycopg.connect(own.urls["BACKUP_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE TABLESPACE more LOCATION {}").format(sql.Literal(str(space))))
    with pytest.raises(NotPossible, match="tablespaces of its own"):
        take(own.source, own.store)
