"""Who people are and in which mode they share: registration, login, profile, switch of mode."""

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, user_logged_in
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from knox.models import AuthToken
from psycopg.errors import UniqueViolation

from foodshare.cache import writers
from foodshare.cache.keys import PROFILE
from foodshare.cache.through import write_through
from foodshare.exceptions import Invalid, WrongCredentials
from foodshare.models import ModeTransitionEvent, SharingMode, User, VerificationLevel
from foodshare.services import outbox

# How far a person is verified on entering a mode.
ENTRY_LEVEL = {SharingMode.NEIGHBORHOOD: VerificationLevel.PENDING, SharingMode.COMMUNITY: VerificationLevel.LIGHT}


def register(*, name: str, email: str, password: str, sharing_mode: str) -> User:
    """Add a person. Raises Invalid when the e-mail address has an account, in whatever case it is written."""
    hashed = make_password(password)  # slow by design, so before the transaction
    mode = SharingMode(sharing_mode)
    try:
        with transaction.atomic():
            user = User.objects.create(name=name, email=email.lower(), password=hashed, sharing_mode=mode,
                                       verification_level=ENTRY_LEVEL[mode])
            for step in settings.NEW_USER_STEPS:
                import_string(step)(user)
            outbox.append(outbox.MODE_TRANSITIONS, "user_registered", user.pk, to_mode=mode.value)
            user.refresh_from_db(fields=["created_at"])
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation) and error.__cause__.diag.table_name == User._meta.db_table:
            raise Invalid("This e-mail address already has an account.", attr="email") from None
        raise
    return user


def log_in(*, email: str, password: str) -> User:
    """The person of these credentials. Raises WrongCredentials, after the same work whichever is wrong."""
    user = authenticate(username=email.lower(), password=password)
    if not isinstance(user, User):
        raise WrongCredentials
    user_logged_in.send(sender=User, request=None, user=user)
    return user


def purge_expired_tokens() -> int:
    """Delete API tokens that no longer admit anyone; answers how many."""
    deleted: int = AuthToken.objects.filter(expiry__lte=timezone.now()).delete()[0]
    return deleted


def revoke_tokens(person: User) -> None:
    """Log the person out of the API everywhere."""
    AuthToken.objects.filter(user=person).delete()
    writers.note_on_commit(person.pk)


def update_profile(user: User, **changes: Any) -> None:
    """Change only the named columns, so that a switch or suspension meanwhile is not undone."""
    for name, value in changes.items():
        setattr(user, name, value)
    user.save(update_fields=list(changes))
    write_through(PROFILE, user.pk)


@transaction.atomic
def switch_mode(user: User, to: str, reason: str = "") -> User:
    """Let the person share in the mode `to`; harmless when they do already. Answers the person as they are now.

    Community mode holds at once; in neighborhood mode nothing is seen or posted until a new verification.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if person.sharing_mode == to:
        return person
    before, person.sharing_mode = person.sharing_mode, to
    person.verification_level = ENTRY_LEVEL[SharingMode(to)]
    person.save(update_fields=["sharing_mode", "verification_level"])
    transition = ModeTransitionEvent.objects.create(user=person, from_mode=before, to_mode=to, reason=reason)
    outbox.append(outbox.MODE_TRANSITIONS, "mode_switched", person.pk, from_mode=before, to_mode=to, reason=reason,
                  transition_id=str(transition.pk))
    access_changed(person)
    return person


def access_changed(person: User) -> None:
    """Have it count at once that the person may see other things than before, and tell the higher apps; called in the
    change's transaction."""
    writers.note_on_commit(person.pk)
    for step in settings.ACCESS_STEPS:
        import_string(step)(person.pk)
