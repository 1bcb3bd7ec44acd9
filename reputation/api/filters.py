"""Query parameters of the ledger."""

from django_filters import rest_framework as filters

from reputation.ledger import KINDS
from reputation.models import ReputationEvent


class EventFilter(filters.FilterSet):
    event_type = filters.ChoiceFilter(choices=[(kind, kind) for kind in sorted(KINDS)])

    class Meta:
        model = ReputationEvent
        fields: list[str] = []
