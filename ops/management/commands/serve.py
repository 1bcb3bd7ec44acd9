"""`manage.py serve`: the web server."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops import web
from ops.monitoring import processes


class Command(BaseCommand):
    help = (
        "Serve the API, the admin and their static files until Ctrl-C or SIGTERM. Refuses to start when the "
        "database connections of all its processes could pass what the server gives, or 200."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
        parser.add_argument("--workers", type=int, help="processes (default: one a core, as far as their pools fit)")
        parser.add_argument("--threads", type=int,
                            help=f"threads of each process (default: {web.MOST_THREADS}, or its pool if smaller)")

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        if not 1 <= port <= 65535:
            raise CommandError(f"--port {port}: must be from 1 to 65535", returncode=2)
        sums = web.pool_sums()
        workers = chosen("--workers", options["workers"], web.default_workers(sums))
        threads = chosen("--threads", options["threads"], web.default_threads())
        if refusals := web.refusals(sums, workers, threads):
            raise CommandError("\n".join(refusals), returncode=2)
        try:
            web.check_address(host, port)
        except OSError as error:
            raise CommandError(f"cannot listen on {host}:{port}: {error}", returncode=2) from error
        try:
            processes.prepare()
        except OSError as error:
            raise CommandError(f"MONITORING_DIR: {error}", returncode=2) from error
        self.stdout.write(f"Serving http://{host}:{port}/ by {workers} × {threads} threads; Ctrl-C stops.")
        self.stdout.flush()
        web.become_server(web.command_line(host, port, workers, threads))


def chosen(option: str, value: int | None, default: int) -> int:
    if value is not None and value < 1:
        raise CommandError(f"{option} {value}: must be at least 1", returncode=2)
    return default if value is None else value
