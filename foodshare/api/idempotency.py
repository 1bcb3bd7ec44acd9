"""Writes that may be retried: the same Idempotency-Key gets the first answer again."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
from django.db import transaction
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foodshare.api.requests import person_of
from foodshare.exceptions import Invalid, KeyReused
from foodshare.models import IdempotencyKey

MAX_KEY_LENGTH = 255


class IdempotentWrites(APIView):
    """Mix-in of views whose writes honour the header Idempotency-Key.

    Key, work and answer share one transaction: a retry that arrives meanwhile waits for it and gets the
    answer, and a crash leaves neither work nor key. Refusals (4xx) are answers too; a 5xx is not.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        key = request.headers.get("Idempotency-Key")
        method = (request.method or "").lower()
        handler = getattr(self, method, None)  # None: the method is not allowed
        if key is not None and handler and request.method not in SAFE_METHODS and request.user.is_authenticated:
            setattr(self, method, partial(self.answer_once, key, handler))

    def answer_once(self, key: str, handler: Callable[..., Response], request: Request,
                    *args: Any, **kwargs: Any) -> Response:
        if not (0 < len(key) <= MAX_KEY_LENGTH and key.isprintable()):
            raise Invalid(f"Idempotency-Key must have 1 to {MAX_KEY_LENGTH} printable characters.")
        with transaction.atomic():
            stored, is_new = IdempotencyKey.objects.get_or_create(
                user=person_of(request), key=key, defaults={"request_hash": fingerprint(request)})
            if not is_new:
                return first_answer(stored, request)
            response = self.attempt(handler, request, *args, **kwargs)
            if response.status_code >= 500:
                transaction.set_rollback(True)
                return response
            stored.status_code = response.status_code
            stored.body = JSONRenderer().render(response.data).decode()  # as text: jsonb would reorder it
            stored.save(update_fields=["status_code", "body"])
        return response

    def attempt(self, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> Response:
        """The handler's answer; when it refuses, what it wrote is rolled back and the refusal is the answer."""
        try:
            with transaction.atomic():
                return handler(request, *args, **kwargs)
        except Exception as error:
            return self.handle_exception(error)


def first_answer(stored: IdempotencyKey, request: Request) -> Response:
    if stored.request_hash != fingerprint(request):
        raise KeyReused
    body = orjson.loads(stored.body or "null")
    return Response(body, status=stored.status_code, headers={"Idempotency-Replayed": "true"})


def fingerprint(request: Request) -> str:
    """SHA-256, in hex, of what makes two requests the same one."""
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + request._request.body).hexdigest()
