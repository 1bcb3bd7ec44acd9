"""What of people is kept in the cache, and how it is loaded (foodshare.cache.keys)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model
from knox.models import AuthToken

from foodshare import queries
from foodshare.api.rendered import render
from foodshare.api.serializers import ProfileSerializer
from foodshare.models.users import ACCOUNT_COLUMNS

M = TypeVar("M", bound=Model)
TOKEN_COLUMNS = ("digest", "token_key", "user_id", "created", "expiry")


def token(digest: str) -> dict[str, Any] | None:
    """A token with whose it is, by table; None for one that is not there."""
    found = AuthToken.objects.select_related("user").only(
        *TOKEN_COLUMNS, *(f"user__{name}" for name in ACCOUNT_COLUMNS)).filter(digest=digest).first()
    return found and {"token": columns(found, TOKEN_COLUMNS), "user": columns(found.user, ("id", *ACCOUNT_COLUMNS))}


def columns(row: Model, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def restored(model: type[M], kept: Mapping[str, Any]) -> M:
    """The row whose columns were kept; the others are read when they are asked for."""
    fields = [field for field in model._meta.concrete_fields if field.attname in kept]
    values = [field.to_python(kept[field.attname]) for field in fields]
    return model.from_db("default", [field.attname for field in fields], values)


def tokens_of(user_ids: Sequence[str]) -> Iterable[str]:
    """The people's tokens."""
    found: Iterable[str] = AuthToken.objects.filter(user__in=user_ids).values_list("digest", flat=True)
    return found


def profile(person_id: UUID) -> bytes | None:
    """A person's profile as the API shows it; None for who is unknown or suspended."""
    found = queries.people().filter(pk=person_id).first()
    return None if found is None else render(ProfileSerializer(found).data)


def blocked_by(person_id: UUID) -> list[UUID]:
    """Who blocks the person."""
    return list(queries.blocks_of(person_id).values_list("from_user", flat=True))
