"""Statements as people may read them."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from ops.monitoring.fingerprint import SPACE, TOKEN, replaced


def without_values(query: str) -> str:
    """A statement on one line, a ? for each value, as these are people's."""
    return SPACE.sub(" ", TOKEN.sub(replaced, query)).strip(" ;")


def code(query: str) -> SafeString:
    return format_html("<code>{}</code>", without_values(query))
