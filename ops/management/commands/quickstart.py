"""One command to a running platform."""

import signal
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops import quickstart, walk
from ops.children import ChildFailed
from ops.servers import ServersError


class Command(BaseCommand):
    help = (
        "Start the servers, bring the schema up to date, add a demo community and a superuser, and run the web "
        "server, the live process and the job worker until Ctrl-C. Running it again is harmless."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, help="port of the web server (default: the first free one from 8000)")
        parser.add_argument("--no-serve", action="store_true",
                            help="set up, walk the main job once over HTTP, print each step with its time, and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal sends SIGHUP; under nohup it is ignored
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, signal.default_int_handler)
        try:
            port = checked(options["port"])
            with quickstart.running_servers(self.report):
                quickstart.set_up(self.report)
                if options["no_serve"]:
                    with quickstart.running_platform(port):
                        walk.walk(f"http://127.0.0.1:{port}", self.report)
                else:
                    with suppress(KeyboardInterrupt):
                        quickstart.serve_until_interrupted(port, self.report)
                    self.report("Stopped.")
        except (ChildFailed, ServersError, walk.StepFailed) as error:
            raise CommandError(str(error)) from error

    def report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def checked(port: int | None) -> int:
    """The port asked for if it is free, or else any free one."""
    if port is None:
        return quickstart.free_port()
    if not 1 <= port <= 65535:
        raise CommandError(f"--port {port}: must be from 1 to 65535")
    return quickstart.free_port(port, port)
