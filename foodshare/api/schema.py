"""What the OpenAPI schema says beyond what it reads from views and serializers."""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS

from foodshare.api.idempotency import MAX_KEY_LENGTH, IdempotentWrites

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER,
    description=f"Up to {MAX_KEY_LENGTH} characters of your own. Within 24 hours a repeated request with the same key "
                "gets the first answer and does nothing; the same key with another request is a 422.")
TEXT = {"type": "string"}
ERROR = {
    "type": "object",
    "required": ["type", "errors"],
    "properties": {
        "type": {"type": "string", "enum": ["validation_error", "client_error", "server_error"]},
        "errors": {"type": "array", "items": {
            "type": "object",
            "required": ["code", "detail", "attr"],
            "properties": {"code": TEXT, "detail": TEXT, "attr": TEXT | {
                "nullable": True, "description": "The field or parameter at fault, when one is."}},
        }},
    },
}
UNCHANGED = {"description": "What you have is still so: If-None-Match names its ETag."}


class AutoSchema(SpectacularSchema):
    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        if isinstance(self.view, IdempotentWrites) and self.method not in SAFE_METHODS:
            parameters.append(IDEMPOTENCY_KEY)
        return parameters


def add_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say of every operation that its refusals have the one shape, and of reads that they may be conditional."""
    result["components"]["schemas"]["Error"] = ERROR
    refusal = {"description": "A refusal, which says what is wrong.",
               "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    for path in result["paths"].values():
        for method, operation in path.items():
            operation["responses"] |= ({"304": UNCHANGED} if method == "get" else {}) | {"4XX": refusal}
    return result
