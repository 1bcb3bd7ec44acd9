"""The summary's rows, which only the owner's refresh makes, have pages too."""

import pytest
from django.db import connections
from django.test import Client

from groups.models import GroupActivitySummary
from tests.admin.rows import url
from tests.factories import make_post


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_summary_has_a_list_and_pages(superuser_client: Client) -> None:
    group = make_post().group
    assert group is not None
    with connections["owner"].cursor() as cursor:
        cursor.execute("REFRESH MATERIALIZED VIEW group_activity_summary")
    assert group.name in superuser_client.get(url(GroupActivitySummary, "changelist")).content.decode()
    assert superuser_client.get(url(GroupActivitySummary, "change", group.pk)).status_code == 200
