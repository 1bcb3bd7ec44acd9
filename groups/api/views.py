"""groups: listing, founding, joining and leaving them, their members, and what they share."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from foodshare.api.idempotency import IdempotentWrites
from foodshare.api.permissions import NotPending
from foodshare.api.rendered import rendered
from foodshare.api.requests import UUID_PATTERN, person_of
from foodshare.cache import aside
from foodshare.cache.keys import GROUP_SUMMARY
from foodshare.exceptions import Forbidden
from foodshare.models import User
from groups.access import sharing_groups
from groups.api.filters import DiscoverFilter, GroupFilter, MemberFilter
from groups.api.serializers import (
    DiscoveredGroupSerializer,
    GroupChangesSerializer,
    GroupSerializer,
    GroupSummarySerializer,
    LeaderboardSerializer,
    MemberSerializer,
    NewGroupSerializer,
)
from groups.models import CommunityGroup, GroupActivitySummary, Membership, MemberState
from groups.queries import communities as queries
from groups.queries import rankings
from groups.services import communities

MEMBER_PATH = f"members/(?P<user_id>{UUID_PATTERN})"


class GroupViewSet(IdempotentWrites, ListModelMixin, RetrieveModelMixin, GenericViewSet[CommunityGroup]):
    """Groups, by name."""

    queryset: QuerySet[Any] = CommunityGroup.objects.none()  # says the model; what is listed is in each action
    serializer_class = GroupSerializer
    filterset_class: Any = GroupFilter
    lookup_value_regex = UUID_PATTERN
    keyset: tuple[str, ...] = ("name", "id")
    keyset_descending = False

    @property
    def user(self) -> User:
        return person_of(self.request)

    def get_queryset(self) -> QuerySet[CommunityGroup]:
        return queries.groups_for(self.user)

    def get_object(self) -> CommunityGroup:
        """The group of the address; the lists' filters do not apply to it."""
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def page(self, rows: QuerySet[Any]) -> Response:
        """A page of `rows`, filtered, as the action's serializer shows them."""
        return self.shown(self.paginate_queryset(self.filter_queryset(rows)))

    def shown(self, page: Any) -> Response:
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=NewGroupSerializer, responses={201: GroupSerializer})
    def create(self, request: Request) -> Response:
        """Found a group, and become its admin and first member."""
        new = NewGroupSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        group = communities.create_group(self.user, **new.validated_data)
        return Response(self.get_serializer(self.get_queryset().get(pk=group.pk)).data, status.HTTP_201_CREATED)

    @extend_schema(request=GroupChangesSerializer(partial=True), responses=GroupSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what the group says of itself, and who waits how long for a fresh post; for the group's admins."""
        changes = GroupChangesSerializer(data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        communities.edit_group(self.user, UUID(pk), **changes.validated_data)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses={200: MemberSerializer, 201: MemberSerializer})
    @action(detail=True, methods=["post"], serializer_class=MemberSerializer)
    def join(self, request: Request, pk: str) -> Response:
        """Join, or ask to where the group's admin approves members: 201. To join again is harmless: 200."""
        membership, is_new = communities.join(self.user, UUID(pk))
        return Response(self.get_serializer(membership).data, 201 if is_new else 200)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        """Leave, or take back the wish to join."""
        communities.leave(self.user, UUID(pk))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=MemberSerializer(many=True))
    @action(detail=True, queryset=Membership.objects.none(), serializer_class=MemberSerializer,
            filterset_class=MemberFilter, keyset=("created_at", "id"), keyset_descending=True)
    def members(self, request: Request, pk: str) -> Response:
        """The group's active members, newest first, for its members; who waits for approval, for its admins."""
        group = get_object_or_404(CommunityGroup, pk=pk)
        is_admin = group.is_administered_by(self.user.pk)
        if request.query_params.get("state") == MemberState.PENDING and not is_admin:
            raise Forbidden("Only an admin of the group sees who waits for approval.")
        if not (is_admin or queries.is_member(group, self.user)):
            raise Forbidden("Only members of the group see its members.")
        return self.page(queries.members(group))

    @extend_schema(request=None, responses=MemberSerializer)
    @action(detail=True, methods=["post"], url_path=f"{MEMBER_PATH}/approve", serializer_class=MemberSerializer)
    def approve(self, request: Request, pk: str, user_id: str) -> Response:
        """Admit a person who asked to join; for the group's admins."""
        return Response(self.get_serializer(communities.approve_member(self.user, UUID(pk), UUID(user_id))).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["delete"], url_path=MEMBER_PATH)
    def remove(self, request: Request, pk: str, user_id: str) -> Response:
        """Remove a member, or reject a person who asked to join; for the group's admins."""
        communities.remove_member(self.user, UUID(pk), UUID(user_id))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=LeaderboardSerializer)
    @action(detail=True, serializer_class=LeaderboardSerializer, permission_classes=[IsAuthenticated, NotPending])
    def leaderboard(self, request: Request, pk: str) -> Response:
        """The members by what they shared and completed in the group in the last 30 days; for its members."""
        group = get_object_or_404(CommunityGroup, pk=pk)
        if not sharing_groups(self.user).filter(pk=group.pk).exists():
            raise Forbidden("Only members who share in the group's mode see its leaderboard.")
        leaders, own = rankings.leaderboard(group, self.user)
        return Response(self.get_serializer({"results": leaders, "me": own}).data)

    @extend_schema(responses=GroupSummarySerializer)
    @action(detail=True, serializer_class=GroupSummarySerializer)
    def summary(self, request: Request, pk: str) -> HttpResponse:
        """What the group shared in the last 30 days, as of the last refresh."""
        return rendered(aside.get(GROUP_SUMMARY, UUID(pk)))

    @extend_schema(responses=DiscoveredGroupSerializer(many=True))
    @action(detail=False, queryset=GroupActivitySummary.objects.none(), serializer_class=DiscoveredGroupSerializer,
            filterset_class=DiscoverFilter, keyset=("food_posts_30d", "group_id"), keyset_descending=True)
    def discover(self, request: Request) -> Response:
        """Groups by what they shared in the last 30 days, the busiest first."""
        rows: QuerySet[Any] = queries.discover()
        page: Any = self.paginate_queryset(self.filter_queryset(rows))
        return self.shown(page)
