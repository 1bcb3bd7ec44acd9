"""A status update is taken away from the list, for good, and who did it is on record."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from groups.models import StatusUpdate
from tests.admin.acting import decide, told
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_removal_of_several(superuser_client: Client) -> None:
    author = make_user()
    first, second, third = (StatusUpdate.objects.create(author=author, content=text) for text in ("1", "2", "3"))
    assert told(decide(superuser_client, "remove", first, third)) == ["2 removed."]
    assert list(StatusUpdate.objects.all()) == [second]
    assert set(LogEntry.objects.values_list("object_repr", flat=True)) == {"1", "3"}
