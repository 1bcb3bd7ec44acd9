"""The two roles see and do what they should, and no more."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from foodshare.models import User
from tests.admin.conftest import ROLES, apps_of, make_roles, remove_roles
from tests.admin.rows import all_admins, make_rows, some, tables_with_rows, url

pytestmark = pytest.mark.django_db
SUPPORT_SEES = {"user", "verificationrequest", "exchange", "foodpost", "building", "neighborhood", "communitygroup",
                "membership", "room", "profile", "statusupdate", "forumcategory", "forumthread", "forumpost"}
MODERATOR_SEES = SUPPORT_SEES | {"rating", "modetransitionevent", "groupactivitysummary", "userglobalreputation",
                                 "reputationevent", "conversation", "participant", "message", "relationship",
                                 "trustviolation", "groupactivity"}

OPERATOR_SEES = {"alert", "alertsilence", "procrastinatejob", "outboxevent", "logentry"}


def seen(client: Client) -> set[str]:
    return {str(found.opts.model_name) for found in all_admins()
            if client.get(url(found.model, "changelist")).status_code == 200}


def test_support_sees_what_it_must(support_client: Client) -> None:
    assert seen(support_client) == SUPPORT_SEES


def test_moderators_see_what_they_must(moderator_client: Client) -> None:
    assert seen(moderator_client) == MODERATOR_SEES


def test_operators_see_what_they_must(operator_client: Client) -> None:
    assert seen(operator_client) == OPERATOR_SEES


def test_support_may_change_nothing(support: User) -> None:
    assert {right.split(".")[1].split("_")[0] for right in support.get_all_permissions()} == {"view"}


def test_nobody_but_superusers_gives_rights_away(moderator_client: Client, support_client: Client) -> None:
    role = Group.objects.get(name="support")
    for client in (moderator_client, support_client):
        assert client.get(url(Group, "change", role.pk)).status_code == 403
        assert client.post(url(Group, "add"), {"name": "mine"}).status_code == 403


def test_sidebar_shows_what_may_be_viewed(support_client: Client) -> None:
    html = support_client.get("/admin/").content.decode()
    assert "Verification queue" in html
    assert "Outbox" not in html


def test_every_page_of_a_row_loads_for_a_moderator(moderator_client: Client) -> None:
    make_rows(2)
    for found in tables_with_rows():
        allowed = found.opts.model_name in MODERATOR_SEES
        answer = moderator_client.get(url(found.model, "change", some(found.model).pk))
        assert answer.status_code == (200 if allowed else 403)


def rights() -> dict[str, set[str]]:
    return {role.name: set(role.permissions.values_list("codename", flat=True)) for role in Group.objects.all()}


def test_migration_makes_the_roles_again_and_takes_them_away(roles: None) -> None:
    before = rights()
    with connection.schema_editor() as editor:
        remove_roles(editor)
        assert not Group.objects.exists()
        make_roles(editor)
        make_roles(editor)
    assert rights() == before


@pytest.mark.parametrize("key", list(ROLES)[1:], ids=str)
def test_rights_of_a_later_migration_are_taken_away_alone(roles: None, key: tuple[str, str]) -> None:
    before = rights()
    migration = ROLES[key]
    with connection.schema_editor() as editor:
        migration.revoke(apps_of(*key), editor)
        assert {name: len(before[name] - left) for name, left in rights().items()} == dict.fromkeys(before, 0) | {
            name: len(labels) for name, labels in migration.ROLES.items()}
        migration.grant(apps_of(*key), editor)
    assert rights() == before
