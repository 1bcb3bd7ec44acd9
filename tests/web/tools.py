"""Real web servers, workers and PostgreSQL servers for these tests, each stopped by who started it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, LiteralString, TypeVar

import psycopg
import pytest
from django.db import connections

from ops import servers
from ops.servers.state import free_ports, load

# What the tests' view of the group summary reads, where the schema is not built.
SUMMARY = """
    CREATE TABLE group_activity_summary (group_id uuid PRIMARY KEY, group_name text, group_type text,
        active_members bigint, food_posts_30d bigint, avg_rating numeric, successful_exchanges_30d bigint,
        last_food_post timestamp)
"""
T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, str(ROOT / "manage.py")]


def url(alias: str) -> str:
    """The URL of the database that the tests use as `alias`."""
    config = connections[alias].settings_dict
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**config)


def environment(**changes: str) -> dict[str, str]:
    """The environment of a process that works on the test database."""
    urls = {"DATABASE_URL": url("default"), "DATABASE_OWNER_URL": url("owner"), "SECRET_KEY": "for tests only",
            "REPLICA_URL": url("replica") if "replica" in connections else "", "SECURE_SSL_REDIRECT": "false"}
    return {**os.environ, **urls, "DJANGO_SETTINGS_MODULE": "tests.web.site", **changes}


def manage(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run([*MANAGE, *arguments], env=environment(**changes), cwd=ROOT,
                          capture_output=True, text=True, timeout=60, check=False)


def heed_signals() -> None:
    """Have a child end as at a terminal, also where the tests run in the background, which ignores Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def running(*arguments: str, log: Path, **changes: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command that goes on while the block runs; its output goes to `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen([*MANAGE, *arguments], env=environment(**changes), cwd=ROOT,
                                   stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                                   preexec_fn=heed_signals)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def backends(application: str) -> set[int]:
    """The backends on the test database of the processes that call themselves `application`."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
                       "AND application_name = %s", [application])
        return {pid for (pid,) in cursor.fetchall()}


def terminate(pids: set[int]) -> None:
    """End backends of the runtime role, which may do so itself, and wait until they are gone."""
    with psycopg.connect(url("default"), application_name="tests", autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", [list(pids)])
        wait_for(lambda: not connection.execute("SELECT 1 FROM pg_stat_activity WHERE pid = ANY(%s)",
                                                [list(pids)]).fetchall())


def wait_for(condition: Callable[[], T], seconds: float = 30.0) -> T:
    """What `condition` gives once it is true; an AssertionError when it never is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {condition}")


class Site:
    """A running web server, as its clients see it."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.process = process

    def ask(self, path: str, method: str = "GET") -> tuple[int, Any, dict[str, str]]:
        """Status, decoded body and headers, over a connection of its own: so any process may answer."""
        client = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            client.request(method, path)
            response = client.getresponse()
            body = response.read()
            is_json = "json" in response.headers.get("Content-Type", "")
            return response.status, json.loads(body) if is_json else body, dict(response.headers)
        finally:
            client.close()

    def ask_often(self, path: str, times: int, at_once: int = 8, method: str = "GET") -> list[tuple[int, Any]]:
        with ThreadPoolExecutor(at_once) as clients:
            return [answer[:2] for answer in clients.map(lambda _: self.ask(path, method), range(times))]

    def answers(self) -> bool:
        assert self.process.poll() is None, "the web server ended"
        try:
            return self.ask("/statistics")[0] == 200
        except OSError:
            return False


class Cluster:
    """Servers of a test's own, which it may kill, pause and restart."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        servers.start(directory)
        self.urls = {name: address for name, address in servers.environment(directory).items() if "://" in address}
        with psycopg.connect(self.urls["DATABASE_OWNER_URL"]) as connection:
            connection.execute(SUMMARY)

    def as_superuser(self, *statements: LiteralString) -> None:
        state = load(self.directory)
        assert state is not None
        with psycopg.connect(state.url("primary", "postgres"), dbname="foodshare", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def pid(self, name: str) -> int:
        [pid] = [server.pid for server in servers.status(self.directory) if server.name == name and server.pid]
        return pid

    @contextmanager
    def paused(self, name: str) -> Iterator[None]:
        """The server and its backends accept and keep connections, but do not answer."""
        pids = [self.pid(name)]
        pids += [int(pid) for pid in Path(f"/proc/{pids[0]}/task/{pids[0]}/children").read_text().split()]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def kill(self, name: str) -> None:
        """End it as a power failure does, and wait until it is gone."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not any(server.pid == pid for server in servers.status(self.directory)))

    def restart(self) -> None:
        servers.start(self.directory)


@contextmanager
def served(log: Path, workers: int = 2, threads: int = 8, **changes: str) -> Iterator[Site]:
    """The web server with the tests' views, on the test database."""
    [port] = free_ports(1)
    arguments = ("serve", "--port", str(port), "--workers", str(workers), "--threads", str(threads))
    with running(*arguments, log=log, **changes) as process:
        site = Site(port, process)
        wait_for(site.answers)
        yield site


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Servers of the tests' own, which they may kill."""
    directory = tmp_path_factory.mktemp("cluster")
    try:
        yield Cluster(directory)
    finally:
        servers.stop(directory)
