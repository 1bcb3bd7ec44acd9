"""What a process does that replays for another one; it imports no models, as it runs before Django is set up."""

import django

from foodshare.processes import end_with_parent


def prepare(databases: dict[str, str]) -> None:
    """Set Django up on these databases (names by alias), which may be those of tests."""
    end_with_parent()
    django.setup()
    from django.db import connections

    for alias, name in databases.items():
        connections[alias].settings_dict["NAME"] = name
