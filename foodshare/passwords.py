"""What a change of password means."""

from foodshare.models import User
from foodshare.services.accounts import revoke_tokens


class TokensEnd:
    """Logs whose password is changed out of the API, wherever that is done: Django tells every password validator."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Refuses none."""

    def get_help_text(self) -> str:
        return "A new password ends all log-ins to the API."

    def password_changed(self, password: str, user: User) -> None:
        revoke_tokens(user)
