"""What a process does that replays for another one; it imports no models, as it runs before Django is set up."""

import signal
from typing import Any

import django


def prepare(databases: dict[str, str]) -> None:
    """Set Django up on these databases (names by alias); Ctrl-C is for the parent, which ends its children."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
    from django.db import connections

    for alias, name in databases.items():
        settings: dict[str, Any] = connections[alias].settings_dict
        settings["NAME"] = name
