"""What staff edit of groups."""

import pytest
from django.test import Client

from groups.models import CommunityGroup
from tests.admin.rows import url
from tests.factories import make_group

pytestmark = pytest.mark.django_db


def test_delays_that_favour_who_is_trusted_less_are_an_error_of_the_form(superuser_client: Client) -> None:
    group = make_group()
    delays = {"claim_minutes_trusted": 2, "claim_minutes_others": 5, "claim_minutes_concerning": 30}
    path = url(CommunityGroup, "change", group.pk)
    answer = superuser_client.post(path, {"name": group.name, **delays, "claim_minutes_others": 1})
    assert "Trusted people wait no longer" in str(answer.context["adminform"].form.non_field_errors())
    assert superuser_client.post(path, {"name": group.name, **delays}).status_code == 302
    assert CommunityGroup.objects.filter(pk=group.pk, **delays).exists()
