"""Who sends a request: the owner of a knox token."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from foodshare import presence
from foodshare.cache import aside, reader
from foodshare.cache.keys import TOKEN
from foodshare.cached import restored
from foodshare.db.router import authority, reading_from
from foodshare.models import User


class TokenAuthentication(KnoxAuthentication):
    """`Authorization: Token …`, looked up by the token's hash: in the cache, or in one query.

    Here the person is known without another query, so here is noted that they were seen.

    Knox's own look-up reads all of the person's tokens at every request, deletes expired ones while at it,
    and fails on a token that is not UTF-8.
    """

    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        found = self.look_up(hash_token(token.decode("latin-1")))
        if found is None or (found.expiry is not None and found.expiry <= timezone.now()):
            raise AuthenticationFailed("The token is unknown or has expired; log in again.")
        if not found.user.is_active:
            raise AuthenticationFailed("This account is suspended.")
        presence.note(found.user.pk)
        return found.user, found

    def look_up(self, digest: str) -> AuthToken | None:
        """The token with its person, which is served from now on. Only then it is known what they must not see older
        than, their own log-out for instance."""
        with reading_from(authority()):
            is_kept, kept = aside.is_usable(), aside.value(TOKEN, digest)
        if kept is not None:
            reader.person(UUID(kept["user"]["id"]))
        if kept is not None and is_kept:
            kept = aside.value(TOKEN, digest, again=True)
        if kept is None:
            return None
        found = restored(AuthToken, kept["token"])
        found.user = restored(User, kept["user"])
        return found


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """The same, for the OpenAPI schema."""

    target_class = "foodshare.api.authentication.TokenAuthentication"
