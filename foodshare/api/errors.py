"""The one shape of every error the API answers with: {"type", "errors": [{"code", "detail", "attr"}]}.

Below /admin/ people get HTML.
"""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db.utils import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views import defaults
from drf_standardized_errors.handler import ExceptionHandler
from psycopg.errors import CheckViolation, ReadOnlySqlTransaction
from rest_framework import exceptions

from foodshare.exceptions import FoodShareError


class Unavailable(exceptions.APIException):
    status_code = 503
    default_code = "unavailable"
    default_detail = "The database cannot be reached, or cannot take this now; try again shortly."
    wait = 2  # seconds, sent as Retry-After


class NoPartition(Unavailable):
    """A row found no partition to go to: the operator's matter (`manage.py maintain_partitions`)."""

    default_detail = "This cannot be stored until the platform's operators have made room for it; try again later."
    wait = 600


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = f"A request may have at most {settings.MAX_BODY_BYTES} bytes."


class Refusal(exceptions.APIException):
    """Carries a rule's own status, code, message and time to wait."""

    def __init__(self, error: FoodShareError) -> None:
        super().__init__(error.message, code=error.code)
        self.status_code, self.wait = error.status_code, error.wait
        self.auth_header = "Token" if error.status_code == 401 else None  # which HTTP wants said with a 401


def api_exception(error: FoodShareError) -> exceptions.APIException:
    """The DRF exception that answers with the rule's status, code and message."""
    if error.status_code == 400:
        detail = {error.attr: [error.message]} if error.attr else [error.message]
        return exceptions.ValidationError(detail, code=error.code)
    return Refusal(error)


class ErrorHandler(ExceptionHandler):
    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, FoodShareError):
            return api_exception(exc)
        if isinstance(exc, RequestDataTooBig):
            return TooLarge()
        if isinstance(exc, SuspiciousOperation | UnreadablePostError):
            return exceptions.ParseError()
        if isinstance(exc, DataError):
            return exceptions.ParseError("A value cannot be stored: it is out of range.")
        if says_unavailable(exc):
            return Unavailable()
        if lacks_partition(exc):
            return NoPartition()
        return super().convert_known_exceptions(exc)


def says_unavailable(error: Exception) -> bool:
    """Whether the database is away, or takes no write: so is a standby that is just becoming the primary."""
    return isinstance(error, OperationalError | InterfaceError) or isinstance(error.__cause__, ReadOnlySqlTransaction)


def lacks_partition(error: Exception) -> bool:
    """Whether PostgreSQL found no partition for a row: a CHECK that fails has a name."""
    cause = error.__cause__
    return isinstance(cause, CheckViolation) and cause.diag.constraint_name is None


def error_response(status: int, code: str, detail: str) -> JsonResponse:
    """The same shape, for what is answered outside DRF."""
    kind = "client_error" if status < 500 else "server_error"
    return JsonResponse({"type": kind, "errors": [{"code": code, "detail": detail, "attr": None}]}, status=status)


def unavailable() -> JsonResponse:
    """That the database cannot be reached, said outside DRF."""
    response = error_response(Unavailable.status_code, Unavailable.default_code, Unavailable.default_detail)
    response["Retry-After"] = str(Unavailable.wait)
    return response


def for_people(request: HttpRequest) -> bool:
    """Whether a person's browser asks, rather than a program."""
    return request.path.startswith("/admin/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if for_people(request):
        return defaults.page_not_found(request, exception)
    return error_response(404, "not_found", "There is nothing at this address.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if for_people(request):
        return defaults.bad_request(request, exception)
    return error_response(400, "bad_request", "The request is malformed.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if for_people(request):
        return defaults.permission_denied(request, exception)
    return error_response(403, "permission_denied", "You may not do this.")


def server_error(request: HttpRequest) -> HttpResponse:
    if for_people(request):
        return defaults.server_error(request)
    return error_response(500, "error", "Something went wrong on our side.")
