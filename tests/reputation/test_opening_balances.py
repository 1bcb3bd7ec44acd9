"""People from before the ledger get an opening by a migration, and a replay then gives their rows."""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import orjson
import pytest
from django.apps import apps
from django.db import connections

from foodshare.models import User
from reputation.models import ReputationEvent, ReputationState, UserGlobalReputation
from reputation.rebuild import rebuild
from tests.factories import later, make_user

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
migration = import_module("reputation.migrations.0009_opening_balances")


def make_old(days: float, idle: float, **fields: Any) -> User:
    """A person who came so many days ago, was last active so many later, and has a live row only."""
    joined = later(days=-days)
    user = make_user(created_at=joined)
    UserGlobalReputation.objects.filter(pk=user.pk).update(last_activity=joined + timedelta(days=idle), **fields)
    return user


def migrate() -> None:
    with connections["owner"].schema_editor(atomic=False) as editor:
        migration.open_ledgers(apps, editor)


def test_a_replay_gives_the_rows_of_who_was_there_before() -> None:
    newcomer = make_user()
    people = [
        make_old(300, 200, overall_score=93, trust_level="exemplary", total_food_shared=70, peak_reputation=93,
                 total_exchanges_completed=60, total_groups_participated=3, avg_food_rating="4.50"),
        make_old(300, 59.5, overall_score=85, total_exchanges_completed=20), make_old(10, 3, overall_score=77),
        make_old(40, 29.9, overall_score=70, total_exchanges_completed=5, reliability_score=None),
        make_old(90, 90, overall_score="48.00", reported_incidents=3), make_old(90, 40, overall_score="47.99"),
        make_old(90, 0, account_age_days=4), make_old(5, 1, overall_score=None, resolved_disputes=None)]
    migrate()
    found = rebuild(lambda *_: None, check=True)
    assert (found.totals, found.differences) == ({}, [])
    assert found.events == len(people)
    assert not ReputationEvent.objects.filter(user=newcomer).exists()
    levels = [UserGlobalReputation.objects.get(pk=user.pk).trust_level for user in people]
    assert levels == ["trusted", "established", "developing", "established", "developing", "concerning", "developing",
                      "developing"]
    row = UserGlobalReputation.objects.filter(pk=people[0].pk)
    columns = row.values_list("overall_score", "total_food_shared", "total_exchanges_completed")
    assert columns.get() == (Decimal(93), 70, 60)


def test_a_history_seeded_as_one_event_becomes_the_opening() -> None:
    ada = make_old(100, 90, overall_score="88.50", total_food_shared=4)
    event = ReputationEvent.objects.create(
        user=ada, event_type="seeded_history", impact_score="13.50", previous_score=75, new_score="88.50",
        description="The sum of 4 posts.", created_at=later(days=-10), processed_at=later(days=-10))
    migrate()
    assert not rebuild(lambda *_: None, check=True).totals
    event.refresh_from_db()
    assert (event.event_type, orjson.loads(event.description or "")["carried"]["shared"]) == ("opening_balance", 4)


def test_a_second_run_changes_nothing() -> None:
    make_old(100, 90, overall_score="88.50")
    migrate()
    before = [*ReputationEvent.objects.values()], [*UserGlobalReputation.objects.values()]
    migrate()
    assert ([*ReputationEvent.objects.values()], [*UserGlobalReputation.objects.values()]) == before
    assert not ReputationState.objects.exists()
