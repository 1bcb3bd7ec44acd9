"""The one shape of every error the API answers with: {"type", "errors": [{"code", "detail", "attr"}]}."""

from django.core.exceptions import RequestDataTooBig
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, JsonResponse
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import exceptions

from foodshare.exceptions import FoodShareError


class Unavailable(exceptions.APIException):
    status_code = 503
    default_code = "unavailable"
    default_detail = "The database cannot be reached; try again shortly."
    wait = 2  # seconds, sent as Retry-After


def api_exception(error: FoodShareError) -> exceptions.APIException:
    """The DRF exception that carries the rule's own status, code and message."""
    if error.status_code == 400:
        return exceptions.ValidationError({error.attr or "non_field_errors": [error.message]}, code=error.code)
    converted = exceptions.APIException(error.message, code=error.code)
    converted.status_code = error.status_code
    return converted


class ErrorHandler(ExceptionHandler):
    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, FoodShareError):
            return api_exception(exc)
        if isinstance(exc, RequestDataTooBig):
            return api_exception(FoodShareError(str(exc)))
        if isinstance(exc, OperationalError | InterfaceError):
            return Unavailable()
        return super().convert_known_exceptions(exc)


def error_response(status: int, code: str, detail: str) -> JsonResponse:
    """The same shape, for what is answered outside DRF."""
    kind = "client_error" if status < 500 else "server_error"
    return JsonResponse({"type": kind, "errors": [{"code": code, "detail": detail, "attr": None}]}, status=status)


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    return error_response(404, "not_found", "There is nothing at this address.")


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    return error_response(400, "bad_request", "The request is malformed.")


def permission_denied(request: HttpRequest, exception: Exception) -> JsonResponse:
    return error_response(403, "permission_denied", "You may not do this.")


def server_error(request: HttpRequest) -> JsonResponse:
    return error_response(500, "error", "Something went wrong on our side.")
