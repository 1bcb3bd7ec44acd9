"""In a group that wants it so, a fresh post opens for claims to trusted people first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from foodshare.models import Exchange, FoodPost, User
from groups.models import CommunityGroup
from reputation.models import UserGlobalReputation
from reputation.privileges import opens_at
from tests.factories import client_for, later, make_group, make_member, make_neighbor, make_post

pytestmark = pytest.mark.django_db
DELAYS: dict[str, Any] = {"claim_minutes_trusted": 2, "claim_minutes_others": 5, "claim_minutes_concerning": 30}
WAITS = {"exemplary": 0, "trusted": 2, "established": 5, "developing": 5, "concerning": 30}


def post_of(minutes_old: float, **delays: Any) -> FoodPost:
    return make_post(group=make_group(**delays or DELAYS), created_at=later(minutes=-minutes_old))


def member(post: FoodPost, level: str | None) -> User:
    assert post.group is not None
    user = make_member(post.group)
    UserGlobalReputation.objects.filter(user=user).update(trust_level=level)
    return user


def is_open(minutes_old: float, level: str | None) -> bool:
    post = post_of(minutes_old)
    return opens_at(post, member(post, level)) is None


def claim(user: User, post: FoodPost) -> Any:
    return client_for(user).post(f"/api/v1/food-posts/{post.pk}/claim")


def shown(user: User, post: FoodPost) -> Any:
    return client_for(user).get(f"/api/v1/food-posts/{post.pk}").json()["claims_open_at"]


@pytest.mark.parametrize(("level", "minutes"), WAITS.items())
def test_each_level_waits_its_time(level: str, minutes: int) -> None:
    assert is_open(minutes + 0.1, level)
    assert not minutes or not is_open(minutes - 0.1, level)


def test_by_default_nobody_waits() -> None:
    post = post_of(0, claim_minutes_trusted=0)
    assert opens_at(post, member(post, "concerning")) is None


def test_each_delay_is_off_by_itself() -> None:
    post = post_of(0, claim_minutes_concerning=30)
    assert opens_at(post, member(post, "developing")) is None
    assert opens_at(post, member(post, "concerning")) is not None


@pytest.mark.parametrize("level", [None, "unheard of"])
def test_without_a_known_level_one_waits_as_others_do(level: str | None) -> None:
    assert not is_open(3, level)
    assert is_open(6, level)


def test_whom_another_program_added_counts_as_developing() -> None:
    post = post_of(3)
    user = member(post, "exemplary")
    UserGlobalReputation.objects.filter(user=user).delete()
    assert opens_at(post, user) is not None


def test_it_opens_at_a_whole_second_never_too_early() -> None:
    created = datetime.now(UTC).replace(microsecond=1)
    post = make_post(group=make_group(**DELAYS), created_at=created)
    opening = created.replace(microsecond=0) + timedelta(minutes=5, seconds=1)
    assert opens_at(post, member(post, "developing")) == opening


def test_neighbors_posts_wait_only_in_a_group_that_wants_it() -> None:
    neighbor, home = make_neighbor(), make_neighbor()
    assert opens_at(make_post(home), neighbor) is None
    assert opens_at(make_post(home, make_group("neighborhood", **DELAYS)), neighbor) is not None


def test_a_claim_too_early_is_told_from_when() -> None:
    post = post_of(1)
    user = member(post, "developing")
    answer = claim(user, post)
    opening = shown(user, post)
    assert answer.status_code == 409
    assert answer.json() == {"type": "client_error", "errors": [
        {"code": "conflict", "detail": f"The post opens for you at {opening}.", "attr": None}]}
    rounded = datetime.fromisoformat(opening) - post.created_at - timedelta(minutes=5)
    assert timedelta() <= rounded < timedelta(seconds=1)


def test_after_it_the_post_is_as_available_as_before() -> None:
    post = post_of(3)
    assert claim(member(post, "developing"), post).status_code == 409
    assert (FoodPost.objects.get().status, Exchange.objects.count()) == ("available", 0)
    assert claim(member(post, "trusted"), post).status_code == 201


def test_whoever_cannot_see_the_post_learns_nothing() -> None:
    post = post_of(1)
    assert claim(make_member(make_group()), post).status_code == 404


@pytest.mark.parametrize(("fields", "reason"), [
    ({"status": "claimed"}, "is claimed"), ({"pickup_time": later(minutes=-1)}, "pickup time")])
def test_a_post_that_nobody_can_claim_says_so_first(fields: dict[str, Any], reason: str) -> None:
    post = post_of(1)
    FoodPost.objects.filter(pk=post.pk).update(**fields)
    assert reason in claim(member(post, "developing"), post).json()["errors"][0]["detail"]


def test_a_post_says_from_when_its_reader_may_claim_it() -> None:
    post = post_of(1)
    assert shown(member(post, "exemplary"), post) is None
    assert shown(post.author, post) is None
    assert shown(member(post, "trusted"), post) < shown(member(post, "concerning"), post)


def test_lists_do_not_say_it() -> None:
    post = post_of(1)
    (listed,) = client_for(member(post, "trusted")).get("/api/v1/food-posts").json()["results"]
    assert "claims_open_at" not in listed


def test_it_takes_one_query_more(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    post = post_of(1)
    user = member(post, "trusted")
    with transaction.atomic(), django_assert_num_queries(1):
        opens_at(post, user)
    client = client_for(user)
    with django_assert_num_queries(3):  # the token, the post, when it opens
        client.get(f"/api/v1/food-posts/{post.pk}")


def test_the_database_refuses_what_is_no_delay() -> None:
    for minutes in (-1, 1441):
        with pytest.raises(Exception, match="community_groups_claim_minutes_check"), transaction.atomic():
            CommunityGroup.objects.create(name="Bakers", group_type="community",
                                          **dict.fromkeys(DELAYS, minutes))


@pytest.mark.parametrize("delays", [{"claim_minutes_trusted": 1}, {"claim_minutes_others": 1}])
def test_the_database_refuses_delays_that_favour_who_is_trusted_less(delays: dict[str, int]) -> None:
    with pytest.raises(Exception, match="community_groups_claim_ladder_check"), transaction.atomic():
        CommunityGroup.objects.create(name="Bakers", group_type="community", **delays)
