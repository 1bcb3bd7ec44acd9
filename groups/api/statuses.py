"""feed and status-updates: what people tell their friends and groups."""

from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.http import HttpResponse
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from foodshare.api.idempotency import IdempotentWrites
from foodshare.api.pagination import first_page
from foodshare.api.permissions import NotPending
from foodshare.api.requests import UUID_PATTERN, person_of
from foodshare.api.serializers import PartySerializer, StrictSerializer, UUIDTextField, has_visible_text
from foodshare.cache import aside
from foodshare.cache.keys import USER_FEED
from foodshare.exceptions import Forbidden, Missing
from foodshare.models import Relationship, User
from foodshare.queries import blocked_ids
from groups.access import sharing_groups
from groups.api.pages import FeedPagination, StatusPagination
from groups.models import StatusUpdate
from groups.services import statuses


class AuthorSerializer(PartySerializer):
    """The author, from columns beside the status update's."""

    id = serializers.UUIDField(source="author_id")
    name = serializers.CharField(source="author_name")
    image = serializers.CharField(source="author_image", allow_null=True)


class StatusSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    content = serializers.CharField()
    group = serializers.UUIDField(source="group_id", allow_null=True)
    author = AuthorSerializer(source="*")
    created_at = serializers.DateTimeField()


class NewStatus(StrictSerializer):
    content = serializers.CharField(max_length=280, validators=[has_visible_text])
    group = UUIDTextField(source="group_id", allow_null=True, required=False,
                          help_text="One of your groups, whose members are told too.")


class StatusFilter(filters.FilterSet):
    """Whose: one of the two."""

    group = filters.UUIDFilter(field_name="group_id", label="Id of one of your groups.")
    author = filters.UUIDFilter(field_name="author_id", label="Your own id, or a friend's.")

    class Meta:
        model = StatusUpdate
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[StatusUpdate]) -> QuerySet[StatusUpdate]:
        group, author = self.form.cleaned_data["group"], self.form.cleaned_data["author"]
        if (group is None) == (author is None):
            raise ValidationError("Give group or author, one of them.")
        reader = person_of(self.request)
        refuse_group(reader, group) if group else refuse_author(reader, author)
        filtered: QuerySet[StatusUpdate] = super().filter_queryset(queryset)
        return filtered.exclude(author__in=blocked_ids(reader)) if group else filtered


def refuse_group(reader: User, group_id: UUID) -> None:
    """Raise Missing unless the person shares in the group."""
    if not sharing_groups(reader).filter(pk=group_id).exists():
        raise Missing


def refuse_author(reader: User, author_id: UUID) -> None:
    """Raise Forbidden unless the author is the person or a friend."""
    friends = Relationship.objects.accepted_friends_of(reader)
    if author_id != reader.pk and not friends.filter(to_user=author_id).exists():
        raise Forbidden("Only friends see this.")


class StatusUpdateViewSet(IdempotentWrites, ListModelMixin, GenericViewSet[StatusUpdate]):
    """What a friend, or a group's members, told, newest first."""

    queryset: QuerySet[Any] = StatusUpdate.objects.values(
        "id", "created_at", "content", "group_id", "author_id", author_name=F("author__name"),
        author_image=F("author__image"))
    serializer_class = StatusSerializer
    filterset_class = StatusFilter
    pagination_class = StatusPagination
    permission_classes = (IsAuthenticated, NotPending)
    lookup_value_regex = UUID_PATTERN
    posting_scope = "posts"

    @extend_schema(request=NewStatus, responses={201: StatusSerializer})
    def create(self, request: Request) -> Response:
        """Tell your friends and, with `group`, its members too."""
        made = statuses.post(person_of(request), **NewStatus.checked(request.data))
        return Response(self.get_serializer(self.get_queryset().get(pk=made.pk)).data, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take back what you told."""
        statuses.remove(person_of(request), UUID(pk))
        return Response(status=204)


class FeedViewSet(ListModelMixin, GenericViewSet[StatusUpdate]):
    """What you and your friends told, newest first. It is not counted: `total_count` tells what is known of."""

    queryset = StatusUpdate.objects.all()  # says the model; what is listed is the feed's
    serializer_class = StatusSerializer
    pagination_class = FeedPagination
    permission_classes = (IsAuthenticated, NotPending)

    def list(self, request: Request, *args: Any,  # type: ignore[override]  # no data: its JSON is ready
             **kwargs: Any) -> HttpResponse:
        if request.query_params:
            return super().list(request, *args, **kwargs)
        return first_page(request, aside.get(USER_FEED, person_of(request).pk))
