"""The core tables: people, places and what people are to each other, posts, exchanges, and the outbox."""

from foodshare.models.cache import CacheInvalidation, WatchedToken
from foodshare.models.exchanges import Exchange, ExchangeStatus, Rating
from foodshare.models.outbox import IdempotencyKey, OutboxEvent
from foodshare.models.places import Building, Neighborhood
from foodshare.models.posts import Allergen, Category, DietaryTag, FoodPost, PostStatus
from foodshare.models.social import Profile, Relationship, RelationshipStatus, RelationshipType
from foodshare.models.users import (
    ModeTransitionEvent,
    RequestState,
    SharingMode,
    User,
    UserActivity,
    VerificationLevel,
    VerificationRequest,
)

__all__ = [
    "Allergen", "Building", "CacheInvalidation", "Category", "DietaryTag", "Exchange", "ExchangeStatus", "FoodPost",
    "IdempotencyKey", "ModeTransitionEvent", "Neighborhood", "OutboxEvent", "PostStatus", "Profile", "Rating",
    "Relationship", "RelationshipStatus", "RelationshipType", "RequestState", "SharingMode", "User",
    "UserActivity", "VerificationLevel", "VerificationRequest", "WatchedToken",
]
