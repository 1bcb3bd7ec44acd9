"""Writes that fail after they wrote, as no view of the platform does on purpose."""

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from foodshare.api.idempotency import IdempotentWrites
from foodshare.api.requests import person_of
from foodshare.exceptions import Conflict
from foodshare.models import User
from foodshare.services.accounts import update_profile


class CrashView(IdempotentWrites):
    error: Exception = RuntimeError("planted")

    def post(self, request: Request) -> Response:
        update_profile(person_of(request), name="half-written")
        raise self.error


class ReadOnlyView(CrashView):
    """As if the server were a standby that has yet to become the primary."""

    def post(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        return super().post(request)


def read_only_page(request: HttpRequest) -> HttpResponse:
    """The same outside the API."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        User.objects.create(name="half-written")
    return HttpResponse()


urlpatterns = [
    path("standby", read_only_page),
    path("api/v1/crash", CrashView.as_view()),
    path("api/v1/refuse", CrashView.as_view(error=Conflict())),
    path("api/v1/standby", ReadOnlyView.as_view()),
    path("api/v1/lost", CrashView.as_view(error=OperationalError("the connection is lost"))),
]
