"""Searching what people said: by the whole id of a row or of what it belongs to, or by the author's address."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from groups.models import ForumPost, StatusUpdate
from tests.admin.rows import make_rows, url

pytestmark = pytest.mark.django_db
KINDS = [(StatusUpdate, "author", "group"), (ForumPost, "author", "thread")]


def found(client: Client, model: Any, term: object) -> list[Any]:
    answer = client.get(url(model, "changelist"), {"q": str(term)})
    return list(answer.context["cl"].result_list)


@pytest.mark.parametrize(("model", "author", "place"), KINDS)
def test_finds_by_each_whole_id_and_by_the_authors_address(superuser_client: Client, model: Any, author: str,
                                                           place: str) -> None:
    make_rows(2)
    row = model.objects.filter(**{f"{place}__isnull": False}).first()
    person = getattr(row, author)
    theirs = set(model.objects.filter(**{author: person}))
    assert found(superuser_client, model, row.pk) == [row]
    assert set(found(superuser_client, model, person.pk)) == theirs
    assert set(found(superuser_client, model, person.email.upper())) == theirs
    assert found(superuser_client, model, getattr(row, f"{place}_id")) == [row]
    assert row in theirs


@pytest.mark.parametrize(("model", "author", "place"), KINDS)
@pytest.mark.parametrize("term", [uuid4(), "bread", "nobody@example.org"])
def test_finds_nothing_by_another_term(superuser_client: Client, model: Any, author: str, place: str,
                                       term: object) -> None:
    make_rows(1)
    assert found(superuser_client, model, term) == []
