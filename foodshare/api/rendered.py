"""Answers whose JSON is ready, as the cache has it."""

from typing import Any

from django.http import HttpResponse
from rest_framework.exceptions import NotFound
from rest_framework.renderers import JSONRenderer

from foodshare.cache.keys import NOTHING


def render(data: Any) -> bytes:
    """What a serializer's data reads like in an answer."""
    text: bytes = JSONRenderer().render(data)
    return text


def rendered(text: bytes) -> HttpResponse:
    """The answer that has this JSON, for a view to return. Raises NotFound for a null: there is no such thing."""
    if text == NOTHING:
        raise NotFound
    return HttpResponse(text, content_type=JSONRenderer.media_type)
