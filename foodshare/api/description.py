"""schema and docs: where the API describes itself, to programs and to people."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class JSONErrors(APIView):
    """Mix-in of views that answer in other forms than JSON: their errors are JSON all the same."""

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        if response.exception:
            response.accepted_renderer, response.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
        return final


class FormatParameter(DefaultContentNegotiation):
    """Takes ?format=json or yaml, which a person's browser cannot say in a header."""

    def select_renderer(self, request: Request, renderers: Iterable[BaseRenderer],
                        format_suffix: str | None = None) -> tuple[BaseRenderer, str]:
        wanted = format_suffix or request.query_params.get("format")
        chosen: tuple[BaseRenderer, str] = super().select_renderer(request, renderers, wanted)
        return chosen


class SchemaView(JSONErrors, SpectacularAPIView):
    """The API's description."""

    content_negotiation_class = FormatParameter


class DocsView(JSONErrors, SpectacularSwaggerView):
    """A page that shows the API's description."""
