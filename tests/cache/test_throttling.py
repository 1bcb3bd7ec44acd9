"""How often somebody posts is counted in the cache as requests ask it: nobody waits while that does not answer."""

import pytest
from django.core.cache import caches
from pytest_django import Settings

from foodshare.cache import server
from foodshare.settings import caches_at
from tests.factories import client_for, make_user
from tests.valkeys import OwnValkey

pytestmark = pytest.mark.django_db
URL = "/api/v1/status-updates"


@pytest.fixture(autouse=True)
def counted(valkey: OwnValkey, settings: Settings) -> None:
    settings.REDIS_URL, settings.CACHES = valkey.url, caches_at(valkey.url, is_cluster=False)
    settings.POSTING_RATES = settings.POSTING_RATES | {"posts": "2/min"}
    server._servers.answered(valkey.url)


def statuses() -> list[int]:
    """What three posts of one person are answered."""
    api = client_for(make_user())
    return [api.post(URL, {"content": f"Bread {n}"}, format="json").status_code for n in range(3)]


def test_posts_are_counted() -> None:
    assert statuses() == [201, 201, 429]


def test_nobody_is_held_back_while_the_server_does_not_answer(valkey: OwnValkey) -> None:
    with valkey.paused():
        assert statuses() == [201, 201, 201]
    server._servers.answered(valkey.url)
    assert statuses() == [201, 201, 429]


def test_nobody_is_held_back_while_the_server_is_full(valkey: OwnValkey) -> None:
    with valkey.full():
        assert statuses() == [201, 201, 201]


def test_a_server_that_was_found_down_is_not_asked(valkey: OwnValkey) -> None:
    server._servers.failed(valkey.url)
    assert statuses() == [201, 201, 201]


def test_requests_do_not_share_the_pool_of_those_who_wait_longer(valkey: OwnValkey) -> None:
    """Whichever is used first."""
    timeouts = {name: caches[name].client.get_client().connection_pool.connection_kwargs["socket_timeout"]  # type: ignore[attr-defined]
                for name in ("default", "requests")}
    assert timeouts == {"default": 5, "requests": 0.25}
