"""Keyset pages: a page begins after a row, not after a number of rows.

Its cost does not grow with depth, and rows inserted or deleted during a walk neither repeat nor hide
others. A walk back gives the same pages.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from django.core.exceptions import ValidationError as FieldError
from django.core.signing import BadSignature, Signer
from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThan,
    TupleGreaterThanOrEqual,
    TupleLessThan,
    TupleLessThanOrEqual,
)
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

COUNT_CAP = 1000
# By (smaller, with_row).
COMPARISONS = {
    (True, False): TupleLessThan, (True, True): TupleLessThanOrEqual,
    (False, False): TupleGreaterThan, (False, True): TupleGreaterThanOrEqual,
}


class Cursor(NamedTuple):
    """Where a page begins: after (or, walking back, before) the row with these key values.

    `with_row` lets the page hold that row itself: so does the page before an empty one.
    """

    backwards: bool
    with_row: bool
    values: Sequence[Any]


class KeysetPagination(BasePagination):
    """Pages of `limit` rows in the order of the view's `keyset`, newest first unless the view says otherwise.

    `keyset` names columns that are never NULL and together unique, all descending or all ascending.
    """

    page_size = 20
    max_page_size = 100
    keyset: tuple[str, ...] = ("created_at", "id")
    descending = True

    def paginate_queryset(self, queryset: QuerySet[Any],  # type: ignore[override]  # no sequences
                          request: Request, view: APIView | None = None) -> list[Any]:
        self.request = request
        self.keyset = getattr(view, "keyset", self.keyset)
        self.descending = getattr(view, "keyset_descending", self.descending)
        self.signer = Signer(salt=f"cursor:{request.resolver_match and request.resolver_match.view_name}")
        limit = self.read_limit()
        self.cursor = cursor = self.read_cursor(queryset)
        backwards = cursor is not None and cursor.backwards
        rows = list(self.ordered(self.beyond(queryset, cursor), backwards)[: limit + 1])
        more, rows = len(rows) > limit, rows[:limit]
        if backwards:
            rows.reverse()
        self.rows = rows
        self.has_previous = more if backwards else cursor is not None
        self.has_next = self.any_after(queryset, rows) if backwards else more
        self.total_count, self.total_count_is_exact = count(queryset)
        return rows

    def any_after(self, queryset: QuerySet[Any], rows: list[Any]) -> bool:
        """Whether rows follow, which after walking back only a look can tell: they may be deleted."""
        return self.beyond(queryset, self.neighbor(rows, False)).order_by().exists()

    def read_limit(self) -> int:
        text = self.request.query_params.get("limit", str(self.page_size))
        if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= self.max_page_size):
            raise ValidationError({"limit": [f"Must be a whole number from 1 to {self.max_page_size}."]})
        return int(text)

    def read_cursor(self, queryset: QuerySet[Any]) -> Cursor | None:
        text = self.request.query_params.get("cursor")
        if text is None:
            return None
        try:
            backwards, with_row, *values = self.signer.unsign_object(text)
            fields = [queryset.model._meta.get_field(name) for name in self.keyset]
            read = [field.to_python(str(value)) for field, value in zip(fields, values, strict=True)]
            return Cursor(bool(backwards), bool(with_row), read)
        except (BadSignature, FieldError, ValueError, TypeError):
            raise ValidationError({"cursor": ["Not a cursor of this list."]}) from None

    def beyond(self, queryset: QuerySet[Any], cursor: Cursor | None) -> QuerySet[Any]:
        """The rows on the cursor's far side.

        The row comparison alone finds them; the bound on the first column says the same again in the
        form that lets the planner skip partitions.
        """
        if cursor is None:
            return queryset
        smaller = self.descending != cursor.backwards
        compare, bound = COMPARISONS[smaller, cursor.with_row], "lte" if smaller else "gte"
        columns = Tuple(*(F(name) for name in self.keyset))
        return queryset.filter(compare(columns, tuple(cursor.values)),
                               Q((f"{self.keyset[0]}__{bound}", cursor.values[0])))

    def ordered(self, queryset: QuerySet[Any], backwards: bool) -> QuerySet[Any]:
        sign = "-" if self.descending != backwards else ""
        return queryset.order_by(*(f"{sign}{name}" for name in self.keyset))

    def values(self, row: Any) -> list[Any]:
        return [row[name] if isinstance(row, dict) else getattr(row, name) for name in self.keyset]

    def neighbor(self, rows: list[Any], backwards: bool) -> Cursor | None:
        """Where the page after `rows` begins, or the one before; None for the first page.

        What no row marks begins where this page did: its own row belongs to the other side.
        """
        if rows:
            return Cursor(backwards, False, self.values(rows[0 if backwards else -1]))
        if self.cursor is None or self.cursor.backwards == backwards:
            return None
        return Cursor(backwards, not self.cursor.with_row, self.cursor.values)

    def link(self, backwards: bool) -> str:
        """The address of the page after this one, or before it."""
        url, cursor = self.request.build_absolute_uri(), self.neighbor(self.rows, backwards)
        if cursor is None:
            return str(remove_query_param(url, "cursor"))
        fields = [cursor.backwards, cursor.with_row, *map(str, cursor.values)]
        return str(replace_query_param(url, "cursor", self.signer.sign_object(fields)))

    def get_paginated_response(self, data: Any) -> Response:
        return Response({
            "next": self.link(False) if self.has_next else None,
            "previous": self.link(True) if self.has_previous else None,
            "has_next": self.has_next,
            "total_count": self.total_count,
            "total_count_is_exact": self.total_count_is_exact,
            "results": data,
        })

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "has_next", "total_count", "total_count_is_exact", "results"],
            "properties": {
                "next": link,
                "previous": link,
                "has_next": {"type": "boolean"},
                "total_count": {"type": "integer", "description": f"Exact up to {COUNT_CAP}, then estimated."},
                "total_count_is_exact": {"type": "boolean"},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            {"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"},
             "description": "Where the page begins, from `next` or `previous`."},
            {"name": "limit", "in": "query", "required": False, "description": "Rows a page.",
             "schema": {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}},
        ]


def count(queryset: QuerySet[Any]) -> tuple[int, bool]:
    """How many rows there are, and whether that is exact: counted up to COUNT_CAP, then the planner's estimate."""
    keys = queryset.order_by().values("pk")
    counted = keys[: COUNT_CAP + 1].count()
    if counted <= COUNT_CAP:
        return counted, True
    (plan,) = orjson.loads(keys.explain(format="json"))
    return max(plan["Plan"]["Plan Rows"], counted), False
