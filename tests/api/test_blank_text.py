"""A text that shows nothing is blank, whatever characters it is made of."""

import pytest

from tests.factories import client_for, later, make_neighbor, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["\u200b", "\u2060 \ufeff", "\u202e\u200d", "\u00ad"])
@pytest.mark.parametrize(("method", "path", "field", "rest"), [
    ("post", "auth/register", "name", {"email": "ada@example.org", "password": "correct horse battery"}),
    ("patch", "me", "name", {}),
    ("post", "food-posts", "title", {"pickup_time": later(hours=3).isoformat()}),
    ("post", "groups", "name", {"group_type": "neighborhood"}),
])
def test_is_refused(method: str, path: str, field: str, rest: dict[str, str], text: str) -> None:
    answer = getattr(client_for(make_neighbor()), method)(f"/api/v1/{path}", {field: text, **rest}, format="json")
    assert answer.status_code == 400
    assert [(error["code"], error["attr"]) for error in answer.json()["errors"]] == [("blank", field)]


def test_a_joined_emoji_is_no_blank() -> None:
    answer = client_for(make_user()).patch("/api/v1/me", {"name": "👩\u200d🍳"}, format="json")
    assert answer.json()["name"] == "👩\u200d🍳"
