"""`manage.py open_forum_category`: open a category of the forum for posts."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.utils import DataError, ProgrammingError

from foodshare.db.locks import LocksTaken
from foodshare.exceptions import FoodShareError
from groups.services.forum import add_category, open_category


class Command(BaseCommand):
    help = (
        "Open a category of the forum: make its partitions for this month and the next three, then let it take "
        "posts. With --name a category that is not there yet is added first. To run it again is harmless. Runs as "
        "the owner role, waiting only shortly for a lock. Exit code 1 when it cannot be opened."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="lower-case letters, digits and underscores; part of the partitions' names")
        parser.add_argument("--name", help="what a new category is called")
        parser.add_argument("--description", default="", help="what a new category is about")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["name"]:
                add_category(options["slug"], name=options["name"], description=options["description"])
            category = open_category(options["slug"])
        except ValidationError as error:
            raise CommandError("; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items()),
                               returncode=2) from error
        except FoodShareError as error:
            raise CommandError(error.message) from error
        except DataError as error:
            raise CommandError(f"{error}".splitlines()[0], returncode=2) from error
        except (LocksTaken, ProgrammingError) as error:
            raise CommandError(f"{error}".splitlines()[0]) from error
        self.stdout.write(f"{category.slug} is open since {category.opened_at:%Y-%m-%d %H:%M} UTC")
