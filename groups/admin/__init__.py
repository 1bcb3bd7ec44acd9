"""The admin of groups and of what people say in them."""

from groups.admin import chat, communities, forum, statuses

__all__ = ["chat", "communities", "forum", "statuses"]
