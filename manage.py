#!/usr/bin/env python
"""Run a FoodShare command; start the embedded servers first when no DATABASE_URL is set."""

import os
import sys

# What runs without a database. Everything else finds one running, its own or the embedded one.
WITHOUT_DATABASE = {"help", "version", "--help", "-h", "--version", "servers", "cluster", "quickstart",
                    "makemigrations", "spectacular", "collectstatic", "diffsettings", "restore_database",
                    "verify_backup"}


def needs_database(argv: list[str]) -> bool:
    """Tell whether the command line `argv` will talk to the database."""
    command = argv[1] if len(argv) > 1 else "help"
    if command == "check":
        return any(word.startswith("--database") for word in argv)
    if command == "benchmark" and "replica" in argv:  # it has servers of its own
        return False
    return command not in WITHOUT_DATABASE and not {"-h", "--help"} & set(argv)


def start_servers() -> None:
    """Make the embedded servers run, if they are in use. What is wrong with them or the settings ends the process."""
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        if settings.EMBEDDED_SERVERS and needs_database(sys.argv):
            from ops import servers

            servers.start(settings.FOODSHARE_DATA_DIR, report=lambda line: print(line, file=sys.stderr))
    except (ImproperlyConfigured, RuntimeError) as error:
        sys.exit(f"error: {error}")


def run_command() -> None:
    """Run the command; what the database refuses ends it in words, unless a traceback was asked for."""
    from django.core.management import execute_from_command_line
    from django.db.utils import DatabaseError

    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as error:
        from foodshare.db.errors import explain

        explanation = explain(error)
        if explanation is None or "--traceback" in sys.argv:
            raise
        sys.exit(f"error: {explanation}")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foodshare.settings")
    try:
        start_servers()
        run_command()
    except KeyboardInterrupt:
        print("interrupted; run it again to go on", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
