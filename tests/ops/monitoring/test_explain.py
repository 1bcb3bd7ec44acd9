"""`manage.py explain`: the statements of an endpoint or a named query, in words."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from foodshare.models import Exchange, FoodPost
from groups.models import CommunityGroup
from ops.monitoring.explain.capture import explained
from ops.monitoring.explain.subjects import CALLS, names
from ops.monitoring.explain.words import reading
from ops.monitoring.fingerprint import fingerprint
from tests.factories import later, make_group, make_member, make_post
from tests.ops.doctor.tools import embedded_only

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def group() -> CommunityGroup:
    group = make_group()
    make_post(author=make_member(group), group=group)
    return group


def told(*arguments: str) -> Any:
    out = StringIO()
    call_command("explain", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_statements_of_a_read_are_measured(group: CommunityGroup) -> None:
    person = make_member(group)
    found = told("GET /api/v1/food-posts", "--as", str(person.email))
    assert (found["status"], found["person"]) == (200, person.email)
    tables = {table for each in found["statements"] for table in each["tables"]}
    assert {"food_posts", "users"} <= tables
    assert all(each["analyzed"] and each["pages"] is not None for each in found["statements"])
    assert max(each["rows"] for each in found["statements"]) >= 1
    assert any("food_posts" in line for each in found["statements"] for line in each["plan"])


def test_a_write_is_planned_and_taken_back(group: CommunityGroup) -> None:
    person, post = make_member(group), FoodPost.objects.get()
    found = told(f"POST /api/v1/food-posts/{post.pk}/claim", "--as", str(person.email))
    assert found["status"] == 201
    written = [each for each in found["statements"] if each["statement"].startswith(("INSERT", "UPDATE"))]
    assert written
    assert not any(each["analyzed"] for each in written)
    assert not Exchange.objects.exists()
    post.refresh_from_db()
    assert post.status == "available"


def test_a_refusal_is_said_to_be_one(group: CommunityGroup) -> None:
    out = StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("explain", "POST /api/v1/food-posts", stdout=out)
    assert "answered 400" in out.getvalue()
    assert "WARNING  it was refused" in out.getvalue()


def test_nobody_is_held_back_for_it(group: CommunityGroup, settings: Settings) -> None:
    settings.POSTING_RATES = settings.POSTING_RATES | {"posts": "1/day"}
    asked = ("POST /api/v1/status-updates", "--as", str(make_member(group).email), "--data", '{"content": "Hello"}')
    assert [told(*asked)["status"] for _ in range(3)] == [201] * 3


def test_placeholders_are_filled(group: CommunityGroup) -> None:
    assert told("/api/v1/groups/<pk>")["subject"] == f"GET /api/v1/groups/{group.pk}"


def test_data_is_sent(group: CommunityGroup) -> None:
    body = json.dumps({"title": "Bread", "group": str(group.pk), "pickup_time": later(hours=3).isoformat()})
    assert told("POST /api/v1/food-posts", "--data", body)["status"] == 201
    assert FoodPost.objects.count() == 1


@pytest.mark.parametrize("name", ["groups/leaderboard", "groups/feed_walk", "reputation/mutual_raters",
                                  "foodshare/outbox_unpublished"])
def test_a_named_query_is_found_among_what_its_call_runs(name: str, group: CommunityGroup) -> None:
    assert len(told(name)["statements"]) == 1


@embedded_only
def test_a_fingerprint_is_planned_for_whatever_values(group: CommunityGroup) -> None:
    with CaptureQueriesContext(connections["default"]) as ran:
        list(FoodPost.objects.filter(group=group, title="Bread").order_by("-created_at")[:7])
    key = fingerprint(ran.captured_queries[0]["sql"])
    found = told(key)
    [statement] = found["statements"]
    assert (found["subject"], statement["fingerprint"], statement["analyzed"]) == (key, key, False)
    assert statement["tables"] == ["food_posts"]
    assert any("food_posts" in line for line in statement["plan"])


@embedded_only
def test_what_cannot_be_planned_without_values_is_named() -> None:
    statement = "SELECT interval '3 days' AS planted"
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)
    with pytest.raises(CommandError, match="cannot be planned without its values") as refusal:
        call_command("explain", fingerprint(statement))
    assert refusal.value.returncode == 2


def test_each_call_is_of_a_query_that_has_a_file() -> None:
    assert set(CALLS) <= names()


def test_only_plans_are_made_where_that_is_asked_for(group: CommunityGroup) -> None:
    found = told("GET /api/v1/food-posts", "--no-analyze")
    assert {each["analyzed"] for each in found["statements"]} == {False}


def test_in_words(group: CommunityGroup) -> None:
    out = StringIO()
    call_command("explain", "groups/leaderboard", stdout=out)
    assert "sorts by ranked.place, in memory" in out.getvalue()
    assert "expected" in out.getvalue()


@pytest.mark.parametrize(("arguments", "message"), [
    (["no-such"], "is neither an endpoint"),
    (["BREW /healthz"], "is neither an endpoint"),
    pytest.param(["0123456789abcdef"], "the server keeps no statement of the fingerprint 0123456789abcdef",
                 marks=embedded_only),
    (["/api/v1/no-such"], "no endpoint has the address /api/v1/no-such"),
    (["/api/v1/me/<what>"], "put an id in the place of <what>"),
    (["/api/v1/exchanges/<pk>"], "there is no row of exchanges"),
    (["groups/standings"], "has no representative call"),
    (["/api/v1/me", "--as", "nobody@example.org"], "nobody with the address nobody@example.org"),
    (["POST /api/v1/food-posts", "--data", "{"], "--data is no JSON"),
])
def test_what_cannot_be_explained_is_named(arguments: list[str], message: str, group: CommunityGroup) -> None:
    with pytest.raises(CommandError, match=message) as refusal:
        call_command("explain", *arguments)
    assert refusal.value.returncode == 2


def test_without_people_it_says_what_to_do() -> None:
    with pytest.raises(CommandError, match="seed_data"):
        call_command("explain", "/api/v1/me")


def test_much_read_for_little_is_a_warning() -> None:
    connection = connections["owner"]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE planted AS SELECT n, repeat('x', 500) AS filling FROM generate_series(1, 20000) n")
        cursor.execute("ANALYZE planted")
    found = reading(explained(connection.connection, "SELECT n FROM planted WHERE n = %s", [5], analyze=True).plan)
    assert found.tables == ["planted"]
    assert [warning for warning in found.warnings if "pages" in warning and "for 1 row" in warning]
    assert [warning for warning in found.warnings if "19,999 rows are read and passed over" in warning]


def test_partitions_are_counted_once_each() -> None:
    bounded = "SELECT id FROM messages WHERE created_at > %s AND created_at < %s"
    now = later(days=0).replace(tzinfo=None)
    plan = explained(connections["owner"].connection, bounded, [now, now], analyze=True).plan
    assert reading(plan).partitions <= 1
    plan = explained(connections["owner"].connection, "SELECT id FROM messages", None, analyze=True).plan
    assert reading(plan).partitions > 1
    assert reading(plan).tables == ["messages"]
    assert [step.text for step in reading(plan).steps if "partitions of messages" in step.text]
