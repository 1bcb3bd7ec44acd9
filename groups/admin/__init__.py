"""The admin of groups and of what people say in them."""

from groups.admin import activities, chat, communities, forum, statuses

__all__ = ["activities", "chat", "communities", "forum", "statuses"]
