"""What several of the API's serializers share."""

import unicodedata
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import TextChoices
from rest_framework import serializers

from foodshare.models import PostStatus, Profile, User

INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # general categories of Unicode


class PartySerializer(serializers.ModelSerializer[User]):
    """A person as shown beside a post or an exchange."""

    class Meta:
        model = User
        fields = ["id", "name", "image"]
        read_only_fields = fields


class ProfileSerializer(serializers.ModelSerializer[User]):
    """A person and what they tell of themselves, which may be nothing."""

    bio = serializers.CharField(source="profile.bio")
    interests = serializers.ListField(source="profile.interests", child=serializers.CharField())
    roles = serializers.ListField(source="profile.roles", child=serializers.CharField())
    city = serializers.CharField(source="profile.location_city")
    state = serializers.CharField(source="profile.location_state")

    class Meta:
        model = User
        fields = ["id", "name", "image", "bio", "interests", "roles", "city", "state"]
        read_only_fields = fields

    def to_representation(self, instance: User) -> dict[str, Any]:
        if not hasattr(instance, "profile"):
            instance.profile = Profile(bio="", location_city="", location_state="")
        return super().to_representation(instance)


class PostStatusField(serializers.ChoiceField):
    """A post's status as it is at this moment."""

    def __init__(self) -> None:
        super().__init__(PostStatus.choices, source="present_status", read_only=True)


class KnownFieldsOnly(serializers.Serializer[Any]):
    """Mix-in of input: a mistyped field is an error, where it would be passed over in silence."""

    def to_internal_value(self, data: Mapping[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError({name: ["There is no such field here."] for name in unknown})
        values: dict[str, Any] = super().to_internal_value(data)
        return values


class StrictSerializer(KnownFieldsOnly):
    """Input that is no model's."""

    @classmethod
    def checked(cls, data: Any, partial: bool = False) -> dict[str, Any]:
        """The validated input; raises ValidationError, which is a 400."""
        serializer = cls(data=data, partial=partial)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


class UUIDTextField(serializers.UUIDField):
    """An id as text; DRF's own would take a number for one."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


def has_visible_text(value: str) -> None:
    """Refuse a text of nothing but spaces, control characters and others of no width."""
    if all(unicodedata.category(character) in INVISIBLE for character in value):
        raise serializers.ValidationError("This field may not be blank.", code="blank")


class UniqueChoices(serializers.ListField):
    """A list of words of an enumeration, each at most once."""

    def __init__(self, words: type[TextChoices], **kwargs: Any) -> None:
        super().__init__(child=serializers.ChoiceField(words.choices), required=False, max_length=len(words), **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        values = super().run_validation(data)
        if len(set(values)) < len(values):
            raise serializers.ValidationError("Each may be named only once.")
        return values
