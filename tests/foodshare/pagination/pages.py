"""Turning the pages of a query, as a client of the API does, without an endpoint around it."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from foodshare.api.pagination import KeysetPagination

NEWEST_FIRST = SimpleNamespace()
BY_NAME = SimpleNamespace(keyset=("name", "id"), keyset_descending=False)


def page(queryset: QuerySet[Any], view: Any = NEWEST_FIRST, link: str | None = None, **query: Any) -> dict[str, Any]:
    """The page at `link`, or the first one; its results are ids."""
    parameters = dict(parse_qsl(urlsplit(link).query)) if link else query
    request = Request(APIRequestFactory().get("/list", parameters))
    paginator = KeysetPagination()
    rows = paginator.paginate_queryset(queryset, request, view)
    data: dict[str, Any] = paginator.get_paginated_response([row.pk for row in rows]).data
    return data


def there_and_back(queryset: QuerySet[Any], view: Any = NEWEST_FIRST, limit: int = 20) -> tuple[list[Any], list[Any]]:
    """All pages as the walk forwards gives them, and as the walk back from the last one does; both first to last."""
    forwards = [page(queryset, view, limit=limit)]
    while forwards[-1]["next"]:
        forwards.append(page(queryset, view, forwards[-1]["next"]))
    backwards = [forwards[-1]]
    while backwards[-1]["previous"]:
        backwards.append(page(queryset, view, backwards[-1]["previous"]))
    return [one["results"] for one in forwards], [one["results"] for one in reversed(backwards)]
