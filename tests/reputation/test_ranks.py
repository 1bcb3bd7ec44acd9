"""Ranks by score, counted by a job: right for everybody, written only where they change, and cheap to read."""

import random
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction
from procrastinate.contrib.django import app

from foodshare.models import User
from groups.models import CommunityGroup, Membership, MemberState
from reputation import ranks
from reputation.models import ReputationLeader, ReputationRank, ReputationRanking, UserGlobalReputation
from reputation.ranks import OVERALL, Place, leaders, refill, standing
from reputation.tasks import rank_people
from tests.factories import make_group, make_member, make_user
from tests.plans import buffers, explained, nodes, selects, vacuum

WRITTEN = """
    SELECT pg_stat_get_xact_tuples_inserted(c) + pg_stat_get_xact_tuples_updated(c) + pg_stat_get_xact_tuples_deleted(c)
    FROM (SELECT %s::regclass::oid AS c) AS t
"""
FILL = """
    WITH person AS (
        INSERT INTO users (name, is_active) SELECT 'Person ' || n, n %% 50 <> 0 FROM generate_series(1, %(people)s) AS n
        RETURNING id, name
    ), scored AS (
        INSERT INTO user_global_reputation (user_id, overall_score)
        SELECT id, least(99.99, 40 + round((random() * 70)::numeric, 2)) FROM person
    ), hidden AS (
        INSERT INTO reputation_privacy (user_id, show_score) SELECT id, false FROM person WHERE random() < 0.1
    )
    INSERT INTO group_memberships (id, created_at, group_id, user_id, role, state)
    SELECT gen_random_uuid(), now(), %(group)s, id, 'member', 'active' FROM person
    WHERE substr(name, 8)::integer %% 10 = 0
"""


def scored(score: str | None, user: User | None = None) -> User:
    user = user or make_user()
    UserGlobalReputation.objects.filter(user=user).update(overall_score=score and Decimal(score))
    return user


def rank(scope: UUID, score: str) -> int | None:
    return standing(scope, Decimal(score)).rank


def board(scope: UUID) -> list[tuple[int, UUID]]:
    return [(leader.rank, leader.user_id) for leader in leaders(scope, hidden_too=False)]


@pytest.mark.django_db
def test_everybody_stands_where_a_count_of_those_above_puts_them() -> None:
    rng = random.Random(1)
    everyone = [scored(str(rng.randint(7000, 7020) / 100)) for _ in range(60)]
    groups = [make_group(), make_group()]
    scopes: dict[UUID, list[User]] = defaultdict(list, {OVERALL: everyone})
    for user in everyone:
        for group in rng.sample(groups, rng.randint(0, 2)):
            make_member(group, user)
            scopes[group.pk].append(user)
    refill()
    for scope, members in scopes.items():
        scores = {user.pk: UserGlobalReputation.objects.get(user=user).overall_score or Decimal(0) for user in members}
        for score in [*scores.values(), Decimal("70.005"), Decimal("99.99")]:
            expected = 1 + sum(other > score for other in scores.values())
            found = standing(scope, score)
            assert (found.rank, found.people) == (min(expected, len(members)), len(members))
        assert {user for _, user in board(scope)} <= set(scores)
        assert all(place == 1 + sum(other > scores[user] for other in scores.values()) for place, user in board(scope))
        assert len(board(scope)) == min(50, len(members))


@pytest.mark.django_db
def test_equal_scores_share_a_rank() -> None:
    first, *shared, last = scored("90"), scored("80"), scored("80"), scored("70")
    refill()
    assert [place for place, _ in board(OVERALL)] == [1, 2, 2, 4]
    assert {user for _, user in board(OVERALL)[1:3]} == {user.pk for user in shared}
    assert (board(OVERALL)[0][1], board(OVERALL)[3][1]) == (first.pk, last.pk)


@pytest.mark.django_db
def test_a_score_that_nobody_had_stands_between_its_neighbors() -> None:
    for score in ("90", "80", "80", "70"):
        scored(score)
    refill()
    assert [rank(OVERALL, score) for score in ("99", "90", "85", "80", "75", "70")] == [1, 1, 2, 2, 4, 4]
    assert rank(OVERALL, "10") == 4  # behind all, among whom the score itself was counted


@pytest.mark.django_db
def test_who_is_suspended_waits_or_has_no_score_is_not_counted() -> None:
    group = make_group()
    here = make_member(group, scored("70"))
    make_member(group, scored("90", make_user(is_active=False)))
    make_member(group, scored("91"), state=MemberState.PENDING)
    make_member(group, scored(None))
    refill()
    assert board(group.pk) == [(1, here.pk)]
    assert rank(group.pk, "70") == 1
    assert standing(OVERALL, Decimal(70)).people == 2
    assert standing(OVERALL, None).rank is None


@pytest.mark.django_db
def test_who_leaves_or_is_suspended_is_off_the_board_at_once() -> None:
    group = make_group()
    gone, suspended, here = (make_member(group, scored(score)) for score in ("90", "80", "70"))
    refill()
    Membership.objects.filter(user=gone).delete()
    User.objects.filter(pk=suspended.pk).update(is_active=False)
    assert board(group.pk) == [(3, here.pk)]
    refill()
    assert board(group.pk) == [(1, here.pk)]


@pytest.mark.django_db
def test_before_the_first_count_nobody_has_a_rank() -> None:
    scored("80")
    assert standing(OVERALL, Decimal(80)) == Place(None, 0, None)
    assert board(OVERALL) == []


@pytest.mark.django_db
def test_a_group_whose_members_are_gone_is_forgotten() -> None:
    group = make_group()
    make_member(group, scored("80"))
    refill()
    Membership.objects.all().delete()
    refill()
    for model in (ReputationRank, ReputationLeader, ReputationRanking):
        assert set(model.objects.values_list("scope", flat=True)) == {OVERALL}


@pytest.mark.django_db
def test_a_count_writes_only_what_changed() -> None:
    people = [scored(f"{score}.50") for score in range(50, 90)]
    refill()

    def written(change: Callable[[], object]) -> list[int]:
        counts = []
        with connection.cursor() as cursor:
            for act in (lambda: None, change):
                act()
                if act is change:
                    refill()
                found = []
                for table in ("reputation_ranks", "reputation_leaders"):
                    cursor.execute(WRITTEN, [table])
                    found.append(cursor.fetchone()[0])
                counts.append(found)
        return [after - before for before, after in zip(*counts, strict=True)]

    assert written(lambda: None) == [0, 0]
    # From 84.50 (sixth from the top) to 86.50, which another has: one score gone, three with other numbers.
    ranks_written, leaders_written = written(lambda: scored("86.50", people[34]))
    assert ranks_written <= 4
    assert leaders_written <= 4


@pytest.mark.django_db(transaction=True)
def test_readers_see_the_former_ranks_until_the_new_ones_are_complete() -> None:
    scored("80")
    refill()
    scored("90")
    with connections["default"].get_new_connection(connections["default"].get_connection_params()) as other:
        other.autocommit = True
        seen = "SELECT (SELECT count(*) FROM reputation_ranks), (SELECT max(people) FROM reputation_rankings)"
        with transaction.atomic():
            refill()
            assert other.execute(seen).fetchone() == (1, 1)
        assert other.execute(seen).fetchone() == (2, 2)


@pytest.mark.django_db
def test_the_job_runs_every_five_minutes() -> None:
    scored("80")
    rank_people(timestamp=0)
    assert rank(OVERALL, "80") == 1
    periodic = [task for task in app.periodic_registry.periodic_tasks.values()
                if task.task.name == "reputation.tasks.rank_people"]
    assert [task.cron for task in periodic] == ["*/5 * * * *"]


def cost(scope: UUID) -> int:
    """What a board and one's own place read."""
    return buffers(lambda: leaders(scope, hidden_too=False)) + buffers(lambda: standing(scope, Decimal("77.77")))


def fill(people: int, group: CommunityGroup) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(FILL, {"people": people, "group": group.pk})
    refill()
    vacuum("users", "user_global_reputation", "reputation_privacy", "reputation_ranks", "reputation_rankings",
           "reputation_leaders", "group_memberships")


def assert_cheap(group: CommunityGroup) -> None:
    for scope in (OVERALL, group.pk):
        assert len(board(scope)) == ranks.SHOWN
        assert cost(scope) < 900  # of each of 50 to 100 leaders the person, the privacy and the membership by key


def scans(work: Any) -> set[str]:
    """The tables that the statements of `work` go through."""
    return {node["Relation Name"] for statement in selects(work) for node in nodes(explained(statement))
            if node["Node Type"] == "Seq Scan"}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_board_of_thousands_reads_little() -> None:
    group = make_group()
    fill(4_000, group)
    assert_cheap(group)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_board_of_a_hundred_thousand_reads_no_more() -> None:
    group = make_group()
    fill(100_000, group)
    assert Membership.objects.count() == 10_000
    assert_cheap(group)
    for scope in (OVERALL, group.pk):
        read: set[str] = scans(lambda scope=scope: [*leaders(scope, hidden_too=False), standing(scope, Decimal(77))])
        assert read <= {"reputation_rankings"}  # of two rows here
