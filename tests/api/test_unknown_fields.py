"""A field that an endpoint does not know is refused by its name, and nothing is written."""

import pytest
from rest_framework.test import APIClient

from foodshare.models import User
from groups.models import CommunityGroup
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db


def test_at_registration() -> None:
    body = {"name": "Ada", "email": "ada@example.org", "password": "correct horse battery", "is_staff": True}
    answer = APIClient().post("/api/v1/auth/register", body, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "is_staff")
    assert not User.objects.exists()


@pytest.mark.parametrize(("method", "path"), [("patch", "me"), ("put", "me/mode"), ("post", "me/verification"),
                                              ("post", "groups")])
def test_of_ones_own_account_and_of_groups(method: str, path: str) -> None:
    client = client_for(make_user())
    answer = getattr(client, method)(f"/api/v1/{path}", {"verification_lvel": "full"}, format="json")
    assert answer.status_code == 400
    assert "verification_lvel" in {error["attr"] for error in answer.json()["errors"]}
    assert not CommunityGroup.objects.exists()
