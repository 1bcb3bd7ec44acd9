"""profiles?…: finding people by words of their names, by city, interests and roles."""

import json
from typing import Any

import pytest
from django.db import connection, connections
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from foodshare import queries
from foodshare.api.profiles import PersonFilter
from foodshare.db.search import with_words
from foodshare.models import Profile, Relationship, User
from tests.factories import client_for, make_user
from tests.groups.partitions.tools import plan_of
from tests.plans import vacuum_by

URL = "/api/v1/profiles"
rolled_back = pytest.mark.django_db


def found(reader: User | None = None, **query: str) -> list[str]:
    answer = client_for(reader or make_user(name="Reader")).get(URL, query)
    assert answer.status_code == 200, answer.content
    return [person["name"] for person in answer.json()["results"]]


def make_person(name: str, **told: Any) -> User:
    person = make_user(name=name)
    Profile.objects.create(user=person, **told)
    return person


@rolled_back
@pytest.mark.parametrize("text", ["Ada", "lovelace", "LOVE", "l'enf", "love ada", "ada-l", "(ada)", "12", "ADA & l:*"])
def test_by_beginnings_of_words_in_any_case(text: str) -> None:
    make_user(name="Ada L'enfant-Lovelace (12a)")
    make_user(name="Ben Love")
    assert "Ada L'enfant-Lovelace (12a)" in found(q=text)


@rolled_back
@pytest.mark.parametrize("text", ["ove", "ada ben", "adam", "%", "!", "🥖", "_"])
def test_nothing_else_is_found(text: str) -> None:
    make_user(name="Ada Lovelace")
    assert found(q=text) == []


@rolled_back
@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=30))
def test_any_text_is_a_search(text: str) -> None:
    assert not with_words(User.objects.filter(is_superuser=True), "name", text).exists()


@rolled_back
def test_by_city_interest_and_role() -> None:
    make_person("Ada", location_city="Ghent", interests=["bread", "bikes"], roles=["driver"])
    make_person("Ben", location_city="Ghent", interests=["bread"])
    make_person("Cem", location_city="Bruges", interests=["breadth"], roles=["driver"])
    assert found(city="Ghent") == ["Ada", "Ben"]
    assert found(interest="Bread") == ["Ada", "Ben"]
    assert found(role="driver") == ["Ada", "Cem"]
    assert found(role="driver", city="Ghent", interest="bikes", q="a") == ["Ada"]


@rolled_back
def test_without_any_condition_nobody_is_listed() -> None:
    answer = client_for(make_user()).get(URL, {"q": ""})
    assert (answer.status_code, "at least one" in answer.json()["errors"][0]["detail"]) == (400, True)


@rolled_back
@pytest.mark.parametrize("query", [{"name": "x"}, {"q": "x" * 101}, {"q": "x", "cursor": "x"}, {"city": "a\0"}])
def test_bad_parameters_are_refused(query: dict[str, str]) -> None:
    assert client_for(make_user()).get(URL, query).status_code == 400


@rolled_back
def test_an_unverified_neighbor_searches_for_nobody() -> None:
    assert client_for(make_user("neighborhood")).get(URL, {"q": "Ada"}).status_code == 403


@rolled_back
def test_the_suspended_and_the_blocked_either_way_are_left_out() -> None:
    reader = make_user(name="Reader")
    make_user(name="Ada gone", is_active=False)
    for name, pair in (("Ada blocked", 1), ("Ada blocking", -1)):
        one, other = [reader, make_user(name=name)][::pair]
        Relationship.objects.create(from_user=one, to_user=other, type="BLOCK", status="ACCEPTED")
    follower = make_user(name="Ada")
    Relationship.objects.create(from_user=follower, to_user=reader, type="FOLLOW", status="ACCEPTED")
    assert found(reader, q="ada") == ["Ada"]


@rolled_back
def test_pages_by_name_meet_each_once_by_a_fixed_number_of_queries(
        django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ids = {str(make_person(f"Ada {number % 3}", interests=["bread"]).pk) for number in range(7)}
    client, link, seen = client_for(make_user()), f"{URL}?q=ada&limit=3", []
    while link:
        with django_assert_num_queries(3):  # the token, the page and the count
            page = client.get(link).json()
        seen += [(person["name"], person["id"]) for person in page["results"]]
        link = page["next"]
    assert seen == sorted(seen)
    assert {key for _, key in seen} == ids


FILL = """
    INSERT INTO users (name)
    SELECT (ARRAY['Ada', 'Ben', 'Cem', 'Dia'])[1 + n % 4] || ' ' || md5(n::text) FROM generate_series(1, 10000) n;
    INSERT INTO profiles (id, location_city, interests, roles)
    SELECT id, 'City ' || n % 500, jsonb_build_array('interest ' || n % 400), jsonb_build_array('role ' || n % 300)
    FROM (SELECT id, row_number() OVER (ORDER BY name) AS n FROM users WHERE email IS NULL) numbered;
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_each_search_is_served_by_its_index() -> None:
    reader = make_user()
    with connections["owner"].cursor() as cursor:
        cursor.execute(FILL)
        vacuum_by(cursor, "users", "profiles", "relationships")
        cursor.execute("SELECT name FROM users WHERE name LIKE 'Ada %' LIMIT 1")
        ((rare,),) = cursor.fetchall()
    searches = {"users_name_search_idx": {"q": rare[4:9]}, "idx_profiles_location": {"city": "City 7"},
                "idx_profiles_interests": {"interest": "interest 7"}, "idx_profiles_roles": {"role": "role 7"},
                "users_name_id_idx": {"q": "ada"}}
    for index, query in searches.items():
        filtered = PersonFilter(query, queries.people_found_by(reader)).qs
        page = filtered.order_by("name", "id")[:21]
        assert index in json.dumps(plan_of(page)), (query, plan_of(page))
        assert buffers(page) < 500, query


def buffers(page: Any) -> int:
    """How many 8 kB pages reading `page` touches."""
    ((explained,),) = [json.loads(page.explain(format="json", analyze=True, buffers=True))]
    return int(explained["Plan"]["Shared Hit Blocks"] + explained["Plan"]["Shared Read Blocks"])


@pytest.mark.usefixtures("as_new")
@rolled_back
def test_the_index_is_the_searchs_own_expression() -> None:
    """With scans forbidden, whatever is not the index's expression could only be scanned all the same."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = json.dumps(plan_of(with_words(User.objects.order_by(), "name", "ada")))
    assert "users_name_search_idx" in plan


@rolled_back
def test_who_is_found_by_what_they_tell_is_counted_as_far_as_known() -> None:
    for name in ("Ada", "Ben", "Cem"):
        make_person(name, location_city="Ghent")
    make_person("Dora", location_city="Bruges")
    client = client_for(make_user())
    page = client.get(f"{URL}?city=Ghent&limit=2").json()
    assert (page["total_count"], page["total_count_is_exact"], page["has_next"]) == (3, False, True)
    whole = client.get(URL, {"city": "Ghent"}).json()
    assert (whole["total_count"], whole["total_count_is_exact"]) == (3, True)
