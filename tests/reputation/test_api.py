"""What the API shows of a person's reputation."""

from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from foodshare.models import Exchange, Rating, User
from reputation.models import UserGlobalReputation
from tests.factories import client_for, later, make_exchange, make_group, make_member, make_post, make_rating, make_user

pytestmark = pytest.mark.django_db


def reputation_of(user: User) -> dict[str, object]:
    data: dict[str, object] = client_for(make_user()).get(f"/api/v1/users/{user.pk}/reputation").json()
    return data


def received(user: User) -> Exchange:
    """A completed exchange in which `user` got food from a new person."""
    return make_exchange(make_post(), user, status="completed")


def given(user: User) -> Exchange:
    """A completed exchange in which a new person got food from `user`."""
    group = make_group()
    make_member(group, user)
    return make_exchange(make_post(user, group), status="completed")


def test_a_new_person_has_the_documents_defaults() -> None:
    user = make_user()
    data = reputation_of(user)
    assert (data["user"], data["overall_score"], data["trust_level"], data["total_food_shared"]) == (
        str(user.pk), "75.00", "developing", 0)


def test_reports_and_bookkeeping_are_not_shown() -> None:
    hidden = {"reported_incidents", "resolved_disputes", "last_stream_event_id", "stream_lag_seconds",
              "reputation_sync_status"}
    assert not hidden & set(reputation_of(make_user()))


@pytest.mark.parametrize(("exchange", "average"), [(given, "avg_food_rating"), (received, "avg_recipient_rating")])
def test_an_average_is_hidden_until_three_people_have_rated(exchange: Callable[[User], Exchange], average: str) -> None:
    user = make_user()
    UserGlobalReputation.objects.filter(user=user).update(**{average: Decimal("4.50")})
    for shown in (None, None, "4.38", "4.44"):  # (4 × 5 + the stars) / (5 + the ratings)
        done = exchange(user)
        rater = done.recipient if exchange is given else done.food.author
        make_rating(done, rater)
        make_rating(done, user, stars=1)  # one's own ratings of others do not count
        assert reputation_of(user)[average] == shown


def test_hidden_ratings_stay_out_of_an_average() -> None:
    user = make_user()
    for _ in range(3):
        make_rating(given(user), revealed_at=None)
    assert reputation_of(user)["avg_food_rating"] is None
    Rating.objects.update(revealed_at=later())
    assert reputation_of(user)["avg_food_rating"] == "4.38"


def test_three_ratings_by_one_person_are_not_enough() -> None:
    user, rater, group = make_user(), make_user(), make_group()
    UserGlobalReputation.objects.filter(user=user).update(avg_food_rating=Decimal("4.50"))
    for _ in range(3):
        make_rating(make_exchange(make_post(user, group), rater, status="completed"))
    assert reputation_of(user)["avg_food_rating"] is None


def test_whom_another_program_added_has_the_documents_defaults() -> None:
    stranger = User.objects.create(name="Adopted")
    data = reputation_of(stranger)
    assert (data["overall_score"], data["trust_level"]) == ("75.00", "developing")
    assert reputation_of(stranger) == data


def test_nobody_is_a_404() -> None:
    assert client_for(make_user()).get(f"/api/v1/users/{uuid4()}/reputation").status_code == 404


def test_it_takes_a_constant_number_of_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = make_user()
    client = client_for(make_user())
    for _ in range(4):
        make_rating(given(user))
        with django_assert_num_queries(5):  # token, who may look, row, ratings of either kind
            client.get(f"/api/v1/users/{user.pk}/reputation")
