"""Where it is measured: servers of its own, a relay, web processes, and people who know each other."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ops import children
from ops.benchmarks.replica.conditions import make_rows
from ops.benchmarks.replica.people import Person, Program, acquaint, register
from ops.benchmarks.replica.servers import Replicated, replicated
from ops.benchmarks.scratch import migrate
from ops.children import ChildFailed
from ops.servers.state import Report, free_ports

PROCESSES, THREADS = 2, 8  # of the web server
PATIENCE = 60.0  # seconds for all of them to answer
VARIABLES = {"READ_FROM_REPLICAS": "true", "REDIS_CLUSTER": "false", "SECURE_SSL_REDIRECT": "false",
             "ALLOWED_HOSTS": "127.0.0.1", "LOG_LEVEL": "CRITICAL", "DJANGO_SETTINGS_MODULE": "foodshare.settings",
             "POOL_SIZE": "2", "POOL_OVERFLOW": "14", "REPLICA_POOL_SIZE": "2", "REPLICA_POOL_OVERFLOW": "14"}


@dataclass(frozen=True)
class Place:
    servers: Replicated
    people: list[Person]


@contextmanager
def place(people: int, programs: int, report: Report) -> Iterator[Place]:
    """Raises ServersError, NotKept, ScratchFailed, ChildFailed, Refused."""
    with replicated(report) as servers:
        servers.variables.update(VARIABLES)
        report("Making the schema")
        migrate(servers.variables)
        make_rows(servers)
        relay = children.spawn("relay_invalidations", output=subprocess.DEVNULL, **servers.variables)
        try:
            report("Registering people")
            yield Place(servers, met(servers, people, programs))
        finally:
            children.stop([relay])


def met(servers: Replicated, people: int, programs: int) -> list[Person]:
    with served(servers, "primary", True) as port:
        found = [register(number, programs, port) for number in range(people)]
        acquaint(found)
        return found


@contextmanager
def served(servers: Replicated, routing: str, cache: bool) -> Iterator[int]:
    """The port of web processes with such a routing, with the cache or without it."""
    [port] = free_ports(1)
    child = children.spawn(
        "serve", "--port", str(port), "--workers", str(PROCESSES), "--threads", str(THREADS), output=subprocess.DEVNULL,
        **servers.variables | environment(routing, cache))
    try:
        children.wait_until_answering(f"http://127.0.0.1:{port}/healthz", child)
        wait_for_all(port)
        yield port
    finally:
        children.stop([child])


def wait_for_all(port: int) -> None:
    """Wait until every web process answers: who connects before keeps to those that do. Raises ChildFailed."""
    seen: set[str] = set()
    deadline = time.monotonic() + PATIENCE
    while len(seen) < PROCESSES:
        if time.monotonic() > deadline:
            raise ChildFailed(f"{len(seen)} of {PROCESSES} web processes answered within {PATIENCE:.0f} s")
        program = Program()
        program.meet(port)
        seen.add(program.ask("GET", "me").process)  # which nobody is told without a token
        program.leave()


def environment(routing: str, cache: bool) -> dict[str, str]:
    return {"DJANGO_SETTINGS_MODULE": "ops.benchmarks.replica.settings", "BENCHMARK_ROUTING": routing,
            "CACHE_VALUES": str(cache).lower(), "READ_FROM_REPLICAS": str(routing != "primary").lower()}


@contextmanager
def visited(people: Sequence[Person], port: int) -> Iterator[None]:
    """Everybody's programs ask there meanwhile."""
    programs = [program for person in people for program in person.programs]
    for program in programs:
        program.meet(port)
    try:
        yield
    finally:
        for program in programs:
            program.leave()
