"""Query parameters of lists: declared, checked, and refused when unknown."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django_filters.rest_framework import CharFilter, DateTimeFilter, DjangoFilterBackend
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from foodshare.db.search import with_words

if TYPE_CHECKING:  # the module of views itself imports this one
    from rest_framework.generics import GenericAPIView


class StrictFilterBackend(DjangoFilterBackend):
    """Filters by the view's FilterSet and refuses any parameter that it does not declare.

    A mistyped filter that is silently ignored shows everything, which is worse than an error.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: "GenericAPIView[Any]") -> QuerySet[Any]:
        filterset_class = self.get_filterset_class(view, queryset)
        paging: Any = view.pagination_class
        known = {*(filterset_class.base_filters if filterset_class else ()), *paging.parameters}
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            allowed = ", ".join(sorted(known))
            raise ValidationError({name: [f"Unknown parameter; there are: {allowed}."] for name in unknown})
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered


def unchanged(queryset: QuerySet[Any], *_: Any) -> QuerySet[Any]:
    """The method of a filter whose parameter is read elsewhere."""
    return queryset


class WordsFilter(CharFilter):
    """By words of a name, with the column that has the index of foodshare.db.search."""

    def __init__(self, column: str) -> None:
        super().__init__(column, method=with_words, max_length=100,
                         label="Words of the name, or their beginnings, in any case.")


class InstantField(forms.DateTimeField):
    """A time as the API's bodies take it: ISO 8601, UTC where it names no zone, refused where UTC cannot hold it."""

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            return serializers.DateTimeField().to_internal_value(value)
        except ValidationError as error:
            raise forms.ValidationError([forms.ValidationError(str(detail), code="invalid")
                                         for detail in error.detail]) from None


class TimestampFilter(DateTimeFilter):
    """A bound on a time."""

    field_class = InstantField
