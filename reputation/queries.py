"""Reads of reputation."""

from uuid import UUID

from django.db.models import F, QuerySet

from foodshare.models import Rating

RATERS_TO_SHOW = 3  # an average of fewer would tell who gave which stars


def is_rated_enough(raters: QuerySet[Rating, UUID]) -> bool:
    return len(raters.distinct()[:RATERS_TO_SHOW]) == RATERS_TO_SHOW


def raters_of_food(user_id: UUID) -> QuerySet[Rating, UUID]:
    """Who rated the food that the person gave."""
    return Rating.objects.filter(exchange__food__author=user_id, rater=F("exchange__recipient")).values_list(
        "rater", flat=True)


def raters_of_recipient(user_id: UUID) -> QuerySet[Rating, UUID]:
    """Who rated the person as a recipient."""
    return Rating.objects.filter(exchange__recipient=user_id, rater=F("exchange__food__author")).values_list(
        "rater", flat=True)
