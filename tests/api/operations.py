"""Every operation of the API, read from its own description, and values that break careless code."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator

PREFIX = "api/v1/"
UNDESCRIBED = {"schema", "docs"}  # the description itself
PUBLIC = {"auth/register", "auth/login"}
SECRETS = {*PUBLIC, "live/ticket"}  # whose answers are never kept, not for a retry either

NASTY: list[Any] = [
    None, "", "\0", "a" * 100_000, 0, -1, 2**63, -(2**63), 1e300, True, [], {"a": {"b": []}}, ["\0"], [None],
    ["a"] * 1000, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "not-a-uuid",
    "00000000-0000-0000-0000-000000000000", "%' OR '1'='1", "\u202e🥖", "٣", "NaN",
]
NASTY_BODIES = [b"", b"{", b"[]", b"null", b"7", b'"x"', b"{}", b"[" * 100_000, b'{"a": "\\ud800"}', b"\xff\xfe",
                b'{"\\u0000": 1}', b'{"": {}}']


@dataclass
class Operation:
    """One method of one address; `fields` and `parameters` are JSON schemas by name."""

    method: str
    path: str
    fields: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def route(self) -> str:
        return self.path.removeprefix(f"/{PREFIX}")


def operations() -> list[Operation]:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    found = []
    for path, methods in schema["paths"].items():
        for method, described in methods.items():
            content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
            body = resolved(schema, content.get("schema", {}))
            parameters = {each["name"]: each["schema"] for each in described.get("parameters", [])
                          if each["in"] == "query"}
            fields = {name: resolved(schema, value) for name, value in body.get("properties", {}).items()
                      if not value.get("readOnly")}
            found.append(Operation(method, path, fields, parameters))
    return found


def resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """`part` with its references followed."""
    for reference in [part, *part.get("allOf", []), *part.get("oneOf", [])]:
        if "$ref" in reference:
            *_, name = reference["$ref"].split("/")
            return resolved(schema, schema["components"]["schemas"][name])
    return part


def routes(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every address of the URL configuration below the API's prefix, and its view."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, route)
        elif isinstance(entry, URLPattern) and route.startswith(PREFIX):
            yield route.removeprefix(PREFIX), entry.callback


def plain_value(schema: dict[str, Any]) -> Any:
    """A value that an ordinary client would send."""
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("type") == "array":
        return []
    if "pattern" in schema and "format" not in schema:
        return "12345"
    formats = {"email": "new@example.org", "date": "2030-01-01", "uri": "https://example.org/a.png",
               "date-time": (datetime.now(UTC) + timedelta(hours=3)).isoformat()}
    types = {"integer": schema.get("minimum", 1), "number": 1, "boolean": True, "object": {}}
    return formats.get(schema.get("format", "")) or types.get(schema.get("type", ""), "Plain text 12345")
