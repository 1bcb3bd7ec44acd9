"""Keyset pages: a page begins after a row, not after a number of rows.

Its cost does not grow with depth, and rows inserted or deleted during a walk neither repeat nor hide
others. A walk back gives the same pages.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

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
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

from foodshare.api.rendered import render, rendered
from foodshare.db.keys import is_time_key, time_of

COUNT_CAP = 1000
RELATIVE = b'{"next":"?'  # how a first page begins that was made for no address
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
    parameters: tuple[str, ...] = ("cursor", "limit")
    keyset: tuple[str, ...] = ("created_at", "id")
    descending = True

    def paginate_queryset(self, queryset: QuerySet[Any],  # type: ignore[override]  # no sequences
                          request: Request, view: APIView | None = None) -> list[Any]:
        self.request = request
        self.keyset = getattr(view, "keyset", self.keyset)
        self.descending = getattr(view, "keyset_descending", self.descending)
        self.begin(request.build_absolute_uri(), request.resolver_match.view_name if request.resolver_match else "")
        limit = self.read_limit()
        self.cursor = self.read_cursor(queryset)
        return self.fill(queryset, limit)

    def first(self, queryset: QuerySet[Any], view_name: str) -> list[Any]:
        """The rows of the page with which the list at the view's address begins, whoever asks, for the cache.

        Its links lack the address, which `first_page` puts in.
        """
        self.begin("", view_name)
        self.cursor = None
        return self.fill(queryset, self.page_size)

    def begin(self, address: str, view_name: str) -> None:
        self.address, self.signer = address, Signer(salt=f"cursor:{view_name}")

    def fill(self, queryset: QuerySet[Any], limit: int) -> list[Any]:
        self.rows = self.read_page(queryset, limit)
        self.total_count, self.total_count_is_exact = self.count(queryset)
        return self.rows

    def read_page(self, queryset: QuerySet[Any], limit: int) -> list[Any]:
        """The rows of the page, in the list's order; notes whether there are others on either side."""
        backwards = self.cursor is not None and self.cursor.backwards
        rows, more = self.read(queryset, self.cursor, limit)
        if backwards:
            rows.reverse()
        self.has_previous = more if backwards else self.cursor is not None
        # After walking back only a look can tell whether rows follow: they may be deleted.
        self.has_next = self.read(queryset, self.neighbor(rows, False), 0)[1] if backwards else more
        return rows

    def read(self, queryset: QuerySet[Any], cursor: Cursor | None, number: int) -> tuple[list[Any], bool]:
        """Up to `number` rows on the cursor's far side, the nearest first, and whether there are more."""
        rows = self.nearest(queryset, cursor, number + 1)
        return rows[:number], len(rows) > number

    def nearest(self, queryset: QuerySet[Any], cursor: Cursor | None, number: int) -> list[Any]:
        backwards = cursor is not None and cursor.backwards
        return list(self.ordered(self.beyond(queryset, cursor), backwards)[:number])

    def count(self, queryset: QuerySet[Any]) -> tuple[int, bool]:
        """How many rows there are, and whether that is exact: counted up to COUNT_CAP, then the planner's estimate."""
        keys = queryset.order_by().values("pk")
        counted = keys[: COUNT_CAP + 1].count()
        return (counted, True) if counted <= COUNT_CAP else (max(estimate(keys), counted), False)

    def known(self) -> tuple[int, bool]:
        """For lists that are not counted: as many rows as are known of, exact only where one page holds all."""
        return len(self.rows) + self.has_previous + self.has_next, not (self.has_previous or self.has_next)

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
        url, cursor = self.address, self.neighbor(self.rows, backwards)
        for name in set(self.parameters) - {"limit"}:
            url = remove_query_param(url, name)
        if cursor is None:
            return url
        fields = [cursor.backwards, cursor.with_row, *map(str, cursor.values)]
        return str(replace_query_param(url, "cursor", self.signer.sign_object(fields)))

    def get_paginated_response(self, data: Any) -> Response:
        return Response(self.page(data))

    def page(self, data: Any) -> dict[str, Any]:
        return {
            "next": self.link(False) if self.has_next else None,
            "previous": self.link(True) if self.has_previous else None,
            "has_next": self.has_next,
            "total_count": self.total_count,
            "total_count_is_exact": self.total_count_is_exact,
            "results": data,
        }

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


def first_page(request: Request, text: bytes) -> HttpResponse:
    """The answer with a list's first page as the cache has it (`KeysetPagination.first`), whose link is relative."""
    if text.startswith(RELATIVE):
        address = render(request.build_absolute_uri())[1:-1]
        text = RELATIVE[:-1] + address + text[len(RELATIVE) - 1:]
    return rendered(text)


class WindowedPagination(KeysetPagination):
    """The same for a table that is partitioned by the first column of `keyset`, a time; newest first.

    A statement is planned for every partition that its conditions leave, so rows are sought near the page's
    beginning first, and farther away only while the page is not full.
    """

    windows: tuple[timedelta, ...] = (timedelta(days=31), timedelta(days=366))  # then all the rest

    def nearest(self, queryset: QuerySet[Any], cursor: Cursor | None, number: int) -> list[Any]:
        rows: list[Any] = []
        for stretch in self.stretches(cursor, self.windows):
            rows += super().nearest(queryset.filter(stretch), cursor, number - len(rows))
            if len(rows) == number:
                break
        return rows

    def stretches(self, cursor: Cursor | None, windows: Sequence[timedelta]) -> Iterator[Q]:
        """Conditions that part the rows beyond the cursor by time, the nearest first."""
        now, newer, rest = timezone.now(), cursor is not None and cursor.backwards, Q()
        start = min(cursor.values[0], now) if cursor else now
        sign, inside, outside = (1, "lte", "gt") if newer else (-1, "gte", "lt")
        for window in windows:
            edge = start + sign * window
            if edge > now:  # few partitions lie ahead
                break
            yield rest & Q((f"{self.keyset[0]}__{inside}", edge))
            rest = Q((f"{self.keyset[0]}__{outside}", edge))
        yield rest

    def count(self, queryset: QuerySet[Any]) -> tuple[int, bool]:
        """As in any list, counted from the newest; a first page that holds all has counted it."""
        if not (self.has_previous or self.has_next or self.cursor):
            return len(self.rows), True
        keys, counted = queryset.order_by().values("pk"), 0
        for stretch in self.stretches(None, self.windows[:1]):
            counted += keys.filter(stretch)[: COUNT_CAP + 1 - counted].count()
            if counted > COUNT_CAP:
                return max(estimate(keys), counted), False
        return counted, True


class HistoryPagination(WindowedPagination):
    """The same for rows with a key that carries their time (foodshare.db.keys), which may be opened at any of them.

    A key whose row is gone marks the same place.
    """

    page_size = 50
    parameters = ("cursor", "limit", "around", "after")
    center: UUID | None = None

    def read_cursor(self, queryset: QuerySet[Any]) -> Cursor | None:
        """`after` is a walk back from its row, towards the newer ones."""
        given = [name for name in ("cursor", "around", "after") if name in self.request.query_params]
        if len(given) > 1:
            raise ValidationError({given[1]: [f"Cannot be given together with {given[0]}."]})
        self.center = self.read_key("around")
        after = self.read_key("after")
        return Cursor(True, False, place_of(after)) if after else super().read_cursor(queryset)

    def read_key(self, name: str) -> UUID | None:
        text = self.request.query_params.get(name)
        if text is None:
            return None
        try:
            key = UUID(text)
        except ValueError:
            key = None
        if key is None or not is_time_key(key):
            raise ValidationError({name: ["Not the id of such a row."]})
        return key

    def read_page(self, queryset: QuerySet[Any], limit: int) -> list[Any]:
        """Around a row: up to half a page of newer ones, the row itself, and older ones until the page is full."""
        if self.center is None:
            return super().read_page(queryset, limit)
        place = place_of(self.center)
        newer, self.has_previous = self.read(queryset, Cursor(True, False, place), limit // 2)
        older, self.has_next = self.read(queryset, Cursor(False, True, place), limit - len(newer))
        return [*reversed(newer), *older]

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        key = {"type": "string", "format": "uuid"}
        return [*super().get_schema_operation_parameters(view), *(
            {"name": name, "in": "query", "required": False, "schema": key, "description": text} for name, text in (
                ("around", "Open at the row with this id: up to half a page of newer ones, it, and older ones."),
                ("after", "The rows that directly follow the one with this id, as ever newest first; `previous` "
                          "leads to those newer still, and is null when there are none yet.")))]


def place_of(key: UUID) -> list[Any]:
    """Where the row with this key stands in the order of (created_at, id)."""
    return [time_of(key), key]


def estimate(queryset: QuerySet[Any]) -> int:
    """How many rows the planner expects."""
    (plan,) = orjson.loads(queryset.explain(format="json"))
    return int(plan["Plan"]["Plan Rows"])
