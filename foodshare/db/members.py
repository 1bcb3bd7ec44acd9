"""Which servers there are, where Patroni knows (PATRONI_URL): new ones are read from as they come, gone ones no more.

Each of Patroni's own processes answers for the whole cluster, as long as one of those that are named does. The servers'
user, password, database and options are those of REPLICA_URL's first, or of DATABASE_URL's; so is the authority of the
certificates by which Patroni is known over https: the one of `sslrootcert`, or the system's where none is named.
"""

import copy
import json
import logging
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from django.conf import settings
from django.db import connections

ASK_EVERY = 1.0  # seconds
PATIENCE = 1.0  # seconds for an answer
Address = tuple[str, int]
logger = logging.getLogger(__name__)
_silent: set[str] = set()  # those that did not answer when they were last asked


def ask() -> set[Address] | None:
    """Where the cluster's servers listen; None where nobody answers."""
    for url in settings.PATRONI_URLS:
        try:
            found = told(url)
        except (OSError, ValueError, KeyError, TypeError) as error:
            level = logging.INFO if url in _silent else logging.WARNING
            logger.log(level, "%s does not tell the cluster's members: %s", url, error)
            _silent.add(url)
        else:
            _silent.discard(url)
            return found
    return None


def told(url: str) -> set[Address]:
    """What one of them says. Raises OSError, and ValueError, KeyError or TypeError for an answer that is none."""
    return {(member["host"], int(member["port"])) for member in members(url) if "host" in member}


def members(url: str) -> list[dict[str, Any]]:
    """The members as one of Patroni's processes tells them. Raises the same."""
    security = trusted() if url.startswith("https:") else None
    with urlopen(f"{url}/cluster", timeout=PATIENCE, context=security) as answer:  # noqa: S310 - settings admit http and https
        found: list[dict[str, Any]] = json.load(answer)["members"]
        return found


def trusted() -> ssl.SSLContext:
    """Whose certificates are believed. Read anew each time, as libpq does. Raises OSError."""
    authority = connections.settings[like()]["OPTIONS"].get("sslrootcert", "system")
    return ssl.create_default_context(cadata=None if authority == "system" else Path(authority).read_text())


def like() -> str:
    """The alias whose settings the servers share that nobody named."""
    return settings.REPLICA_ALIASES[0] if settings.REPLICA_URLS else "default"


def follow(found: Iterable[Address]) -> None:
    """Have these read from, and no others but those that REPLICA_URL names."""
    named = settings.REPLICA_ALIASES[:len(settings.REPLICA_URLS)]
    at = {address_of(alias): alias for alias in settings.REPLICA_ALIASES}
    others = [address for address in sorted(found) if at.get(address) not in named]
    aliases = [*named, *(at.get(address) or added(address) for address in others)]
    for alias in set(settings.REPLICA_ALIASES) - set(aliases):
        gone: Any = connections[alias]
        gone.close_pool()
    settings.REPLICA_ALIASES = aliases


def address_of(alias: str) -> Address:
    config = connections.settings[alias]
    return config["HOST"], int(config["PORT"] or 5432)


def added(address: Address) -> str:
    """The alias of a new server. The settings are replaced, as other threads go through them meanwhile."""
    alias = "replica {}:{}".format(*address)
    config = copy.deepcopy(connections.settings[like()]) | {"HOST": address[0], "PORT": address[1]}
    connections.settings = {**connections.settings, alias: config}
    return alias
