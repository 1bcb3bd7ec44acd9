"""`manage.py cache_status`: how the cache does."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from foodshare.cache import metrics
from foodshare.cache.metrics import Metrics, Reads, Server
from foodshare.cache.server import Away


class Command(BaseCommand):
    help = (
        "Tell how the cache does: of each pattern, and of all, the questions that were hits (in the process, in "
        "Valkey), misses, or went to the database as nothing kept might be used; how many hits were compared with the "
        "database, how many of these were stale, and how many differed as time had gone on; memory, evictions, "
        "clients, slow commands. Counted by all processes since the server began, or since "
        "`invalidate_cache cache:statistics`. Exit code 0: all is well; 1: hits were found stale, or the server is "
        "away; 2: wrong use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object for another program")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = metrics.read()
        except Away as error:
            if options["json"]:
                self.stdout.write(json.dumps({"ok": False, "error": str(error)}, indent=2))
            raise CommandError(f"the cache's server is away: {error}") from error
        if options["json"]:
            self.stdout.write(json.dumps(metrics.as_dict(found), default=str, indent=2))
        else:
            self.show(found)
        if found.is_stale:
            raise SystemExit(1)

    def show(self, found: Metrics) -> None:
        console = Console(file=self.stdout)  # type: ignore[arg-type]  # what Django wraps is a file
        console.print(table_of_reads(found))
        console.print(table_of_server(found.server))
        for slow in found.server.slow:
            console.print(f"slow: {slow.command}, {slow.microseconds / 1000:,.1f} ms, {slow.at:%Y-%m-%d %H:%M:%S} UTC")
        if found.is_stale:
            console.print(f"{found.reads.stale:,} of {found.reads.compared:,} hits were stale")


def table_of_reads(found: Metrics) -> Table:
    table = Table("pattern", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("hits", "process", "Valkey", "misses", "bypass", "compared", "stale", "drifted"):
        table.add_column(name, justify="right")
    for name, reads in [*found.patterns.items(), ("all", found.reads)]:
        table.add_row(name, *cells(reads), style="bold" if name == "all" else "")
    return table


def cells(reads: Reads) -> list[str]:
    numbers = (reads.local, reads.valkey, reads.missed, reads.bypassed, reads.compared, reads.stale,
               reads.drifted)
    return [reads.hit_percent, *(f"{number:,}" for number in numbers)]


def table_of_server(server: Server) -> Table:
    table = Table("server", "", box=SIMPLE_HEAD)
    limit = filesizeformat(server.memory_limit) if server.memory_limit else "no limit"
    pool = server.pool
    for name, value in (
        ("nodes", f"{server.nodes}"),
        ("memory", f"{filesizeformat(server.memory_used)} of {limit}"),
        ("when full", f"{server.policy}; {server.evicted_keys:,} keys evicted"),
        ("clients", f"{server.connected_clients:,} now, {server.total_connections_received:,} connections so far"),
        ("this process's pool", f"{pool.in_use} in use, {pool.idle} idle, at most {pool.limit}"),
        ("slow log", f"{server.slowlog_length:,} entries"),
    ):
        table.add_row(name, value)
    return table
