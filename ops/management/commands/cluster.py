"""`manage.py cluster`: a cluster that fails over by itself."""

import json
import shlex
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops.cluster import hosts, inventory
from ops.cluster.drill import command as drill
from ops.cluster.inventory import InventoryWrong
from ops.cluster.local import Cluster
from ops.cluster.programs import ProgramsMissing
from ops.servers import ServersError

NODES = (3, 5)


class Command(BaseCommand):
    help = (
        "A cluster that fails over by itself (etcd, Patroni, HAProxy, Valkey with Sentinel): started on this machine "
        "for trial, below FOODSHARE_CLUSTER_DIR. docs/cluster.md leads from there to several hosts."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        up = actions.add_parser("up", help="make all of it run, whatever happened to it; then print what to export")
        up.add_argument("--nodes", type=int, default=3, choices=NODES, help="of a new cluster (%(default)s)")
        switchover = actions.add_parser("switchover", help="make another node the primary")
        switchover.add_argument("--to", metavar="NODE", help="which (default: the synchronous standby)")
        down = actions.add_parser("down", help="end all of it")
        down.add_argument("--delete", action="store_true", help="remove its data as well")
        status = actions.add_parser("status", help="show each part; exit code 1 unless all is well")
        env = actions.add_parser("env", help="print the lines to export, so that the application uses it")
        render = actions.add_parser("render", help="write what each of several hosts needs into a folder of its own; "
                                    "makes their passwords if there are none")
        render.add_argument("--output", type=Path, metavar="DIR", help="where (default: beside the inventory)")
        protect = actions.add_parser("protect", help="on several hosts, once etcd runs: give it its passwords")
        prepare = actions.add_parser("prepare", help="on several hosts, once there is a primary: roles and database")
        for subparser in (render, protect, prepare):
            subparser.add_argument("--inventory", type=Path, required=True, metavar="FILE",
                                   help="TOML, as docs/cluster.md has it")
        for subparser in (up, switchover, down, status, env, render):
            _add_json_option(subparser)
        drill.add_arguments(actions.add_parser("drill", help="do faults to a cluster made for it, under load, and tell "
                                               "what was lost", description=drill.HELP))

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        cluster = Cluster(settings.FOODSHARE_CLUSTER_DIR, options.get("nodes") or 3)
        try:
            getattr(self, action)(cluster, options)
        except (ProgramsMissing, InventoryWrong) as error:
            raise CommandError(f"{error}", returncode=2) from error
        except ServersError as error:
            raise CommandError(f"{error}") from error

    def up(self, cluster: Cluster, options: dict[str, Any]) -> None:
        cluster.up(report=self.stderr.write)
        self.env(cluster, options)
        if not options["json"]:
            self.stdout.write('\n# Next: eval "$(manage.py cluster env)", then manage.py migrate and manage.py serve')

    def env(self, cluster: Cluster, options: dict[str, Any]) -> None:
        variables = cluster.environment()
        lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
        self.stdout.write(json.dumps(variables, indent=2) if options["json"] else "\n".join(lines))

    def status(self, cluster: Cluster, options: dict[str, Any]) -> None:
        parts = cluster.status()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(part) for part in parts], indent=2))
        for part in () if options["json"] else parts:
            pid = f"pid {part.pid}" if part.pid else "down"
            said = part.detail or ("no answer" if part.pid else "")
            self.stdout.write(f"{part.node:6} {part.part:9} {part.address:21} {pid:11} {said}".rstrip())
        if not cluster.is_whole():
            raise SystemExit(1)

    def switchover(self, cluster: Cluster, options: dict[str, Any]) -> None:
        primary = cluster.switch_over(options["to"])
        said = json.dumps({"primary": primary}) if options["json"] else f"{primary} is the primary now."
        self.stdout.write(said)

    def drill(self, cluster: Cluster, options: dict[str, Any]) -> None:
        if code := drill.run(options, self.stdout.write):
            raise SystemExit(code)

    def down(self, cluster: Cluster, options: dict[str, Any]) -> None:
        cluster.down(options["delete"])
        said = "The cluster is stopped" + (" and removed." if options["delete"] else ".")
        self.stdout.write(json.dumps({"running": False}) if options["json"] else said)

    def render(self, cluster: Cluster, options: dict[str, Any]) -> None:
        path: Path = options["inventory"]
        known = inventory.read(path, make_passwords=True)
        output = options["output"] or path.absolute().parent / "hosts"
        try:
            written = hosts.write_folders(known, output)
        except OSError as error:
            raise CommandError(f"--output {output}: {error.filename or output} cannot be written: {error.strerror}",
                               returncode=2) from error
        said = [str(file) for file in written]
        self.stdout.write(json.dumps(said, indent=2) if options["json"] else "\n".join(said))

    def protect(self, cluster: Cluster, options: dict[str, Any]) -> None:
        hosts.protect_etcd(inventory.read(options["inventory"]))
        self.stdout.write("etcd asks for passwords now. Next: start foodshare-patroni on every host of a database.")

    def prepare(self, cluster: Cluster, options: dict[str, Any]) -> None:
        primary = hosts.prepare_database(inventory.read(options["inventory"]))
        self.stdout.write(f"Roles and database are made on {primary}. Next, with a host's foodshare.env: "
                          "manage.py migrate")


def _add_json_option(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for another program")
