"""A read to be measured: what the API answers, through its own views, without the network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.response import SimpleTemplateResponse
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from foodshare.cache import reader
from foodshare.models import User

requests = APIRequestFactory()
View = Callable[..., Response]


@dataclass(frozen=True)
class Read:
    """One of the critical reads. Each of `calls` does it once, for other parameters of the sample, the busiest first.

    `limit` is how many milliseconds it may take on average, by document A; None where that sets none. With
    `as_statements` it is what 95 of 100 times its statements alone may take, by document B.
    """

    name: str
    limit: float | None
    calls: Sequence[Callable[[], object]]
    as_statements: bool = False


def get(view: View, user: User, parameters: dict[str, Any] | None = None, **path: Any) -> None:
    """What the API does for a GET by `user`, who wrote nothing of late, from the view on: permissions, queries, JSON.

    Raises RuntimeError on any answer but 200.
    """
    request = requests.get("/", parameters, SERVER_NAME=host())
    force_authenticate(request, user=user)
    reader.nobody(may_choose=True)
    try:
        response = view(request, **path)
        if isinstance(response, SimpleTemplateResponse):  # else it is rendered already
            response.render()
    finally:
        reader.nobody()
    if response.status_code != 200:
        raise RuntimeError(f"{view.__name__}: {response.status_code} {response.content!r}")


def host() -> str:
    """A name under which this server answers."""
    name: str = next(iter(settings.ALLOWED_HOSTS), "localhost")
    return name.lstrip(".").replace("*", "localhost")
