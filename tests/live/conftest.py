"""Every test here works on the committed test database, with a Valkey and a live process of its own."""

from collections.abc import Iterator

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker, Settings

from groups.models import CommunityGroup, Room
from tests.factories import make_group
from tests.live.tools import Live, living
from tests.valkeys import OwnValkey
from tests.web.tools import cluster

__all__ = ["cluster"]

WRITTEN = ["messages", "conversation_participants", "conversations", "rooms", "group_memberships", "community_groups",
           "outbox_events", "idempotency_keys", "mode_transition_events", "knox_authtoken", "user_global_reputation",
           "users", "buildings", "neighborhoods"]


@pytest.fixture(scope="session")
def own_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnValkey]:
    valkey = OwnValkey(tmp_path_factory.mktemp("valkey"))
    yield valkey
    valkey.stop()


@pytest.fixture(autouse=True)
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker, settings: Settings,
             own_valkey: OwnValkey) -> Iterator[None]:
    """The test database without a transaction around the test, and its own Valkey; the test leaves no row."""
    settings.REDIS_URL = own_valkey.url
    with django_db_blocker.unblock():
        yield
        with connections["owner"].cursor() as cursor:
            for table in WRITTEN:
                cursor.execute(f"DELETE FROM {table}")
        connections.close_all()


@pytest.fixture(scope="session")
def process(django_db_setup: None, django_db_blocker: DjangoDbBlocker, own_valkey: OwnValkey,
            tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A live process for all tests that leave it alone."""
    with django_db_blocker.unblock(), living(tmp_path_factory.mktemp("live") / "log", own_valkey.url) as found:
        yield found


@pytest.fixture
def group(database: None) -> CommunityGroup:
    return make_group()


@pytest.fixture
def room(group: CommunityGroup) -> Room:
    return Room.objects.create(group=group, name="Kitchen")
