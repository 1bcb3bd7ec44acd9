"""What a group's admins change of it."""

from typing import Any

import pytest

from groups.models import CommunityGroup
from tests.factories import client_for, make_group, make_member, make_user

pytestmark = pytest.mark.django_db
CHANGES = {"name": "Night bakers", "description": "After ten", "claim_minutes_trusted": 2, "claim_minutes_others": 5,
           "claim_minutes_concerning": 30}


def patch(user: Any, group: CommunityGroup, **body: Any) -> Any:
    return client_for(user).patch(f"/api/v1/groups/{group.pk}", body, format="json")


def test_an_admin_changes_it() -> None:
    group = make_group()
    answer = patch(make_member(group, role="admin"), group, **CHANGES)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in CHANGES} == CHANGES
    assert CommunityGroup.objects.filter(pk=group.pk, **CHANGES).exists()


def test_what_is_not_named_stays() -> None:
    group = make_group(description="Day-old bread", claim_minutes_concerning=5)
    admin = make_member(group, role="admin")
    assert patch(admin, group).status_code == patch(admin, group, name="Bakers").status_code == 200
    assert CommunityGroup.objects.filter(name="Bakers", description="Day-old bread",
                                         claim_minutes_concerning=5).exists()


def test_by_others_it_is_refused() -> None:
    group = make_group()
    for user in (make_member(group), make_member(group, role="admin", state="pending"), make_user()):
        assert patch(user, group, name="Mine").status_code == 403
    assert not CommunityGroup.objects.filter(name="Mine").exists()


def test_everybody_reads_the_delays() -> None:
    group = make_group(claim_minutes_others=5, claim_minutes_concerning=9)
    read = client_for(make_user()).get(f"/api/v1/groups/{group.pk}").json()
    assert [read[name] for name in CHANGES if name.startswith("claim")] == [0, 5, 9]


@pytest.mark.parametrize(("name", "value"), [
    ("claim_minutes_others", -1), ("claim_minutes_others", 1441), ("claim_minutes_others", "soon"),
    ("claim_minutes_others", None), ("name", " "), ("group_type", "community"), ("member_count", 5),
])
def test_a_bad_value_or_field_is_a_400_that_names_it(name: str, value: Any) -> None:
    group = make_group()
    answer = patch(make_member(group, role="admin"), group, **{name: value})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, name)


@pytest.mark.parametrize(("delays", "named"), [
    ({"claim_minutes_trusted": 6}, "claim_minutes_trusted"), ({"claim_minutes_others": 1}, "claim_minutes_others"),
    ({"claim_minutes_others": 31}, "claim_minutes_others"),
    ({"claim_minutes_concerning": 4}, "claim_minutes_concerning"),
    ({"claim_minutes_trusted": 9, "claim_minutes_others": 8}, "claim_minutes_trusted"),
])
def test_whoever_is_trusted_more_never_waits_longer(delays: dict[str, int], named: str) -> None:
    before: dict[str, Any] = {name: value for name, value in CHANGES.items() if name.startswith("claim")}
    group = make_group(**before)
    answer = patch(make_member(group, role="admin"), group, **delays)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, named)
    assert CommunityGroup.objects.filter(pk=group.pk, **before).exists()


def test_of_an_unknown_group_is_a_404() -> None:
    group = make_group()
    admin = make_member(group, role="admin")
    CommunityGroup.objects.filter(pk=group.pk).delete()
    assert patch(admin, group, name="Bakers").status_code == 404
