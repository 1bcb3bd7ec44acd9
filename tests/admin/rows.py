"""Rows of every table that the admin shows."""

from typing import Any, cast
from uuid import uuid4

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model
from django.urls import reverse

from foodshare.admin.base import PlatformAdmin
from foodshare.models import (
    Exchange,
    IdempotencyKey,
    ModeTransitionEvent,
    OutboxEvent,
    Profile,
    Rating,
    User,
)
from groups.models import ForumCategory, GroupActivity, GroupActivitySummary, RoomReadPosition
from groups.services.forum import create_thread
from ops.models import Alert, AlertSilence
from reputation.models import (
    EventStreamCheckpoint,
    ReputationEvent,
    ReputationPrivacy,
    ReputationRanking,
    TrustViolation,
)
from tests.factories import (
    later,
    make_conversation,
    make_exchange,
    make_group,
    make_member,
    make_message,
    make_neighbor,
    make_post,
    make_room,
    make_user,
    make_verification_request,
    token_for,
)


def all_admins() -> list[PlatformAdmin]:
    """Every admin that is registered."""
    return [cast(PlatformAdmin, found) for found in admin.site._registry.values()]


def name_of(model_admin: PlatformAdmin) -> str:
    return str(model_admin.opts.label_lower)


def tables_with_rows() -> list[PlatformAdmin]:
    """All but the materialized view, which the owner fills from what is committed."""
    return [found for found in all_admins() if found.model is not GroupActivitySummary]


def url(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def make_rows(number: int) -> None:
    """`number` more rows in every table, each with people and places of its own."""
    for index in range(number):
        make_row(index)
        EventStreamCheckpoint.objects.create(consumer_group="reputation", stream_name=f"events:{index}-{number}",
                                             last_processed_id="0-1")
        Group.objects.create(name=f"Role {index} of {number}")


def make_row(index: int) -> None:
    group = make_group(admin_user=make_user(), city="Utrecht")
    author = make_member(group)
    exchange: Exchange = make_exchange(make_post(author, group), status="completed")
    make_exchange(make_post(make_neighbor()), status="disputed", dispute_reason="It was not there.")
    make_post(make_neighbor())
    make_verification_request()
    Profile.objects.create(user=author, location_city="Utrecht")
    author.relationships.create(to_user=exchange.recipient, type="FRIEND", status="PENDING")
    author.status_updates.create(group=group, content="Three loaves left")
    Rating.objects.create(exchange=exchange, rater=author, stars=5)
    ReputationEvent.objects.create(user=author, group=group, event_type="food_shared", impact_score=2,
                                   previous_score=75, new_score=77)
    TrustViolation.objects.create(id=uuid4(), kind="rating_ring", user=author, created_at=later(),
                                  details={"people": [str(author.pk)], "exchanges": [str(exchange.pk)]})
    GroupActivity.objects.create(id=uuid4(), group=group, user=author, event_type="group_joined", details={"n": index},
                                 created_at=later(), processed_at=later())
    ReputationPrivacy.objects.create(user=author, show_score=False)
    ReputationRanking.objects.create(scope=group.pk, people=1, as_of=later())
    ModeTransitionEvent.objects.create(user=author, from_mode="neighborhood", to_mode="community")
    OutboxEvent.objects.create(user=author, topic="reputation.events", event_type="food_shared", payload={"n": index})
    IdempotencyKey.objects.create(user=author, key=f"key-{index}", request_hash="0" * 64)
    room = make_room(group)
    RoomReadPosition.objects.create(room=room, user=author, last_read=make_message(room, author).pk)
    make_message(make_conversation(author, make_user()), author)
    create_thread(author, ForumCategory.objects.get(slug="testrecipes"), f"Bread {index}", "How?")
    token_for(author)
    log(author)
    make_job()
    Alert.objects.create(rule="CacheDown", subject=author.name, severity="critical", summary="It is away.",
                         fired_at=later(), acknowledged_by=author)
    AlertSilence.objects.create(rule="CacheDown", reason="moving", ends_at=later(hours=1), created_by=author)


def log(person: User) -> None:
    LogEntry.objects.create(user=person, object_id=str(person.pk), object_repr=person.name, action_flag=CHANGE)


def make_job() -> None:
    """A job as the worker's own function stores one; the model is read-only."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', 'tidy', '{}')")


def some(model: type[Model]) -> Any:
    return model._default_manager.first()

