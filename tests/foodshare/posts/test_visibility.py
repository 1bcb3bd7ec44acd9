"""Neither mode sees the other's posts: every kind of viewer × every kind of post × every endpoint."""

from collections.abc import Callable

import pytest

from foodshare.models import Building, FoodPost, User
from groups.models import CommunityGroup
from tests import factories as make

pytestmark = pytest.mark.django_db
URL = "/api/v1/food-posts"


class Town:
    """One neighborhood with three buildings, another one, and groups of either mode."""

    def __init__(self) -> None:
        self.home = make.make_building()
        self.near = make.make_building(neighborhood=self.home.neighborhood)
        self.near_unverified = make.make_building(verified=False, neighborhood=self.home.neighborhood)
        self.far = make.make_building()
        self.group, self.other_group = make.make_group(), make.make_group()
        self.neighbor_group = make.make_group("neighborhood")


def neighbor(building: Building, **fields: str | None) -> User:
    return make.make_neighbor(building, **fields)


def member(group: CommunityGroup) -> User:
    return make.make_member(group)


def switched(user: User, mode: str | None, level: str) -> User:
    user.sharing_mode, user.verification_level = mode, level
    user.save()
    return user


def member_in_both(town: Town, mode: str) -> User:
    """A verified neighbour who belongs to groups of either mode, and is in `mode` now."""
    user = make.make_member(town.neighbor_group, neighbor(town.home))
    make.make_member(town.group, user)
    return switched(user, mode, "full" if mode == "neighborhood" else "light")


POSTS: dict[str, Callable[[Town], FoodPost]] = {
    "own building": lambda town: make.make_post(neighbor(town.home)),
    "near, verified": lambda town: make.make_post(neighbor(town.near)),
    "near, not verified": lambda town: make.make_post(neighbor(town.near_unverified)),
    "far": lambda town: make.make_post(neighbor(town.far)),
    "near, in a neighborhood group": lambda town: make.make_post(
        make.make_member(town.neighbor_group, neighbor(town.near)), town.neighbor_group),
    "group": lambda town: make.make_post(member(town.group), town.group),
    "other group": lambda town: make.make_post(member(town.other_group), town.other_group),
    "adopted, no group": lambda town: make.make_post(make.make_user()),
}
NEARBY = {"own building", "near, verified", "near, in a neighborhood group"}
VIEWERS: dict[str, tuple[Callable[[Town], User], set[str]]] = {
    "verified neighbor": (lambda town: neighbor(town.home), NEARBY),
    "verified neighbor of an unverified building": (
        lambda town: neighbor(town.near_unverified), NEARBY | {"near, not verified"}),
    "pending neighbor": (lambda town: make.make_user("neighborhood"), set()),
    "pending neighbor with a building": (lambda town: neighbor(town.home, verification_level="pending"), set()),
    "neighbor of light level": (lambda town: neighbor(town.home, verification_level="light"), set()),
    "adopted neighbor, no building": (lambda town: make.make_user("neighborhood", verification_level="full"), set()),
    "adopted person with no mode": (lambda town: switched(neighbor(town.home), None, "full"), set()),
    "member": (lambda town: member(town.group), {"group"}),
    "member of none": (lambda town: make.make_user(), set()),
    "member not yet approved": (lambda town: make.make_member(town.group, make.make_user(), state="pending"), set()),
    "member in both, as neighbor": (lambda town: member_in_both(town, "neighborhood"), NEARBY),
    "member in both, as member": (lambda town: member_in_both(town, "community"), {"group"}),
    "member who was a neighbor": (
        lambda town: make.make_member(town.group, switched(neighbor(town.home), "community", "light")), {"group"}),
    "neighbor again, not yet verified": (
        lambda town: switched(make.make_member(town.group, neighbor(town.home)), "neighborhood", "pending"), set()),
}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_each_person_sees_exactly_what_the_mode_allows(viewer: str) -> None:
    town = Town()
    posts = {name: make_one(town) for name, make_one in POSTS.items()}
    make_viewer, expected = VIEWERS[viewer]
    user = make_viewer(town)
    client = make.client_for(user)
    names = {str(post.pk): name for name, post in posts.items()}

    def listed(**query: str) -> set[str]:
        answer = client.get(URL, query)
        assert answer.status_code == 200
        assert answer.json()["total_count"] == len(answer.json()["results"])
        return {names[result["id"]] for result in answer.json()["results"]}

    assert listed() == expected
    assert listed(status="available") == expected
    assert listed(q="BREAD") == expected
    assert listed(category="other") == expected
    assert listed(pickup_after=make.later(hours=-1).isoformat()) == expected
    assert listed(mine="false") == expected
    assert listed(mine="true") == set()
    for group in (town.group, town.other_group, town.neighbor_group):
        assert listed(group=str(group.pk)) == {name for name in expected if posts[name].group_id == group.pk}
    for name, post in posts.items():
        seen = name in expected
        assert client.get(f"{URL}/{post.pk}").status_code == (200 if seen else 404), name
        assert client.patch(f"{URL}/{post.pk}", {"title": "x"}, format="json").status_code == (403 if seen else 404)
        assert client.delete(f"{URL}/{post.pk}").status_code == (403 if seen else 404)
        assert client.post(f"{URL}/{post.pk}/withdraw").status_code == (403 if seen else 404)
        assert client.post(f"{URL}/{post.pk}/claim").status_code == (201 if seen else 404), name
    claimed = {name for name, post in posts.items() if FoodPost.objects.get(pk=post.pk).status == "claimed"}
    assert claimed == expected


@pytest.mark.parametrize("status", ["claimed", "completed", "withdrawn", "expired"])
def test_no_status_opens_the_other_modes_posts(status: str) -> None:
    town = Town()
    for make_one in POSTS.values():
        FoodPost.objects.filter(pk=make_one(town).pk).update(status=status)
    client = make.client_for(make.make_user("neighborhood"))
    assert client.get(URL, {"status": status}).json()["results"] == []
    group_ids = {result["group"] for result in make.client_for(member(town.group)).get(
        URL, {"status": status}).json()["results"]}
    assert group_ids == {str(town.group.pk)}


def test_ones_own_posts_stay_ones_own_in_any_mode() -> None:
    group = make.make_group()
    author = make.make_member(group)
    post = make.make_post(author, group)
    client = make.client_for(switched(author, "neighborhood", "pending"))
    assert client.get(URL).json()["results"] == []
    assert [result["id"] for result in client.get(URL, {"mine": "true"}).json()["results"]] == [str(post.pk)]
    assert client.get(f"{URL}/{post.pk}").status_code == 200


def test_an_exchange_is_seen_by_its_two_sides_only_whatever_their_mode() -> None:
    exchange = make.make_exchange()
    recipient = switched(exchange.recipient, "neighborhood", "pending")
    stranger = make.make_member(exchange.food.group) if exchange.food.group else None
    address = f"/api/v1/exchanges/{exchange.pk}"
    for side in (recipient, exchange.food.author):
        assert make.client_for(side).get(address).json()["post"]["title"] == exchange.food.title
    assert make.client_for(recipient).get(f"{URL}/{exchange.food_id}").status_code == 404
    assert make.client_for(stranger).get(address).status_code == 404
    assert make.client_for(stranger).get("/api/v1/exchanges").json()["results"] == []
    for action in ("confirm", "complete", "cancel"):
        assert make.client_for(stranger).post(f"{address}/{action}").status_code == 404
    assert make.client_for(stranger).post(f"{address}/dispute", {"reason": "x"}, format="json").status_code == 404
    assert make.client_for(stranger).post(f"{address}/rate", {"stars": 5}, format="json").status_code == 404


@pytest.mark.parametrize("path", ["food-posts", "exchanges"])
def test_nothing_is_seen_without_logging_in(path: str) -> None:
    exchange = make.make_exchange()
    key = exchange.food_id if path == "food-posts" else exchange.pk
    assert make.client_for().get(f"/api/v1/{path}").status_code == 401
    assert make.client_for().get(f"/api/v1/{path}/{key}").status_code == 401
