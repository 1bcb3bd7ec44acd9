"""Why a stream is not opened; the docstring of a class is its message."""

from foodshare.exceptions import FoodShareError


class BadTicket(FoodShareError):
    """The ticket is unknown, was used or has expired; ask POST /api/v1/live/ticket for another."""

    status_code = 401
    code = "bad_ticket"


class NotNow(FoodShareError):
    """New messages cannot be told live now; try again shortly."""

    status_code = 503
    code = "unavailable"
