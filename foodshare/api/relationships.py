"""relationships: friends, follows and blocks."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from foodshare import queries
from foodshare.api.filters import unchanged
from foodshare.api.idempotency import IdempotentWrites
from foodshare.api.requests import UUID_PATTERN, person_of
from foodshare.api.serializers import PartySerializer, StrictSerializer, UUIDTextField
from foodshare.models import Relationship, RelationshipStatus, RelationshipType
from foodshare.services import relationships

DIRECTIONS = [("outgoing", "outgoing"), ("incoming", "incoming")]


class RelationshipSerializer(serializers.ModelSerializer[Relationship]):
    """A relationship as one of its two people sees it; `context["user"]` is who looks."""

    direction = serializers.SerializerMethodField()
    user = serializers.SerializerMethodField(help_text="The other person.")

    class Meta:
        model = Relationship
        fields = ["id", "type", "status", "direction", "user", "created_at"]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(DIRECTIONS))
    def get_direction(self, relationship: Relationship) -> str:
        return "outgoing" if relationship.from_user_id == self.context["user"].pk else "incoming"

    @extend_schema_field(PartySerializer)
    def get_user(self, relationship: Relationship) -> dict[str, Any]:
        is_own = self.get_direction(relationship) == "outgoing"
        return dict(PartySerializer(relationship.to_user if is_own else relationship.from_user).data)


class NewRelationship(StrictSerializer):
    to = UUIDTextField(help_text="The other person's id.")
    type = serializers.ChoiceField(RelationshipType.choices)


class RelationshipFilter(filters.FilterSet):
    type = filters.ChoiceFilter(choices=RelationshipType.choices)
    status = filters.ChoiceFilter(choices=RelationshipStatus.choices)
    # It chooses the queryset to begin with: see RelationshipViewSet.get_queryset.
    direction = filters.ChoiceFilter(choices=DIRECTIONS, method=unchanged,
                                     label="Default: outgoing, what you are to others; blocks are shown only there.")

    class Meta:
        model = Relationship
        fields: list[str] = []


class RelationshipViewSet(IdempotentWrites, ListModelMixin, GenericViewSet[Relationship]):
    """What you and others are to each other, newest first. An accepted friendship stands in both directions."""

    queryset = Relationship.objects.none()  # says the model; what is listed is in get_queryset
    serializer_class = RelationshipSerializer
    filterset_class = RelationshipFilter
    lookup_value_regex = UUID_PATTERN
    posting_scope = "relationships"

    def get_queryset(self) -> QuerySet[Relationship]:
        incoming = self.request.query_params.get("direction") == "incoming"
        side = queries.relationships_towards if incoming else queries.relationships_set_by
        return side(person_of(self.request))

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "user": self.request.user}

    @extend_schema(request=NewRelationship, responses={200: RelationshipSerializer, 201: RelationshipSerializer})
    def create(self, request: Request) -> Response:
        """Ask for friendship, follow, or block: 201. Again is harmless: 200.

        Asking who has asked you makes you friends. A block ends friendship, follows and requests between you.
        """
        given = NewRelationship.checked(request.data)
        made, is_new = relationships.relate(person_of(request), given["to"], given["type"])
        return Response(self.get_serializer(made).data, 201 if is_new else 200)

    @extend_schema(request=None, responses=RelationshipSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Accept a request of friendship that was sent to you."""
        return Response(self.get_serializer(relationships.accept(person_of(request), UUID(pk))).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """Turn down a request of friendship that was sent to you."""
        relationships.decline(person_of(request), UUID(pk))
        return Response(status=204)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take back what you set: a request, a follow, a block, or a friendship, which ends for both."""
        relationships.end(person_of(request), UUID(pk))
        return Response(status=204)
