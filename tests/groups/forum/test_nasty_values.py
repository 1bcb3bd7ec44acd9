"""Whatever is sent to an address of the forum where there is something, the answer is no 5xx."""

from typing import Any

import pytest
from pytest_django import Settings

from groups.models import ForumThread
from tests.api.operations import NASTY, Operation, operations
from tests.api.test_every_address import send
from tests.factories import client_for

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # by each value in each field
OPERATIONS = [operation for operation in operations() if "/forum/" in operation.path]
LATE_KEY = "ffffffff-ffff-7fff-bfff-ffffffffffff"  # of a time after the calendar's end


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_nasty_values_are_survived(operation: Operation, thread: ForumThread, settings: Settings) -> None:
    settings.POSTING_RATES = settings.POSTING_RATES | {"posts": "1000/min"}
    client, post = client_for(thread.author), str(thread.posts.get().pk)
    path = operation.path.replace("{id}", post if "/forum/posts" in operation.path else str(thread.pk))
    plain: dict[str, Any] = {"category": "testrecipes", "title": "Bread", "content": "How?", "parent": post}
    body = {name: plain[name] for name in operation.fields}
    assert send(client, operation, path, body).status_code < 300
    for value in (*NASTY, LATE_KEY):
        for name in body:
            send(client, operation, path, body | {name: value})
        for name in operation.parameters:
            send(client, operation, f"{path}?{name}={str(value)[:2000]}")
    send(client, operation, operation.path.replace("{id}", LATE_KEY), body)
