"""Reads of reputation."""

from decimal import Decimal
from uuid import UUID

from django.db.models import F

from foodshare.models import Rating
from foodshare.ratings import TALLY, shown_average


def food_average(user_id: UUID) -> Decimal | None:
    """What those who got food from the person gave for it."""
    of_food = Rating.objects.filter(exchange__food__author=user_id, rater=F("exchange__recipient"))
    return shown_average(**of_food.shown().aggregate(**TALLY))


def recipient_average(user_id: UUID) -> Decimal | None:
    """What those who gave food to the person gave them as a recipient."""
    of_recipient = Rating.objects.filter(exchange__recipient=user_id, rater=F("exchange__food__author"))
    return shown_average(**of_recipient.shown().aggregate(**TALLY))
