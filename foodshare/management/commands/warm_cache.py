"""`manage.py warm_cache`: loads what will be asked for soon."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError

from foodshare.cache import warming
from foodshare.cache.server import Away
from foodshare.cache.warming import FILLERS, Pace, Warmed
from foodshare.progress import Bars, progress


def number(text: str) -> int:
    """Parse a whole number from 1 on."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


class Command(BaseCommand):
    help = (
        "Load into the cache what will be asked for soon: of people seen lately, of the groups that share most, of the "
        "rooms written in last, and what all share. What is there and fresh is left alone, so it may be interrupted "
        "and run again. The worker does it when it starts, and after a refresh of group_activity_summary. Exit code "
        "0: done; 1: a server is away; 2: wrong use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", action="append", choices=[*FILLERS], metavar="NAME",
                            help=f"only this pattern (may be repeated): {', '.join(FILLERS)}")
        parser.add_argument("--rate", type=number, default=int(warming.RATE), metavar="N",
                            help="load at most N values a second (default: %(default)s)")
        parser.add_argument("--limit", type=number, metavar="N", help="load at most N values of each pattern")
        parser.add_argument("--json", action="store_true", help="print one JSON object for another program")

    def handle(self, *args: Any, **options: Any) -> None:
        fillers = [FILLERS[name] for name in options["only"] or FILLERS]
        try:
            with progress() as shown:
                done = warming.warm(fillers, Pace(options["rate"]), options["limit"], Bars(shown).show)
        except Away as error:
            raise CommandError(f"the cache's server is away: {error}") from error
        except (OperationalError, InterfaceError) as error:
            raise CommandError(f"the database is away: {error}".strip()) from error
        except KeyboardInterrupt:
            raise CommandError("interrupted; run it again to go on", returncode=130) from None
        self.report(done, options["json"])

    def report(self, done: list[Warmed], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"patterns": [asdict(each) for each in done]}, indent=2))
            return
        for each in done:
            self.stdout.write(f"{each.pattern}: {each.loaded:,} loaded, {each.fresh:,} fresh, "
                              f"{each.passed:,} passed over")
