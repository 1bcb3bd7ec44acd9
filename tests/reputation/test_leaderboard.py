"""Who has the highest scores, and where oneself stands."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foodshare.models import User
from groups.models import CommunityGroup, GroupType, MemberState
from reputation.models import ReputationPrivacy, UserGlobalReputation
from reputation.ranks import SHOWN, refill
from tests.factories import client_for, make_group, make_member, make_neighbor, make_user

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/reputation/leaderboard"


def scored(score: str, **fields: Any) -> User:
    user = make_user(**fields)
    UserGlobalReputation.objects.filter(user=user).update(overall_score=Decimal(score))
    return user


def board(reader: User, group: CommunityGroup | None = None) -> Any:
    answer = client_for(reader).get(ADDRESS, {"group": str(group.pk)} if group else {})
    assert answer.status_code == 200, answer.content
    return answer.json()


def status(reader: User, group: object) -> int:
    return client_for(reader).get(ADDRESS, {"group": str(group)}).status_code


def shown(data: Any) -> list[tuple[int, str, str]]:
    return [(each["rank"], each["user"]["name"], each["score"]) for each in data["results"]]


def test_the_highest_scores_of_all_and_ones_own_place() -> None:
    for name, score in (("Ada", "90.10"), ("Bea", "80"), ("Cid", "80"), ("Dot", "70")):
        scored(score, name=name)
    reader = scored("60", name="Eva")
    refill()
    data = board(reader)
    assert sorted(shown(data)) == [(1, "Ada", "90.10"), (2, "Bea", "80.00"), (2, "Cid", "80.00"), (4, "Dot", "70.00"),
                                   (5, "Eva", "60.00")]
    assert [each["rank"] for each in data["results"]] == [1, 2, 2, 4, 5]
    assert data["me"] == {"score": "60.00", "rank": 5, "people": 5}
    assert data["as_of"] is not None


def test_ones_own_place_follows_the_present_score() -> None:
    for score in ("90", "80", "70"):
        scored(score)
    reader = scored("60")
    refill()
    UserGlobalReputation.objects.filter(user=reader).update(overall_score=Decimal("85"))
    assert board(reader)["me"] == {"score": "85.00", "rank": 2, "people": 4}


def test_before_the_first_count() -> None:
    data = board(scored("80"))
    assert data == {"as_of": None, "results": [], "me": {"score": "80.00", "rank": None, "people": 0}}


def test_no_more_than_fifty_are_shown() -> None:
    reader = scored("10")
    User.objects.bulk_create(User(name=f"Person {number}") for number in range(SHOWN + 5))
    UserGlobalReputation.objects.bulk_create(
        UserGlobalReputation(user=user, overall_score=Decimal(99)) for user in User.objects.filter(email=None))
    refill()
    data = board(reader)
    assert len(data["results"]) == SHOWN
    assert data["me"]["rank"] == SHOWN + 6


def test_who_hides_the_score_is_counted_but_not_shown(moderator: User) -> None:
    hiding, reader = scored("90", name="Ada"), scored("80", name="Bea")
    ReputationPrivacy.objects.create(user=hiding, show_score=False)
    ReputationPrivacy.objects.create(user=reader, show_level=False)
    refill()
    assert shown(board(reader))[0] == (2, "Bea", "80.00")
    assert board(hiding)["me"] == {"score": "90.00", "rank": 1, "people": 3}
    assert shown(board(moderator))[0] == (1, "Ada", "90.00")


def test_a_group_ranks_its_members() -> None:
    group = make_group()
    first, second = make_member(group, scored("70", name="Ada")), make_member(group, scored("60", name="Bea"))
    scored("90")
    refill()
    data = board(second, group)
    assert shown(data) == [(1, "Ada", "70.00"), (2, "Bea", "60.00")]
    assert data["me"] == {"score": "60.00", "rank": 2, "people": 2}
    assert board(first)["me"]["rank"] == 2


def test_who_is_no_active_member_in_the_groups_mode_sees_no_board() -> None:
    group, neighbors = make_group(), make_group(GroupType.NEIGHBORHOOD)
    waiting = make_member(group, make_user(), state=MemberState.PENDING)
    in_another_mode = make_member(neighbors, make_user())
    assert [status(reader, group.pk) for reader in (make_user(), waiting)] == [403, 403]
    assert status(in_another_mode, neighbors.pk) == 403
    assert status(make_member(neighbors, make_neighbor()), neighbors.pk) == 200


def test_a_moderator_sees_every_groups_board_and_has_no_place_there(moderator: User) -> None:
    group = make_group()
    make_member(group, scored("70", name="Ada"))
    refill()
    data = board(moderator, group)
    assert shown(data) == [(1, "Ada", "70.00")]
    assert data["me"] == {"score": "75.00", "rank": None, "people": 1}


@pytest.mark.parametrize("group", [uuid4(), "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_group_is_a_404(group: object, moderator: User) -> None:
    refill()
    assert [status(reader, group) for reader in (make_user(), moderator)] == [404, 404]


@pytest.mark.parametrize("parameter", ["group=", "group=1", "groups=1", "limit=5", "cursor=x"])
def test_a_wrong_parameter_is_refused(parameter: str) -> None:
    answer = client_for(make_user()).get(f"{ADDRESS}?{parameter}")
    assert answer.status_code == 400
    assert [error["attr"] for error in answer.json()["errors"]] == [parameter.partition("=")[0]]


def test_an_unverified_neighbor_sees_no_board() -> None:
    assert client_for(make_user("neighborhood")).get(ADDRESS).status_code == 403


def queries(reader: User, group: CommunityGroup | None) -> int:
    client = client_for(reader)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(ADDRESS, {"group": str(group.pk)} if group else {})
    assert answer.status_code == 200
    return len(captured)


def test_constant_queries() -> None:
    group = make_group()
    reader = make_member(group)
    for members in (1, 12):
        for _ in range(members):
            make_member(group)
        refill()
        assert queries(reader, None) == 6  # token, own row, own place, leaders, who they are, who hides
        assert queries(reader, group) == 9  # and the group, whether one is a member, and which leaders still are
