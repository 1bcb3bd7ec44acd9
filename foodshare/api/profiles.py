"""profiles: what people tell of themselves, and finding people by it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from foodshare import access, queries
from foodshare.api.filters import WordsFilter, unchanged
from foodshare.api.idempotency import IdempotentWrites
from foodshare.api.pagination import KeysetPagination
from foodshare.api.permissions import NotPending
from foodshare.api.rendered import rendered
from foodshare.api.requests import UUID_PATTERN, person_of
from foodshare.api.serializers import ProfileSerializer, StrictSerializer, has_visible_text
from foodshare.cache import aside
from foodshare.cache.keys import PROFILE
from foodshare.exceptions import Forbidden
from foodshare.models import User
from foodshare.services import profiles

MOST_WORDS = 20


class Words(serializers.ListField):
    """Words that people are found by, kept in lower case and each once."""

    def __init__(self) -> None:
        word = serializers.CharField(max_length=50, validators=[has_visible_text])
        super().__init__(child=word, max_length=MOST_WORDS, required=False)

    def to_internal_value(self, data: Any) -> list[str]:
        words: list[str] = super().to_internal_value(data)
        return list(dict.fromkeys(word.lower() for word in words))


class ProfileChanges(StrictSerializer):
    bio = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    interests = Words()
    roles = Words()
    city = serializers.CharField(source="location_city", max_length=100, allow_blank=True, required=False)
    state = serializers.CharField(source="location_state", max_length=100, allow_blank=True, required=False)


def conditions_on_profiles(given: Mapping[str, str]) -> dict[str, Any]:
    """What a search asks of people's profiles."""
    conditions: dict[str, Any] = {"location_city": given["city"]} if given.get("city") else {}
    words = (name for name in ("interest", "role") if given.get(name))
    return conditions | {f"{name}s__contains": [given[name].lower()] for name in words}


class PersonFilter(filters.FilterSet):
    """At least one is needed: people are looked for, not listed."""

    q = WordsFilter("name")
    # Conditions on profiles come together, in filter_queryset.
    city = filters.CharFilter(method=unchanged, max_length=100, label="The city as written.")
    interest = filters.CharFilter(method=unchanged, max_length=50, label="An interest, in any case.")
    role = filters.CharFilter(method=unchanged, max_length=50, label="A role, in any case.")

    class Meta:
        model = User
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[User]) -> QuerySet[User]:
        if not any(self.form.cleaned_data.values()):
            raise ValidationError(f"Give at least one of {', '.join(self.base_filters)}.")
        filtered: QuerySet[User] = super().filter_queryset(queryset)
        conditions = conditions_on_profiles(self.form.cleaned_data)
        return filtered.filter(**{f"profile__{name}": value for name, value in conditions.items()})


class PersonPagination(KeysetPagination):
    """Pages of people; counted when found by name. By what they tell, that would mean to go through all profiles."""

    def count(self, queryset: QuerySet[Any]) -> tuple[int, bool]:
        return super().count(queryset) if self.request.query_params.get("q") else self.known()


class ProfileViewSet(IdempotentWrites, ListModelMixin, GenericViewSet[User]):
    """People and what they tell of themselves, by name."""

    queryset = User.objects.none()  # says the model; what is shown is in get_queryset
    serializer_class = ProfileSerializer
    filterset_class = PersonFilter
    pagination_class = PersonPagination
    lookup_value_regex = UUID_PATTERN
    keyset = ("name", "id")
    keyset_descending = False

    def get_permissions(self) -> list[Any]:
        """An unverified neighbor may tell of themselves, but searches for nobody."""
        return [*super().get_permissions(), *([NotPending()] if self.action == "list" else [])]

    def get_queryset(self) -> QuerySet[User]:
        shown = queries.people_found_by if self.action == "list" else queries.people_shown_to
        return shown(person_of(self.request))

    def filter_queryset(self, queryset: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def retrieve(self, request: Request, pk: str) -> HttpResponse:
        """A person and what they tell of themselves; nobody who is suspended or blocks you."""
        if not aside.is_usable():
            return Response(self.get_serializer(self.get_object()).data)
        if access.is_blocked_by(person_of(request), UUID(pk)):
            raise NotFound
        return rendered(aside.get(PROFILE, UUID(pk)))

    @extend_schema(request=ProfileChanges(partial=True), responses=ProfileSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Tell of yourself; what is left out stays."""
        if self.get_object().pk != person_of(request).pk:
            raise Forbidden("Only the person may do this.")
        profiles.tell(person_of(request), **ProfileChanges.checked(request.data, partial=True))
        return Response(self.get_serializer(self.get_object()).data)
