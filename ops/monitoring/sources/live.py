"""The live processes, which push what happens to people's programs."""

from collections.abc import Iterator

from django.conf import settings

from foodshare.cache.server import Away, ask
from ops.monitoring.figures import Figure


def figures() -> Iterator[Figure]:
    try:
        yield "foodshare_live_up", {}, bool(ask(lambda server: server.exists(settings.LIVE_SIGN)))
    except Away:
        yield "foodshare_live_up", {}, False
        raise
