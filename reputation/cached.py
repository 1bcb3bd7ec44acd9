"""What of reputation is kept in the cache, and how it is loaded (foodshare.cache.keys)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from foodshare.models import Exchange
from reputation.access import withheld_parts
from reputation.api.serializers import ReputationSerializer, age_in_days, shown
from reputation.queries import reputations
from reputation.state import COURSE, BadMemo, load, moment, trend


def summary(user_id: UUID) -> dict[str, Any] | None:
    """What a person's reputation tells whoever sees all of it, as of now; what is needed to tell it as of later; and
    what the person withholds from others. None for whom there is no row: it is made when first asked for."""
    row = reputations().filter(pk=user_id).first()
    return row and {"told": ReputationSerializer(row, context={"hidden": []}).data, "joined": row.user.created_at,
                    "course": course_of(row), "withheld": withheld_parts(row.user)}


def course_of(row: Any) -> dict[str, Any] | None:
    """The facts that the trend of any day follows from; None where no memo can be read, and the row tells it."""
    try:
        load(row.memo)
    except BadMemo:
        return None
    return {name: row.memo[name] for name in COURSE}


def as_of(now: datetime, kept: Mapping[str, Any], hidden: Sequence[str]) -> dict[str, Any]:
    """A kept summary with age and trend as they are now, without the parts that are hidden from the reader."""
    as_of_now: dict[str, Any] = {"account_age_days": age_in_days(moment(kept["joined"]), now)}
    if kept["course"] is not None:
        as_of_now["reputation_trend"] = trend(kept["course"], now)
    return shown(kept["told"] | as_of_now, hidden)


def people_rated(exchange_ids: Sequence[str]) -> Iterable[str]:
    """Both sides of exchanges."""
    sides = Exchange.objects.filter(pk__in=exchange_ids).values_list("recipient", "food__author")
    return {str(person) for pair in sides for person in pair}
