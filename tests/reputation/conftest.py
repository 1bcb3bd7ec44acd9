"""The staff's roles, and people who have them."""

from tests.admin.conftest import moderator, roles, support

__all__ = ["moderator", "roles", "support"]
