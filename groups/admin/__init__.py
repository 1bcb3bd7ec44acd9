"""The admin of groups and of what people say in them."""

from groups.admin import communities, forum

__all__ = ["communities", "forum"]
