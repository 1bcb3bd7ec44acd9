"""The core tables: people and places, posts, exchanges, and the outbox."""

from foodshare.models.exchanges import Exchange, ExchangeStatus, Rating
from foodshare.models.outbox import IdempotencyKey, OutboxEvent
from foodshare.models.places import Building, Neighborhood
from foodshare.models.posts import Allergen, Category, DietaryTag, FoodPost, PostStatus
from foodshare.models.users import (
    ModeTransitionEvent,
    RequestState,
    SharingMode,
    User,
    VerificationLevel,
    VerificationRequest,
)

__all__ = [
    "Allergen", "Building", "Category", "DietaryTag", "Exchange", "ExchangeStatus", "FoodPost",
    "IdempotencyKey", "ModeTransitionEvent", "Neighborhood", "OutboxEvent", "PostStatus", "Rating",
    "RequestState", "SharingMode", "User", "VerificationLevel", "VerificationRequest",
]
