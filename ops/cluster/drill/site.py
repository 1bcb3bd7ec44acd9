"""The platform itself beside the cluster: web server, worker and people, told of it by their environment alone."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.request import Request, urlopen

from ops import children
from ops.cluster.drill.clients import Person
from ops.cluster.drill.load import READERS, WRITERS, People
from ops.servers.state import free_ports

PROCESSES, THREADS = 2, 8  # of the web server
# Small pools, so that the web server's sums fit whatever the cluster's servers give.
POOLS = {"POOL_SIZE": "4", "POOL_OVERFLOW": "8", "REPLICA_POOL_SIZE": "2", "REPLICA_POOL_OVERFLOW": "6"}
PATIENCE = 60.0  # seconds for one request while people are made


class SiteFailed(RuntimeError):
    """The platform did not come up, so that nothing can be judged."""


@dataclass(frozen=True)
class Site:
    """`environment` is that of the platform's processes, `logs` where they write."""

    port: int
    environment: dict[str, str]
    logs: Path


@contextmanager
def site(urls: Mapping[str, str], logs: Path) -> Iterator[Site]:
    """Migrate, then serve and work while the block runs. Raises SiteFailed, ChildFailed."""
    [port] = free_ports(1)
    environment = {**urls, **POOLS, "SECURE_SSL_REDIRECT": "false", "LOG_LEVEL": "WARNING",
                   # Nothing of a cluster that is thrown away among what the operator keeps.
                   "BACKUP_URL": "", "PARTITION_ARCHIVE_DIR": str(logs / "archive")}
    found = Site(port, environment, logs)
    logs.mkdir(parents=True, exist_ok=True)
    manage(found, "migrate", "--verbosity", "0")
    with log(found, "serve") as served, log(found, "worker") as worked:
        serve = ("serve", "--port", str(port), "--workers", str(PROCESSES), "--threads", str(THREADS))
        running = [children.start(arguments, environment, file.fileno(), file.fileno())
                   for arguments, file in ((serve, served), (("worker",), worked))]
        try:
            children.wait_until_answering(f"http://127.0.0.1:{port}/readyz", running[0])
            yield found
        finally:
            children.stop(running)


def log(site: Site, name: str) -> IO[bytes]:
    return (site.logs / f"{name}.log").open("ab")


def manage(site: Site, *arguments: str) -> str:
    """What a command of the platform prints. Raises SiteFailed when it fails."""
    done = run(site, *arguments)
    if done.returncode:
        raise SiteFailed(f"manage.py {' '.join(arguments)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def run(site: Site, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, str(children.MANAGE), *arguments], env={**os.environ, **site.environment},
                          capture_output=True, text=True, check=False)


def make_people(site: Site) -> People:
    """Register everybody whom the load needs, all in one group, as anybody would."""
    persons = [register(site, number) for number in range(2 * WRITERS + READERS // 2)]
    group = post(site, "groups", persons[0].token, name=f"drill {secrets.token_hex(4)}", group_type="community")["id"]
    for person in persons[1:]:
        post(site, f"groups/{group}/join", person.token)
    givers, recipients = persons[:WRITERS], persons[WRITERS:2 * WRITERS]
    return People(group, list(zip(givers, recipients, strict=True)), persons[2 * WRITERS:])


def register(site: Site, number: int) -> Person:
    name = f"person {number}"
    answer = post(site, "auth/register", None, name=name, email=f"{secrets.token_hex(8)}@example.org",
                  password=secrets.token_urlsafe(24), sharing_mode="community")
    return Person(answer["user"]["id"], name, answer["token"])


def post(site: Site, path: str, token: str | None, **body: str) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Token {token}"} if token else {})
    request = Request(f"http://127.0.0.1:{site.port}/api/v1/{path}", json.dumps(body).encode(), headers)
    with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - our own http URL
        found: dict[str, Any] = json.loads(answer.read())
    return found
