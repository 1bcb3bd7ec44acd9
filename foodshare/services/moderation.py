"""Shutting a person out of the platform, and letting them in again."""

from django.db import transaction
from knox.models import AuthToken

from foodshare.cache import writers
from foodshare.cache.keys import PROFILE
from foodshare.cache.through import write_through
from foodshare.exceptions import Conflict, Forbidden
from foodshare.models import User
from foodshare.services.accounts import access_changed, revoke_tokens


@transaction.atomic
def suspend(person: User, moderator: User) -> None:
    """Let the person in nowhere from now on: the account is inactive and its tokens are gone.

    Raises Forbidden for oneself, and for staff unless a superuser does it; Conflict if already suspended.
    """
    set_active(person, moderator, active=False)
    revoke_tokens(person)


@transaction.atomic
def reactivate(person: User, moderator: User) -> None:
    """Let a suspended person in again. Raises as `suspend` does; Conflict if not suspended."""
    set_active(person, moderator, active=True)


@transaction.atomic
def revoke(token: AuthToken, moderator: User) -> None:
    """Let nobody in with this token any more. Raises Forbidden for a token of staff unless a superuser does it."""
    refuse_staff(token.user, moderator, "revoke tokens of")
    AuthToken.objects.filter(pk=token.pk).delete()
    writers.note_on_commit(token.user_id)


def refuse_staff(person: User, moderator: User, what: str) -> None:
    if (person.is_staff or person.is_superuser) and not moderator.is_superuser:
        raise Forbidden(f"Only a superuser may {what} staff.")


def set_active(person: User, moderator: User, *, active: bool) -> None:
    held = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if held.pk == moderator.pk:
        raise Forbidden("You cannot suspend or reactivate yourself.")
    refuse_staff(held, moderator, "suspend or reactivate")
    if held.is_active == active:
        raise Conflict(f"This person is {'not' if active else 'already'} suspended.")
    held.is_active = active
    held.save(update_fields=["is_active"])
    write_through(PROFILE, held.pk)
    access_changed(held)
