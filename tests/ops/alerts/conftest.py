"""People who are told, by real servers."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.ops.alerts.listeners import Mailer, Receiver, serving


@pytest.fixture
def mailer(settings: Settings) -> Iterator[Mailer]:
    """Somebody is told by e-mail."""
    server = Mailer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.ALERT_EMAILS = ["ada@example.org"]
    with serving(server):
        yield server


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A program is told."""
    server = Receiver()
    settings.ALERT_WEBHOOK_URL = server.url
    with serving(server):
        yield server
