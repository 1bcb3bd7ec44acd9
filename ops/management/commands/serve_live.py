"""`manage.py serve_live`: tells new messages to who listens."""

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from ops import web
from ops.live import server


class Command(BaseCommand):
    help = (
        "Send new messages to who listens, as server-sent events, until Ctrl-C or SIGTERM. One process and at most two "
        "database connections hold thousands of listeners. POST /api/v1/live/ticket gives who may listen a ticket, "
        "and LIVE_URL as the address; several of these processes may run behind it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8001, help="port to listen on (default: %(default)s)")

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        if not 1 <= port <= 65535:
            raise CommandError(f"--port {port}: must be from 1 to 65535", returncode=2)
        try:
            web.check_address(host, port)
        except OSError as error:
            raise CommandError(f"cannot listen on {host}:{port}: {error}", returncode=2) from error
        web.allow_open_files()
        database = checked_database()
        asyncio.run(server.serve(host, port, redis_url=settings.REDIS_URL, database=database,
                                 started=lambda: self.report(f"Telling new messages at http://{host}:{port}/events")))
        self.report("Stopped.")

    def report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def checked_database() -> dict[str, Any]:
    """The primary's parameters, for psycopg. Raises DatabaseError when it or the tables are not there."""
    connection = connections["default"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM messages LIMIT 0")
    connection.close()
    return connection.get_connection_params()
