"""From nothing to a running platform: servers, schema, a demo community, a superuser, web and worker."""

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.core.management import call_command

from foodshare.models import User
from foodshare.streams.loop import Every
from groups.models import CommunityGroup
from ops import children, servers
from ops.seed import is_unfinished

Report = Callable[[str], None]
SUPERUSER_EMAIL = "admin@foodshare.example"
LOOK_EVERY = 2.0  # seconds between two looks at the embedded servers
LAST_PORT = 32767  # above it, an outgoing connection can take a port


@dataclass(frozen=True)
class Platform:
    processes: list[subprocess.Popen[bytes]]
    live_url: str  # where people's programs reach the live process


@contextmanager
def running_servers(report: Report) -> Iterator[None]:
    """The embedded servers while the block runs; those that ran before go on after it."""
    if not settings.EMBEDDED_SERVERS:
        yield
        return
    ran_before = any(server.running for server in servers.status(settings.FOODSHARE_DATA_DIR))
    servers.start(settings.FOODSHARE_DATA_DIR, report=report)
    try:
        yield
    finally:
        if not ran_before:
            report("Stopping the servers")
            servers.stop(settings.FOODSHARE_DATA_DIR)


def set_up(report: Report) -> None:
    """Bring the schema up to date; fill an empty platform with the demo community and a superuser."""
    report("Bringing the schema up to date")
    call_command("migrate", verbosity=0)
    is_empty = not CommunityGroup.objects.exists()
    if is_empty or is_unfinished("demo"):
        report("Adding the demo community")
        call_command("seed_data", scale="demo", append=not is_empty)
    if not User.objects.filter(is_superuser=True).exists():
        password = secrets.token_urlsafe(12)
        User.objects.create_superuser(SUPERUSER_EMAIL, password, name="Administrator")
        report(f"Superuser {SUPERUSER_EMAIL}, password {password} (shown only now; change it in the admin)")


@contextmanager
def running_platform(port: int) -> Iterator[Platform]:
    """Web server, live process and job worker while the block runs."""
    live_port = free_port(port % LAST_PORT + 1, LAST_PORT)
    live_url = os.environ.get("LIVE_URL") or f"http://127.0.0.1:{live_port}"
    platform = [children.spawn("serve", "--port", str(port), LIVE_URL=live_url),
                children.spawn("serve_live", "--port", str(live_port)), children.spawn("worker")]
    try:
        for child, child_port in zip(platform, (port, live_port), strict=False):
            children.wait_until_answering(f"http://127.0.0.1:{child_port}/healthz", child)
        yield Platform(platform, live_url)
    finally:
        children.stop(platform)


def serve_until_interrupted(port: int, report: Report) -> None:
    """Run the platform until Ctrl-C or SIGTERM; raises ChildFailed when a process of it ends."""
    with running_platform(port) as platform:
        for name, path in (("API docs", "api/v1/docs"), ("Admin", "admin/"), ("Health", "readyz")):
            report(f"{name:9} http://127.0.0.1:{port}/{path}")
        report(f"{'Live':9} {platform.live_url}/events")
        report("Press Ctrl-C to stop.")
        look = Every(LOOK_EVERY, time.monotonic)
        while all(child.poll() is None for child in platform.processes):
            if settings.EMBEDDED_SERVERS and look.due():
                keep_servers_running(report)
            time.sleep(0.5)
        raise children.ChildFailed("the web server, the live process or the worker ended; its message is above")


def keep_servers_running(report: Report) -> None:
    """Start the embedded servers again that ended; what fails is told, and tried again at the next look."""
    try:
        dead = [server.name for server in servers.status(settings.FOODSHARE_DATA_DIR) if not server.running]
        if dead:
            report(f"Starting again what ended: {', '.join(dead)}")
            servers.start(settings.FOODSHARE_DATA_DIR)
    except servers.ServersError as error:
        report(f"{error}")


def free_port(first: int = 8000, last: int = 8999) -> int:
    """A free port on loopback; below 32768, where no outgoing connection can take it."""
    for port in range(first, last + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    ports = f"port {first} is" if first == last else f"ports {first} to {last} are all"
    raise children.ChildFailed(f"{ports} in use, perhaps by another quickstart; choose another with --port")
