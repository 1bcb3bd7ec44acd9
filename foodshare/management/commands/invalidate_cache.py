"""`manage.py invalidate_cache`: removes keys by pattern."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foodshare.cache.invalidation import count_pattern, invalidate_pattern
from foodshare.cache.server import Away

ANY = {"*", "?"}


class Command(BaseCommand):
    help = (
        "Remove all keys of the cache that match a pattern, such as 'user:profile:*', and have every process drop what "
        "it holds; nothing is lost but time. Keys are found by SCAN and removed by UNLINK, so that the server goes on "
        "answering. * stands for any text, ? for one character; \\ before one of them takes it as it is. Not needed "
        "after changes in the database, which the cache hears of. Exit code 0: done; 1: the server is away; 2: wrong "
        "use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pattern", help="of keys, without CACHE_PREFIX")
        parser.add_argument("--dry-run", action="store_true", help="tell how many there are; remove nothing")
        parser.add_argument("--all", action="store_true", help=(
            "let a pattern match everything, who is online and tickets for the live stream included"))

    def handle(self, *args: Any, pattern: str, dry_run: bool, **options: Any) -> None:
        if not pattern:
            raise CommandError("the pattern is empty", returncode=2)
        if {*pattern} <= ANY and not options["all"]:
            raise CommandError(f"{pattern} matches every key: add --all if that is meant", returncode=2)
        try:
            number = count_pattern(pattern) if dry_run else invalidate_pattern(pattern)
        except Away as error:
            raise CommandError(f"the cache's server is away: {error}") from error
        self.stdout.write(f"{number:,} keys {'match' if dry_run else 'removed'}")
