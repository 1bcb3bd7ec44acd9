"""Answers of the API, kept and loaded, as tests compare them."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.cache.conftest import Cache


def kept(cache: Cache, client: APIClient, path: str) -> Any:
    """The answer once it is kept, which takes no query of the database."""
    cache.deliver()
    client.get(path)
    cache.deliver()  # what was shown while the log went on
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    assert not queries.captured_queries
    return answer


def loaded(cache: Cache, client: APIClient, path: str) -> Any:
    """The answer as the database gives it."""
    cache.listener.forget()
    return client.get(path)
