"""Taking a decision in the admin as a browser does: select, be asked, confirm."""

from typing import Any

from django.contrib.messages import get_messages
from django.db.models import Model
from django.test import Client

from tests.admin.rows import url


def decide(client: Client, action: str, *rows: Model, **answers: str) -> Any:
    """Confirm `action` about the rows selected in their list."""
    return client.post(url(type(rows[0]), "changelist"), {
        "action": action, "_selected_action": [str(row.pk) for row in rows], "_confirmed": "1", **answers})


def page(row: Model, action: str) -> str:
    """The address at which the action about one row is asked for."""
    return url(type(row), "change", row.pk).removesuffix("change/") + f"{action}/"


def told(answer: Any) -> list[str]:
    """What the staff is told after it."""
    return [str(message) for message in get_messages(answer.wsgi_request)]
