"""Where the cache is measured: a database, a Valkey, a relay and processes of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from typing import TypeVar

import django
import psycopg
from django.conf import settings

from foodshare.processes import end_with_parent
from ops import children
from ops.benchmarks.scratch import NAME, ScratchFailed, in_database, scratch
from ops.benchmarks.valkeys import OwnValkey, own_valkey

T = TypeVar("T")
Report = Callable[[str, int, int], None]
PATIENCE = 60.0  # seconds for the standby to show the new database
PEOPLE = """
    INSERT INTO users (name, email, sharing_mode, verification_level)
    SELECT 'version 0', 'person' || n || '@example.org', 'community', 'light' FROM generate_series(1, %s) AS n
"""


class Crew:
    """Processes that measure, by number; each is asked for one thing at a time."""

    def __init__(self, processes: list[ProcessPoolExecutor]) -> None:
        self.processes = processes

    def start(self, number: int, work: Callable[..., T], *arguments: object) -> "Future[T]":
        return self.processes[number].submit(work, *arguments)

    def one(self, work: Callable[..., T], *arguments: object) -> T:
        return self.start(0, work, *arguments).result()

    def each(self, work: Callable[..., T], *arguments: object) -> list[T]:
        """Have all of them do it at once."""
        begun = [self.start(number, work, *arguments) for number in range(len(self.processes))]
        return [each.result() for each in begun]


@dataclass(frozen=True)
class Place:
    valkey: OwnValkey
    crew: Crew
    has_standby: bool


@contextmanager
def place(people: int, processes: int) -> Iterator[Place]:
    """Raises ScratchFailed, ServersError."""
    with scratch() as database, own_valkey() as valkey:
        standby = in_database(settings.REPLICA_URLS[0], NAME) if settings.REPLICA_URLS else ""
        variables = database.variables | {"REDIS_URL": valkey.url, "REDIS_CLUSTER": "false", "REPLICA_URL": standby,
                                          "READ_FROM_REPLICAS": "true", "LOG_LEVEL": "CRITICAL"}
        with database.connect() as connection:
            connection.execute(PEOPLE, [people])
            connection.execute("ANALYZE users")
        if standby:
            wait_for_standby(standby, people)
        relay = children.spawn("relay_invalidations", output=subprocess.DEVNULL, **variables)
        try:
            with crew(processes, variables) as found:
                yield Place(valkey, found, bool(standby))
        finally:
            children.stop([relay])


def wait_for_standby(url: str, people: int) -> None:
    """Wait until it shows the people."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with psycopg.connect(url) as connection:
                if connection.execute("SELECT count(*) FROM users").fetchone() == (people,):
                    return
        except psycopg.Error as error:
            reason = f"{error}".strip()
        else:
            reason = "its rows are not there"
        if time.monotonic() > deadline:
            raise ScratchFailed(f"The standby does not show the database made for measuring: {reason}")
        time.sleep(0.1)


@contextmanager
def crew(count: int, variables: Mapping[str, str]) -> Iterator[Crew]:
    """So many processes, which end with this block, at once if it fails or is interrupted."""
    with ExitStack() as stack:
        processes = [stack.enter_context(ProcessPoolExecutor(
            1, get_context("spawn"), prepare, (variables, os.getpid()))) for _ in range(count)]
        try:
            yield Crew(processes)
        except BaseException:
            for process in processes:
                process.shutdown(wait=False, cancel_futures=True)
            for child in active_children():
                child.terminate()
            raise


def prepare(variables: Mapping[str, str], parent: int) -> None:
    """Make this process one of the place's, that ends with its parent and leaves Ctrl-C to it."""
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(variables)
    django.setup()
