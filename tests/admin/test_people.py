"""Moderators suspend people and give adopted ones a log-in; nobody gains rights through the form."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from knox.models import AuthToken

from foodshare.models import User, UserActivity
from tests.admin.acting import decide, told
from tests.admin.conftest import logged_in
from tests.admin.rows import url
from tests.factories import PASSWORD, client_for, make_user

pytestmark = pytest.mark.django_db
NEW = "a long new passphrase 7"


def adopted() -> User:
    """A person of an adopted database: no e-mail, no password."""
    return User.objects.create(name="Ada", password="!")


def password_page(person: User) -> str:
    return f"/admin/foodshare/user/{person.pk}/password/"


def set_password(client: Client, person: User) -> int:
    fields = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    return client.post(password_page(person), fields).status_code


def test_suspending_shuts_a_person_out(moderator_client: Client) -> None:
    person = make_user()
    api = client_for(person)
    assert api.get("/api/v1/me").status_code == 200
    assert told(decide(moderator_client, "suspend", person)) == ["1 suspended."]
    assert not User.objects.get(pk=person.pk).is_active
    assert not AuthToken.objects.filter(user=person).exists()
    assert api.get("/api/v1/me").status_code == 401


def test_when_a_person_was_last_seen_is_told(moderator_client: Client) -> None:
    person = make_user()
    assert b"never" in moderator_client.get(url(User, "change", person.pk)).content
    UserActivity.objects.create(user=person, last_seen_at=datetime(2026, 11, 3, 9, 30, tzinfo=UTC))
    assert b"2026-11-03 09:30 UTC" in moderator_client.get(url(User, "change", person.pk)).content


def test_suspended_person_is_let_in_again(moderator_client: Client) -> None:
    person = make_user(is_active=False)
    listed = moderator_client.get(url(User, "changelist"), {"standing": "suspended"}).context["cl"].result_list
    assert list(listed) == [person]
    decide(moderator_client, "reactivate", person)
    assert User.objects.get(pk=person.pk).is_active
    assert "not suspended" in told(decide(moderator_client, "reactivate", person))[-1]


def test_moderator_suspends_neither_staff_nor_themselves(moderator_client: Client, moderator: User,
                                                         superuser: User) -> None:
    assert len(told(decide(moderator_client, "suspend", superuser, moderator))) == 2
    assert User.objects.filter(pk__in=[superuser.pk, moderator.pk], is_active=True).count() == 2


def test_a_token_is_revoked_by_itself(superuser_client: Client) -> None:
    person = make_user()
    lost = client_for(person)
    token = AuthToken.objects.get()
    other = client_for(person)
    assert told(decide(superuser_client, "revoke", token)) == ["1 revoked."]
    assert (lost.get("/api/v1/me").status_code, other.get("/api/v1/me").status_code) == (401, 200)


def test_tokens_of_staff_are_revoked_by_superusers_alone(moderator_client: Client, moderator: User,
                                                         superuser: User) -> None:
    api = client_for(superuser)
    moderator.user_permissions.add(Permission.objects.get(codename="change_authtoken"))
    assert "Only a superuser" in told(decide(moderator_client, "revoke", AuthToken.objects.get()))[-1]
    assert api.get("/api/v1/me").status_code == 200


def test_superuser_suspends_staff(superuser_client: Client, moderator: User) -> None:
    decide(superuser_client, "suspend", moderator)
    assert not User.objects.get(pk=moderator.pk).is_active


def test_moderator_gives_an_adopted_person_a_log_in(moderator_client: Client) -> None:
    person = adopted()
    moderator_client.post(url(User, "change", person.pk), {"name": "Ada", "email": "Ada@Example.org"})
    assert set_password(moderator_client, person) == 302
    person.refresh_from_db()
    assert person.email == "ada@example.org"
    assert person.check_password(NEW)


def test_email_of_another_is_refused_by_the_form(moderator_client: Client) -> None:
    person, other = adopted(), make_user()
    answer = moderator_client.post(url(User, "change", person.pk), {"name": "Ada", "email": str(other.email).upper()})
    assert "already exists" in answer.content.decode()
    assert User.objects.get(pk=person.pk).email is None


def test_moderator_does_not_change_a_log_in_that_is_set(moderator_client: Client) -> None:
    person = make_user()
    assert set_password(moderator_client, person) == 403
    moderator_client.post(url(User, "change", person.pk), {"name": "New name", "email": "mine@example.org"})
    changed = User.objects.get(pk=person.pk)
    assert (changed.name, changed.email, changed.password) == ("New name", person.email, person.password)


def test_superuser_changes_any_log_in(superuser_client: Client, moderator: User) -> None:
    assert superuser_client.get(password_page(moderator)).status_code == 200
    assert set_password(superuser_client, moderator) == 302
    assert User.objects.get(pk=moderator.pk).check_password(NEW)


def test_no_rights_are_gained_through_the_form(moderator_client: Client) -> None:
    person = make_user()
    moderator_client.post(url(User, "change", person.pk), {
        "name": person.name, "is_staff": "on", "is_superuser": "on", "groups": str(Group.objects.all()[0].pk),
        "user_permissions": str(Permission.objects.all()[0].pk), "verification_level": "full", "is_active": ""})
    changed = User.objects.get(pk=person.pk)
    assert (changed.is_staff, changed.is_superuser, changed.is_active) == (False, False, True)
    assert not changed.groups.exists()
    assert not changed.user_permissions.exists()
    assert changed.verification_level == person.verification_level


def test_moderator_changes_no_staff_themselves_included(moderator_client: Client, moderator: User, superuser: User,
                                                        support: User) -> None:
    for person in (moderator, superuser, support):
        assert moderator_client.get(url(User, "change", person.pk)).status_code == 200
        answer = moderator_client.post(url(User, "change", person.pk), {"name": "x", "is_superuser": "on"})
        assert answer.status_code == 403
        assert set_password(moderator_client, person) == 403
    assert User.objects.filter(is_superuser=True).count() == 1


def test_superuser_makes_a_moderator(superuser_client: Client, roles: None) -> None:
    person, role = make_user(), Group.objects.get(name="moderator")
    superuser_client.post(url(User, "change", person.pk), {
        "name": person.name, "email": str(person.email), "is_staff": "on", "groups": str(role.pk)})
    assert list(User.objects.get(pk=person.pk).groups.all()) == [role]
    assert User.objects.get(pk=person.pk).has_perm("foodshare.change_verificationrequest")


def test_no_hash_of_a_password_is_shown(superuser_client: Client) -> None:
    person = make_user()
    for address in (url(User, "change", person.pk), password_page(person)):
        html = superuser_client.get(address).content.decode()
        assert person.password not in html
        assert "argon2" not in html


def test_support_sees_people_and_changes_nothing(support_client: Client) -> None:
    person = adopted()
    assert support_client.get(url(User, "change", person.pk)).status_code == 200
    assert support_client.post(url(User, "change", person.pk), {"name": "x"}).status_code == 403
    assert set_password(support_client, person) == 403
    assert support_client.post(f"/admin/foodshare/user/{person.pk}/suspend/", {"_confirmed": "1"}).status_code == 403
    decide(support_client, "suspend", person)
    assert User.objects.get(pk=person.pk).is_active


def test_moderator_is_offered_what_they_may_do(moderator_client: Client, superuser: User) -> None:
    pages = {name: moderator_client.get(url(User, "change", person.pk)).content.decode()
             for name, person in {"adopted": adopted(), "plain": make_user(), "staff": superuser}.items()}
    assert {name: ("/suspend/" in html, "/set-password/" in html) for name, html in pages.items()} == {
        "adopted": (True, True), "plain": (True, False), "staff": (False, False)}


def test_log_in_leads_to_the_first_page(superuser: User) -> None:
    answer = Client().post("/admin/login/", {"username": superuser.email, "password": PASSWORD})
    assert answer["Location"] == "/admin/"


def test_plain_person_cannot_enter() -> None:
    client = logged_in(make_user())
    for address in ("/admin/", url(User, "changelist"), "/admin/reputation/reputationevent/checkpoints/"):
        answer = client.get(address)
        assert answer.status_code == 302
        assert "/admin/login/" in answer["Location"]
