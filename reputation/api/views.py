"""Reputation: what others see of a person's, how one's own came about, and who stands where."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foodshare.api.idempotency import IdempotentWrites
from foodshare.api.permissions import NotPending
from foodshare.api.requests import person_of
from foodshare.cache import aside
from foodshare.cache.keys import REPUTATION
from foodshare.exceptions import Forbidden
from foodshare.models import User
from groups.access import sharing_groups
from groups.models import CommunityGroup
from reputation import cached, explain, queries, ranks
from reputation.access import hidden_parts, privacy_of, refuse_strangers, sees_all, withheld_parts
from reputation.api.filters import EventFilter
from reputation.api.serializers import (
    BoardQuery,
    BoardSerializer,
    ExplanationSerializer,
    PrivacySerializer,
    ReputationEventSerializer,
    ReputationSerializer,
)
from reputation.models import ReputationEvent
from reputation.rules import RULES
from reputation.services import choose_privacy, reputation_of
from reputation.state import ZERO, State
from reputation.sync import status_of

EXPLAINED = 50  # events


class ReputationView(APIView):
    """A person's reputation over all groups."""

    @extend_schema(responses=ReputationSerializer)
    def get(self, request: Request, id: UUID) -> Response:
        reader = person_of(request)
        refuse_strangers(reader, id)
        kept = aside.value(REPUTATION, id) if aside.is_usable() else None
        if kept is not None:
            return Response(cached.as_of(timezone.now(), kept, hidden_parts(kept["withheld"], id, reader)))
        row = reputation_of(id)
        hidden = hidden_parts(withheld_parts(row.user), id, reader)
        return Response(ReputationSerializer(row, context={"hidden": hidden}).data)


class PrivacyView(IdempotentWrites):
    """Which parts of one's reputation others see."""

    @extend_schema(responses=PrivacySerializer)
    def get(self, request: Request) -> Response:
        return Response(PrivacySerializer(privacy_of(person_of(request))).data)

    @extend_schema(request=PrivacySerializer(partial=True), responses=PrivacySerializer)
    def patch(self, request: Request) -> Response:
        """Show or hide parts; what is left out stays."""
        given = PrivacySerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        choose_privacy(person_of(request), **given.validated_data)
        return self.get(request)


class EventsView(ListAPIView[ReputationEvent]):
    """What changed one's own score, newest first."""

    queryset = ReputationEvent.objects.none()  # says the model
    serializer_class = ReputationEventSerializer
    filterset_class = EventFilter
    keyset = ("created_at", "id")

    def get_queryset(self) -> QuerySet[ReputationEvent]:
        return queries.ledger(person_of(self.request).pk)


class ExplanationView(APIView):
    """How one's own score came about, event by event, and what would raise it."""

    @extend_schema(responses=ExplanationSerializer)
    def get(self, request: Request) -> Response:
        row, now = reputation_of(person_of(request).pk), timezone.now()
        state = queries.state_of(row)
        return Response(ExplanationSerializer({
            "score": row.overall_score, "level": row.trust_level, "trend": state.trend(now),
            "sync_status": status_of(row.pk), "next_level": explain.next_level(state, now),
            "inactivity": {"since": state.active_since, "next": explain.next_decay(state)},
            "kinds": kinds(row.pk, state, now), "helps": explain.helps(state, now),
            "events": queries.newest(row.pk, EXPLAINED)}).data)


def kinds(user_id: UUID, state: State, now: datetime) -> list[dict[str, Any]]:
    """The kinds that the person has events of, or that have a cap."""
    totals, caps = queries.totals(user_id), {cap.kind: cap for cap in explain.caps(state, now)}
    nothing = {"events": 0, "total": ZERO}
    return [{"event_type": kind, "worth": RULES[kind].impact if kind in RULES else None, "cap": caps.get(kind),
             **nothing, **totals.get(kind, {})} for kind in dict.fromkeys([*caps, *sorted(totals)])]


class BoardView(APIView):
    """The people with the highest scores, of all or of one group, and one's own place; counted every few minutes."""

    permission_classes = (IsAuthenticated, NotPending)

    @extend_schema(parameters=[BoardQuery], responses=BoardSerializer)
    def get(self, request: Request) -> Response:
        reader, is_moderator = person_of(request), sees_all(person_of(request))
        group = BoardQuery.checked(request.query_params.dict()).get("group")
        belongs = group is None or shares_in(reader, group)
        if not (belongs or is_moderator):
            raise Forbidden("Only members who share in the group's mode see its leaderboard.")
        scope, score = group or ranks.OVERALL, reputation_of(reader.pk).overall_score
        own = ranks.standing(scope, score)
        return Response(BoardSerializer({
            "as_of": own.as_of, "results": ranks.leaders(scope, hidden_too=is_moderator),
            "me": {"score": score, "rank": own.rank if belongs else None, "people": own.people}}).data)


def shares_in(reader: User, group_id: UUID) -> bool:
    """Whether the reader is an active member in the group's mode. A group that is not there is a 404."""
    group = get_object_or_404(CommunityGroup, pk=group_id)
    return sharing_groups(reader).filter(pk=group.pk).exists()
