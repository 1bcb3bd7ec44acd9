"""One tree of errors that a rule of the platform raises; the docstring of a class is its default message."""


class FoodShareError(Exception):
    """The request cannot be carried out."""

    status_code = 400
    code = "invalid"
    wait: int | None = None  # seconds before it is worth another try, sent as Retry-After

    def __init__(self, message: str = "", *, attr: str | None = None) -> None:
        self.message = message or (self.__doc__ or "").strip()
        self.attr = attr  # the request's field that is at fault, when one is
        super().__init__(self.message)


class Invalid(FoodShareError):
    """A value of the request is not acceptable."""


class WrongCredentials(FoodShareError):
    """No active account has this e-mail address and password."""

    status_code = 401
    code = "wrong_credentials"


class Forbidden(FoodShareError):
    """You may not do this."""

    status_code = 403
    code = "permission_denied"


class Missing(FoodShareError):
    """There is no such thing, or you may not see it."""

    status_code = 404
    code = "not_found"


class Conflict(FoodShareError):
    """The state of things does not allow this now."""

    status_code = 409
    code = "conflict"


class KeyReused(FoodShareError):
    """This Idempotency-Key was used for another request."""

    status_code = 422
    code = "idempotency_key_reused"


class NoStandby(FoodShareError):
    """No standby can serve this now; try again shortly."""

    status_code = 503
    code = "unavailable"
    wait = 2
