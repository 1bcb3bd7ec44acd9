"""Accounts: registration and login, one's own profile, mode and verification, other people."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as PasswordRefused
from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import serializers, status
from rest_framework.authentication import BaseAuthentication
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from foodshare.api.idempotency import IdempotentWrites
from foodshare.api.requests import person_of
from foodshare.api.serializers import KnownFieldsOnly, StrictSerializer, has_visible_text
from foodshare.models import SharingMode, User, VerificationLevel, VerificationRequest
from foodshare.services import accounts, verification

MAX_PASSWORD = 256  # hashing more would only cost time
ASCII = RegexValidator(r"\A[ -~]*\Z", "Only ASCII letters; write an international domain in its xn-- form.")
PHONE = RegexValidator(r"\A\+?[0-9 ()./-]{5,29}\Z", "Only digits, spaces and + ( ) . / - are allowed, at least five.")


class MeSerializer(KnownFieldsOnly, serializers.ModelSerializer[User]):
    """One's own account; name and image may be changed here."""

    image = serializers.URLField(max_length=2000, required=False, allow_null=True, help_text="URL of a picture.")

    class Meta:
        model = User
        fields = ("id", "name", "email", "image", "sharing_mode", "verification_level", "building", "apartment",
                  "created_at")
        read_only_fields = ("id", "email", "sharing_mode", "verification_level", "building", "apartment",
                            "created_at")
        extra_kwargs = {"name": {"validators": [has_visible_text]}}


class PublicProfileSerializer(serializers.ModelSerializer[User]):
    """What everyone may know of a person: neither e-mail nor address."""

    class Meta:
        model = User
        fields = ("id", "name", "image", "sharing_mode", "verification_level", "created_at")


class RegistrationSerializer(StrictSerializer):
    name = serializers.CharField(max_length=255, validators=[has_visible_text])
    email = serializers.EmailField(max_length=254, validators=[ASCII])
    password = serializers.CharField(max_length=MAX_PASSWORD, trim_whitespace=False, write_only=True)
    sharing_mode = serializers.ChoiceField(SharingMode.choices, default=SharingMode.NEIGHBORHOOD)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            validate_password(attrs["password"], User(name=attrs["name"], email=attrs["email"]))
        except PasswordRefused as error:
            raise serializers.ValidationError({"password": error.messages}) from None
        return attrs


class CredentialsSerializer(StrictSerializer):
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=MAX_PASSWORD, trim_whitespace=False, write_only=True)


class SessionSerializer(serializers.Serializer[dict[str, Any]]):
    """What a client keeps after registration or login; the token is shown only now."""

    token = serializers.CharField()
    expiry = serializers.DateTimeField()
    user = MeSerializer()


class ModeSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("sharing_mode", "verification_level")


class SwitchSerializer(StrictSerializer):
    sharing_mode = serializers.ChoiceField(SharingMode.choices)
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class VerificationRequestSerializer(KnownFieldsOnly, serializers.ModelSerializer[VerificationRequest]):
    """A request for verification. `city` may be given to tell apart streets of the same name."""

    city = serializers.CharField(max_length=100, write_only=True, allow_blank=True, default="")

    class Meta:
        model = VerificationRequest
        fields = ("id", "state", "address", "city", "apartment", "phone", "created_at", "reviewed_at",
                  "rejection_reason")
        read_only_fields = ("id", "state", "created_at", "reviewed_at", "rejection_reason")
        extra_kwargs = {"address": {"max_length": 150}, "phone": {"validators": [PHONE]}}


class VerificationSerializer(serializers.Serializer[dict[str, Any]]):
    verification_level = serializers.ChoiceField(VerificationLevel.choices, allow_null=True)
    request = VerificationRequestSerializer(allow_null=True, help_text="The newest one.")


def session(user: User, http_status: int) -> Response:
    """A new token for `user`, and who they are."""
    token, secret = AuthToken.objects.create(user)
    answer = SessionSerializer({"token": secret, "expiry": token.expiry, "user": user})
    return Response(answer.data, status=http_status)


class PublicView(APIView):
    """A view for people who have no token yet. One that is sent is not looked at: it may have expired."""

    authentication_classes: tuple[type[BaseAuthentication], ...] = ()
    permission_classes = (AllowAny,)


class RegisterView(PublicView):
    """Open an account.

    Takes no Idempotency-Key, as tokens are not kept. A retry whose first answer was lost is refused, as the
    e-mail address has an account by then: log in with the same e-mail address and password.
    """

    @extend_schema(request=RegistrationSerializer, responses={201: SessionSerializer})
    def post(self, request: Request) -> Response:
        user = accounts.register(**RegistrationSerializer.checked(request.data))
        return session(user, status.HTTP_201_CREATED)


class LoginView(PublicView):
    """Get a token for the account of an e-mail address and a password.

    Takes no Idempotency-Key: every log-in makes a token of its own, and a retry is harmless.
    """

    @extend_schema(request=CredentialsSerializer, responses={200: SessionSerializer})
    def post(self, request: Request) -> Response:
        return session(accounts.log_in(**CredentialsSerializer.checked(request.data)), status.HTTP_200_OK)


class LogoutView(IdempotentWrites):
    """Revoke the token that is sent."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        AuthToken.objects.filter(pk=request.auth.pk).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(IdempotentWrites):
    """One's own account."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(person_of(request)).data)

    @extend_schema(request=MeSerializer, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        data = MeSerializer(person_of(request), data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        accounts.update_profile(person_of(request), **data.validated_data)
        return Response(data.data)


class ModeView(IdempotentWrites):
    """The mode one shares in. Switching to neighborhood mode needs a new verification."""

    @extend_schema(responses=ModeSerializer)
    def get(self, request: Request) -> Response:
        return Response(ModeSerializer(person_of(request)).data)

    @extend_schema(request=SwitchSerializer, responses=ModeSerializer)
    def put(self, request: Request) -> Response:
        given = SwitchSerializer.checked(request.data)
        user = accounts.switch_mode(person_of(request), to=given["sharing_mode"], reason=given["reason"])
        return Response(ModeSerializer(user).data)


class VerificationView(IdempotentWrites):
    """One's verification as a neighbor."""

    @extend_schema(responses=VerificationSerializer)
    def get(self, request: Request) -> Response:
        user = person_of(request)
        newest = user.verification_requests.order_by("-created_at", "-id").first()
        level = {"verification_level": user.verification_level, "request": newest}
        return Response(VerificationSerializer(level).data)

    @extend_schema(request=VerificationRequestSerializer, responses={201: VerificationRequestSerializer})
    def post(self, request: Request) -> Response:
        """Submit address and apartment, in place of an open request."""
        data = VerificationRequestSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        made = verification.submit(person_of(request), **data.validated_data)
        return Response(VerificationRequestSerializer(made).data, status=status.HTTP_201_CREATED)


class UserViewSet(RetrieveModelMixin, GenericViewSet[User]):
    """Other people, by id."""

    queryset = User.objects.all()
    serializer_class = PublicProfileSerializer
