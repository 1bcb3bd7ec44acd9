"""Trend and age are as of now, not as of the last event."""

from typing import Any

import pytest

from foodshare.models import User
from reputation.models import ReputationState, UserGlobalReputation
from tests.factories import client_for, later, make_user
from tests.reputation.ledgers import apply_events, event

pytestmark = pytest.mark.django_db


def seen(user: User) -> Any:
    return client_for(make_user()).get(f"/api/v1/users/{user.pk}/reputation").json()


def test_a_trend_ends_thirty_days_after_its_events() -> None:
    user = make_user(created_at=later(days=-100))
    apply_events(user, [event("food_shared", later(days=-40))])
    row = UserGlobalReputation.objects.get(user=user)
    assert (row.reputation_trend, row.account_age_days) == ("rising", 60)
    assert (seen(user)["reputation_trend"], seen(user)["account_age_days"]) == ("stable", 100)


def test_a_fresh_change_is_a_trend() -> None:
    user = make_user(created_at=later(days=-100))
    apply_events(user, [event("food_shared", later(days=-2))])
    assert seen(user)["reputation_trend"] == "rising"


def test_without_a_memo_the_trend_is_the_rows() -> None:
    user = make_user()
    UserGlobalReputation.objects.filter(user=user).update(reputation_trend="declining")
    assert not ReputationState.objects.exists()
    assert seen(user)["reputation_trend"] == "declining"
