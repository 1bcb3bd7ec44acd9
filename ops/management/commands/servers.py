"""`manage.py servers`: start, stop and show the embedded PostgreSQL and Valkey."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops import servers

URLS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REPLICA_URL", "REDIS_URL", "STREAM_URL")


class Command(BaseCommand):
    help = (
        "Start, stop and show the embedded servers: PostgreSQL (primary and streaming replica) and two "
        "Valkeys (cache and streams). They serve while DATABASE_URL is unset, and outlive the command."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        start = actions.add_parser("start", help="make all servers run, whatever happened to them; then show them")
        stop = actions.add_parser("stop", help="end all servers, in order")
        status = actions.add_parser("status", help="show each server; exit code 1 unless all of them run")
        urls = actions.add_parser("urls", help="print the URLs to connect with; starts nothing")
        for subparser in (start, stop, status, urls):
            _add_json_option(subparser)

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if not settings.EMBEDDED_SERVERS:
            raise CommandError(
                "DATABASE_URL is set, so FoodShare uses servers of your own: start and stop them with your "
                "own tools, or unset DATABASE_URL to use the embedded ones.",
                returncode=2,
            )
        data_dir = Path(settings.FOODSHARE_DATA_DIR)
        try:
            getattr(self, action)(data_dir, options.get("json", False))
        except servers.ServersError as error:
            raise CommandError(str(error)) from error

    def start(self, data_dir: Path, as_json: bool) -> None:
        self._show(servers.start(data_dir, report=self.stderr.write), as_json)

    def stop(self, data_dir: Path, as_json: bool) -> None:
        servers.stop(data_dir)
        if as_json:
            self._show(servers.status(data_dir), as_json)
        else:
            self.stdout.write("All embedded servers are stopped.")

    def status(self, data_dir: Path, as_json: bool) -> None:
        statuses = servers.status(data_dir)
        self._show(statuses, as_json)
        if not all(status.running for status in statuses):
            raise SystemExit(1)

    def urls(self, data_dir: Path, as_json: bool) -> None:
        environment = servers.environment(data_dir)
        urls = {name: environment[name] for name in URLS}
        lines = [f"{name}={url}" for name, url in urls.items()]
        self.stdout.write(json.dumps(urls, indent=2) if as_json else "\n".join(lines))

    def _show(self, statuses: list[servers.ServerStatus], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps([asdict(status) for status in statuses], indent=2))
            return
        for status in statuses:
            state = f"running, pid {status.pid}, {status.host}:{status.port}" if status.running else "down"
            self.stdout.write(f"{status.name:8} {state}  {status.version} {status.detail}".rstrip())
            if status.data_directory:
                self.stdout.write(f"         {status.data_directory}")


def _add_json_option(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for another program")
