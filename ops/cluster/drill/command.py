"""`manage.py cluster drill`: its options, and what it says."""

import signal
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import CommandError

from foodshare.progress import Bars, progress
from ops.children import ChildFailed
from ops.cluster.drill import report
from ops.cluster.drill.alone import Busy
from ops.cluster.drill.drill import Wanted, drill
from ops.cluster.drill.faults import FAULTS
from ops.cluster.drill.measured import Run
from ops.cluster.drill.network import NetworkRefused
from ops.cluster.drill.site import SiteFailed
from ops.servers import ServersError

SECONDS, MOST_SECONDS, MOST_RUNS = 5.0, 600.0, 100
HELP = (
    "Do faults to a cluster made for it, with the platform and load over HTTP beside it, and compare what was "
    "acknowledged with what is there. Exit code 0: nothing was lost or there twice, and every aim was reached; 1: not "
    "so; 2: it could not be judged."
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--fault", required=True, choices=[*FAULTS, "all"], help="which; all: one after the "
                        "other. The network's need root and iproute2, which is looked at before the first")
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="of each fault (%(default)s)")
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="S",
                        help="of load before the fault, and again after the recovery (%(default)s)")
    parser.add_argument("--markdown", type=Path, metavar="FILE",
                        help="write the report there. Finished runs are kept beside it, in FILE with the suffix .json, "
                             "and not done again, unless with other --seconds: an interrupted drill goes on. Remove "
                             "that file to begin anew")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(options: Mapping[str, Any], say: Callable[[str], object]) -> int:
    """Do what is wanted, `say` the report of what is finished, whatever ends it; the exit code. Raises CommandError."""
    check(options)
    faults = tuple(FAULTS) if options["fault"] == "all" else (options["fault"],)
    wanted = Wanted(faults, options["runs"], options["seconds"], Path(settings.FOODSHARE_DATA_DIR) / "drill")
    kept = kept_in(options["markdown"], options["seconds"])
    try:
        with terminable(), progress() as bars:
            drill(wanted, kept.runs, Bars(bars).show, lambda done: keep(done, kept, options["markdown"]))
    except (Busy, NetworkRefused, SiteFailed, ChildFailed, ServersError) as error:
        raise CommandError(f"{error}", returncode=2) from error
    finally:
        if runs := wanted.among(kept.runs):
            say((report.as_json if options["json"] else report.as_text)(runs, dict(wanted.left(runs))))
    return 0 if report.passed(runs) else 1


@contextmanager
def terminable() -> Iterator[None]:
    """Have SIGTERM end the block as Ctrl-C does, with all that it takes away, and the process with 143."""
    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def leave(number: int, frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def check(options: Mapping[str, Any]) -> None:
    """Raises CommandError for what cannot be meant."""
    if not 1 <= options["runs"] <= MOST_RUNS:
        raise CommandError(f"--runs {options['runs']}: must be from 1 to {MOST_RUNS}", returncode=2)
    if not 1 <= options["seconds"] <= MOST_SECONDS:
        raise CommandError(f"--seconds {options['seconds']:g}: must be from 1 to {MOST_SECONDS:g}", returncode=2)
    file = options["markdown"]
    if file and (file.suffix == ".json" or not file.absolute().parent.is_dir()):
        raise CommandError(f"--markdown {file}: must be a file, not named .json, in a directory that is there",
                           returncode=2)


def kept_in(markdown: Path | None, seconds: float) -> report.Kept:
    try:
        return report.Kept(markdown and markdown.with_suffix(".json"), seconds)
    except ValueError as error:
        raise CommandError(f"{error}", returncode=2) from error


def keep(done: Run, kept: report.Kept, markdown: Path | None) -> None:
    """Keep a run, and the report as it is so far."""
    kept.add(done)
    if markdown:
        markdown.write_text(report.as_markdown(kept.runs))
