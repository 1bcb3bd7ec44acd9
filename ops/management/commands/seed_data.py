"""`manage.py seed_data`: fill a database with believable people, groups, food and exchanges."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foodshare.progress import Bars, progress
from groups.summary import SummaryError
from ops.seed import SCALES, SeedError, seed


class Command(BaseCommand):
    help = (
        "Fill the database with believable people, groups in real cities, food, exchanges and ratings, friends, chats, "
        "news and a forum of the three years up to a date; the same rows for the same scale, seed and date. Runs as "
        "the owner role, and again after an interruption or by a newer release: it does what is missing. "
        "Person N has the e-mail address personN@<scale><seed>.example and cannot log in unless "
        "--password is given; person 1 is staff. Beyond demo the group summary gets its aggregated definition."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        sizes = "; ".join(f"{name}: {scale.users:,} people, {scale.posts:,} posts, {scale.messages:,} messages"
                          for name, scale in SCALES.items())
        parser.add_argument("--scale", choices=list(SCALES), required=True, help=sizes)
        parser.add_argument("--seed", type=int, default=1, help="which of the many possible sets (default: 1)")
        parser.add_argument("--at", metavar="DATE", type=str,
                            help="the data's present, a date or time in UTC such as 2026-05-01 (default: now)")
        parser.add_argument("--append", action="store_true", help="add to a database that has people of its own")
        parser.add_argument("--password", help="let everybody in the set log in with it; for demonstrations only")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["seed"] < 0:
            raise CommandError("--seed must not be negative", returncode=2)
        try:
            with progress() as bars:
                seeded = seed(options["scale"], options["seed"], moment(options["at"]), Bars(bars).show,
                              append=options["append"], password=options["password"])
        except (SeedError, SummaryError) as error:
            raise CommandError(str(error)) from error
        data, state = seeded.data, "made" if seeded.is_new else "here already"
        self.stdout.write(f"{data.scale} data with seed {data.seed}, as of {data.at} UTC: {state}.")
        if seeded.swapped is not None:
            self.stdout.write(f"The group summary now has its aggregated definition: {seeded.swapped}.")


def moment(text: str | None) -> datetime | None:
    """A date or time of the past as naive UTC. Raises CommandError."""
    if text is None:
        return None
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--at {text}: not a date such as 2026-05-01 or 2026-05-01T12:00", returncode=2) from None
    try:
        value = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError:
        raise CommandError(f"--at {text}: out of range", returncode=2) from None
    if not datetime(2000, 1, 1, tzinfo=UTC) <= value <= datetime.now(UTC):
        raise CommandError(f"--at {text}: must be after 1999 and not in the future", returncode=2)
    return value.replace(tzinfo=None)
