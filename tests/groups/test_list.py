"""Finding groups by name."""

import pytest

from foodshare.models import User
from groups.models import CommunityGroup
from tests.factories import client_for, make_group, make_member, make_user

pytestmark = pytest.mark.django_db


def names(query: str = "", user: User | None = None) -> list[str]:
    answer = client_for(user or make_user()).get(f"/api/v1/groups{query}")
    assert answer.status_code == 200, answer.content
    return [group["name"] for group in answer.json()["results"]]


def test_is_in_the_order_of_names() -> None:
    for name in ("Cherry", "Apple", "Banana"):
        make_group(name=name)
    assert names() == ["Apple", "Banana", "Cherry"]


def test_pages_meet_every_group_once_though_all_have_one_name() -> None:
    expected = {str(make_group(name="Same").pk) for _ in range(7)}
    client, url, seen = client_for(make_user()), "/api/v1/groups?limit=2", []
    while url:
        page = client.get(url).json()
        seen += [group["id"] for group in page["results"]]
        url = page["next"]
    assert len(seen) == 7
    assert set(seen) == expected


def test_a_walk_back_gives_the_same_pages() -> None:
    for number in range(6):
        make_group(name=f"Group {number}")
    client = client_for(make_user())
    first = client.get("/api/v1/groups?limit=2").json()
    second = client.get(first["next"]).json()
    back = client.get(second["previous"]).json()
    assert back["results"] == first["results"]
    assert [group["name"] for group in second["results"]] == ["Group 2", "Group 3"]


def test_by_type() -> None:
    make_group("community", name="Online")
    make_group("neighborhood", name="Street")
    assert names("?type=neighborhood") == ["Street"]


def test_by_words_of_the_name_in_any_case() -> None:
    make_group(name="Brixton Community Fridge")
    make_group(name="Soup")
    for text in ("fridge", "BRIX", "frid brixton"):
        assert names(f"?q={text}") == ["Brixton Community Fridge"]
    assert names("?q=ridge") == []


def test_punctuation_only_parts_words() -> None:
    make_group(name="100 % bread (foodsharing.de)")
    make_group(name="Soup")
    assert names("?q=100%25") == names("?q=de") == ["100 % bread (foodsharing.de)"]
    assert names("?q=%25") == []


def test_by_city_in_any_case() -> None:
    make_group(name="North", city="Leipzig")
    make_group(name="South", city="Leipzig-Süd")
    assert names("?city=leipzig") == ["North"]


def test_mine_are_those_joined_or_asked_to_join() -> None:
    joined, asked, _ = make_group(name="A"), make_group(name="B"), make_group(name="C")
    user = make_member(joined)
    make_member(asked, user, state="pending")
    make_member(asked)
    assert names("?mine=true", user) == ["A", "B"]
    assert names("?mine=false", user) == ["A", "B", "C"]


def test_each_shows_the_readers_own_membership() -> None:
    joined = make_group(name="A")
    make_group(name="B")
    user = make_member(joined)
    make_member(joined)
    groups = client_for(user).get("/api/v1/groups").json()["results"]
    assert [group["membership"] for group in groups] == [{"state": "active", "role": "member"}, None]


@pytest.mark.parametrize("query", ["?type=family", "?mine=perhaps", "?kind=community", "?limit=0", "?cursor=x",
                                   f"?q={'x' * 101}"])
def test_bad_parameters_are_refused(query: str) -> None:
    assert client_for(make_user()).get(f"/api/v1/groups{query}").status_code == 400


def test_one_by_id() -> None:
    group = make_group(name="A", city="Leipzig")
    answer = client_for(make_user()).get(f"/api/v1/groups/{group.pk}").json()
    assert (answer["id"], answer["name"], answer["city"]) == (str(group.pk), "A", "Leipzig")


@pytest.mark.parametrize("key", ["00000000-0000-4000-8000-000000000000", "not-a-uuid", "1"])
def test_an_unknown_id_is_a_404(key: str) -> None:
    assert client_for(make_user()).get(f"/api/v1/groups/{key}").status_code == 404
    assert not CommunityGroup.objects.exists()
