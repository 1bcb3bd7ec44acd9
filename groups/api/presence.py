"""presence: which friends and partners in conversation are about."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foodshare import presence
from foodshare.api.permissions import NotPending
from foodshare.api.requests import person_of
from groups.queries import communities

MOST_PEOPLE = 100


class PersonPresenceSerializer(serializers.Serializer[Any]):
    user = serializers.UUIDField()
    online = serializers.BooleanField(help_text="Seen within the last minute.")
    last_seen = serializers.DateTimeField(allow_null=True, help_text="Null: not within the last week.")


class PresenceSerializer(serializers.Serializer[Any]):
    results = PersonPresenceSerializer(many=True)


def read_ids(request: Request) -> list[UUID]:
    """The people asked for, each once. Raises ValidationError."""
    unknown = sorted(set(request.query_params) - {"user"})
    if unknown:
        raise ValidationError({name: ["Unknown parameter; there is: user."] for name in unknown})
    texts = request.query_params.getlist("user")
    if not 1 <= len(texts) <= MOST_PEOPLE:
        raise ValidationError({"user": [f"Give from 1 to {MOST_PEOPLE} ids: user=…&user=…"]})
    return list(dict.fromkeys(serializers.ListField(child=serializers.UUIDField()).run_validation(texts)))


class PresenceView(APIView):
    """Who is about of the people asked for. Whoever is no friend and shares no conversation with you is left out."""

    permission_classes = (IsAuthenticated, NotPending)

    @extend_schema(responses=PresenceSerializer, parameters=[
        OpenApiParameter("user", OpenApiTypes.UUID, required=True, many=True,
                         description=f"A person's id; up to {MOST_PEOPLE} times.")])
    def get(self, request: Request) -> Response:
        known = communities.acquaintances(person_of(request), read_ids(request))
        seen = presence.last_seen(known)
        results = [{"user": user_id, "online": presence.is_online(seen.get(user_id)), "last_seen": seen.get(user_id)}
                   for user_id in known]
        return Response(PresenceSerializer({"results": results}).data)
