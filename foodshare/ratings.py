"""The averages of ratings that people see."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, Sum

# The mean that PRIOR_WEIGHT imagined ratings have, so that a few ratings do not make an extreme.
PRIOR_MEAN, PRIOR_WEIGHT = 4, 5
RATERS_TO_SHOW = 3  # an average of fewer would tell who gave which stars
# What `shown_average` needs of ratings, for `aggregate` and `annotate`.
TALLY: dict[str, Any] = {"raters": Count("rater", distinct=True), "count": Count("pk"), "total": Sum("stars")}


def shown_average(raters: int, count: int, total: int | None) -> Decimal | None:
    """The Bayesian mean, in hundredths, of `count` ratings with `total` stars; None from too few people."""
    if raters < RATERS_TO_SHOW or total is None:
        return None
    mean = Decimal(PRIOR_MEAN * PRIOR_WEIGHT + total) / (PRIOR_WEIGHT + count)
    return mean.quantize(Decimal("0.01"), ROUND_HALF_UP)
