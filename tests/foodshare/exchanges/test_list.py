"""The list of one's exchanges: roles, statuses, number of queries."""

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from foodshare.models import Exchange, FoodPost, Rating, User
from tests import factories as make

pytestmark = pytest.mark.django_db
URL = "/api/v1/exchanges"


def ids(user: User, **query: str) -> list[str]:
    answer = make.client_for(user).get(URL, query)
    assert answer.status_code == 200, answer.json()
    assert answer.json()["total_count"] == len(answer.json()["results"])
    return [result["id"] for result in answer.json()["results"]]


def test_roles_and_statuses_narrow() -> None:
    user = make.make_member(make.make_group())
    given = make.make_exchange(make.make_post(user, make.make_group()), created_at=make.later(hours=-2))
    received = make.make_exchange(recipient=user, created_at=make.later(hours=-1))
    Exchange.objects.filter(pk=given.pk).update(status="confirmed")
    make.make_exchange()
    assert ids(user) == [str(received.pk), str(given.pk)]
    assert ids(user, role="giver") == ids(user, status="confirmed") == [str(given.pk)]
    assert ids(user, role="recipient") == ids(user, status="pending") == [str(received.pk)]
    assert ids(user, role="recipient", status="confirmed") == []


@pytest.mark.parametrize(("name", "value"), [("role", "judge"), ("status", "gone"), ("mine", "true"), ("limit", "0")])
def test_a_bad_parameter_is_named(name: str, value: str) -> None:
    answer = make.client_for(make.make_user()).get(URL, {name: value})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, name)


def test_a_full_page_takes_the_queries_of_a_short_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user, client = make.make_user(), APIClient()
    client.force_authenticate(user)
    for exchanges in (1, 20):
        for _ in range(exchanges):
            exchange = make.make_exchange(recipient=user)
            Rating.objects.create(exchange=exchange, rater=user, stars=5)
        with django_assert_num_queries(3):  # the page, its ratings, the count
            assert client.get(URL).status_code == 200
    with django_assert_num_queries(2):
        assert client.get(f"{URL}/{exchange.pk}").status_code == 200


@pytest.mark.usefixtures("as_new")
def test_both_roles_are_found_by_index() -> None:
    """An OR across the two tables would read them whole."""
    post = make.make_post()
    FoodPost.objects.bulk_create(FoodPost(title="Bread", author=post.author, group=post.group, pickup_time=make.later())
                                 for _ in range(300))  # or one index of posts is as good as another
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Exchange.objects.involving(make.make_user()).explain()
    assert "exchanges_recipient_id_created_at_id_idx" in plan
    assert "food_posts_author_id_created_at_id_idx" in plan
    assert "Seq Scan" not in plan
