"""Posts expire when their pickup time passes."""

import pytest
from django.db import connections, transaction

from foodshare.models import FoodPost, OutboxEvent
from foodshare.services import posts
from foodshare.tasks import expire_posts
from tests import factories as make


@pytest.mark.django_db
def test_what_nobody_claimed_in_time_expires_and_nothing_else() -> None:
    past = make.later(minutes=-1)
    due = [make.make_post(pickup_time=past) for _ in range(5)]
    others = [make.make_post(), *(make.make_post(pickup_time=past, status=status)
                                  for status in ("claimed", "completed", "withdrawn"))]
    before = {post.pk: post.status for post in others}
    assert posts.expire_posts(batch=2) == 5
    assert set(FoodPost.objects.filter(status="expired").values_list("pk", flat=True)) == {post.pk for post in due}
    assert dict(FoodPost.objects.exclude(status="expired").values_list("pk", "status")) == before
    assert list(OutboxEvent.objects.values_list("event_type", flat=True)) == ["food_expired"] * 5
    assert set(OutboxEvent.objects.values_list("user_id", flat=True)) == {post.author_id for post in due}


@pytest.mark.django_db
def test_with_nothing_due_nothing_happens() -> None:
    make.make_post()
    assert (posts.expire_posts(), OutboxEvent.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_post_that_another_transaction_holds_is_left_for_the_next_run() -> None:
    held, free = (make.make_post(pickup_time=make.later(minutes=-1)) for _ in range(2))
    with transaction.atomic(using="owner"), connections["owner"].cursor() as other:
        other.execute("SELECT 1 FROM food_posts WHERE id = %s FOR UPDATE", [held.pk])
        assert posts.expire_posts() == 1
    assert posts.expire_posts() == 1
    assert set(FoodPost.objects.filter(status="expired").values_list("pk", flat=True)) == {held.pk, free.pk}


@pytest.mark.django_db
def test_the_workers_task_expires() -> None:
    post = make.make_post(pickup_time=make.later(minutes=-1))
    assert expire_posts(timestamp=0) == 1
    post.refresh_from_db()
    assert post.status == "expired"


@pytest.mark.django_db
def test_a_post_reads_as_expired_before_the_job_has_run() -> None:
    post = make.make_post(pickup_time=make.later(minutes=-1))
    client = make.client_for(post.author)
    assert client.get(f"/api/v1/food-posts/{post.pk}").json()["status"] == "expired"
    (listed,) = client.get("/api/v1/food-posts?mine=true&status=expired").json()["results"]
    assert (listed["id"], listed["status"]) == (str(post.pk), "expired")


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_post_past_its_pickup_time_stays_before_the_job_has_run(method: str) -> None:
    post = make.make_post(pickup_time=make.later(minutes=-1))
    changes = {"pickup_time": make.later(hours=1).isoformat()}
    answer = getattr(make.client_for(post.author), method)(f"/api/v1/food-posts/{post.pk}", changes, format="json")
    assert answer.status_code == 409
    assert "expired" in answer.json()["errors"][0]["detail"]
