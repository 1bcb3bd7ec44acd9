"""People, their requests to be verified, and their switches of mode."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.forms import AdminPasswordChangeForm

from foodshare.admin.base import ConditionFilter, PlatformAdmin
from foodshare.admin.decisions import Decision, ModeratedAdmin, ReasonForm, action
from foodshare.cache import writers
from foodshare.models import ModeTransitionEvent, RequestState, User, VerificationRequest
from foodshare.services import accounts, moderation, verification

SUSPEND = Decision("suspend", "Suspend these people?", "suspended", moderation.suspend)
REACTIVATE = Decision("reactivate", "Let these people in again?", "reactivated", moderation.reactivate)
APPROVE = Decision("approve", "Verify these people as neighbours?", "approved", verification.approve)
REJECT = Decision("reject", "Reject these requests?", "rejected", verification.reject, ReasonForm)

LINKS = (  # label, changelist, the column that names the person
    ("Verification requests", "foodshare_verificationrequest", "user"),
    ("Posts", "foodshare_foodpost", "author"),
    ("Exchanges received", "foodshare_exchange", "recipient"),
    ("Switches of mode", "foodshare_modetransitionevent", "user"),
    ("Groups", "groups_membership", "user"),
    ("Profile", "foodshare_profile", "user"),
    ("Relationships", "foodshare_relationship", "from_user"),
    ("Status updates", "groups_statusupdate", "author"),
    ("Reputation events", "reputation_reputationevent", "user"),
)


class SharingFilter(ConditionFilter):
    """Served by idx_users_sharing_mode."""

    title = "sharing"
    parameter_name = "sharing"
    conditions: ClassVar = {
        "pending": ("Neighbours, not verified", Q(sharing_mode="neighborhood", verification_level="pending")),
        "full": ("Neighbours, verified", Q(sharing_mode="neighborhood", verification_level="full")),
        "community": ("Community", Q(sharing_mode="community", verification_level="light")),
    }


class StandingFilter(ConditionFilter):
    """Served by users_created_at_id_suspended_idx and users_created_at_id_staff_idx."""

    title = "standing"
    parameter_name = "standing"
    conditions: ClassVar = {"suspended": ("Suspended", Q(is_active=False)), "staff": ("Staff", Q(is_staff=True))}


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    for_superuser = False  # set for each request by PersonAdmin.get_form

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "email" in self.fields and self.instance.email:
            self.fields["email"].disabled = not self.for_superuser

    def clean_email(self) -> str | None:
        email: str | None = self.cleaned_data["email"]
        return email.lower() if email else None


class PasswordForm(AdminPasswordChangeForm):
    """Logs the person out of the API in the same transaction, also where a password is taken away."""

    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        person: User = super().save(commit)
        accounts.revoke_tokens(person)
        return person


@admin.register(User)
class PersonAdmin(ModeratedAdmin, UserAdmin):  # type: ignore[misc, type-arg]
    """People register themselves. What is set of a person's log-in is changed by superusers, what is missing
    (an adopted person's e-mail and password) by moderators too; staff and their rights by superusers alone."""

    form = PersonForm
    change_password_form = PasswordForm
    add_fieldsets = ()
    filter_horizontal = ()
    ordering = ("-created_at", "-id")
    list_display = ("name", "email", "sharing_mode", "verification_level", "is_active", "is_staff", "created_at")
    list_filter = (SharingFilter, StandingFilter)
    search_fields = ("id", "email__startswith", "name__istartswith")
    search_help_text = "The beginning of a name or e-mail address, or a whole id"
    readonly_fields = ("password_state", "links")
    editable = ("name", "email", "is_staff", "is_superuser")
    actions = ("suspend", "reactivate")
    actions_detail = ("set_password", "suspend", "reactivate")
    fieldsets = (
        (None, {"fields": ("name", "email", "password_state", "is_active", "image")}),
        ("Sharing", {"fields": ("sharing_mode", "verification_level", "building", "apartment")}),
        ("Rights", {"fields": ("is_staff", "is_superuser", "groups")}),
        ("Record", {"fields": ("links", "id", "created_at", "last_login")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody but a superuser changes staff."""
        is_staff = isinstance(obj, User) and (obj.is_staff or obj.is_superuser)
        return super().has_change_permission(request, obj) and (request.user.is_superuser or not is_staff)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = super().get_readonly_fields(request, obj)
        if request.user.is_superuser:
            return fields
        return [*fields, "is_staff", "is_superuser", "groups"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.for_superuser = request.user.is_superuser
        return form

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """What was changed, such as rights, counts for the person at once."""
        super().save_model(request, obj, form, change)
        writers.note_on_commit(obj.pk)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = Group.objects.order_by("name")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def may_set_password(self, request: HttpRequest, person: User) -> bool:
        return (self.has_change_permission(request, person)
                and (request.user.is_superuser or not person.has_usable_password()))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        person = self.get_object(request, unquote(id))
        if person is not None and not self.may_set_password(request, person):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def offers(self, request: HttpRequest, row: User, action: str) -> bool:
        if action == "set-password":
            return self.may_set_password(request, row)
        theirs = row.pk != request.user.pk and self.has_change_permission(request, row)
        return theirs and row.is_active == (action == "suspend")

    @admin.display(description="password")
    def password_state(self, person: User) -> str:
        return "set" if person.has_usable_password() else "not set: cannot log in with one"

    @admin.display(description="see also")
    def links(self, person: User) -> SafeString:
        return format_html_join(" · ", '<a class="text-link" href="{}?{}__id__exact={}">{}</a>', (
            (reverse(f"admin:{model}_changelist"), column, person.pk, label) for label, model, column in LINKS))

    @action(description="Set password", permissions=["change"], url_path="set-password", icon="key")
    def set_password(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:auth_user_password_change", object_id)

    @action(description="Suspend", permissions=["moderate"], icon="block")
    def suspend(self, request: HttpRequest, queryset: QuerySet[User] | None = None,
                object_id: str | None = None) -> HttpResponse:
        return self.decide(request, SUSPEND, queryset, object_id)

    @action(description="Reactivate", permissions=["moderate"], icon="lock_open")
    def reactivate(self, request: HttpRequest, queryset: QuerySet[User] | None = None,
                   object_id: str | None = None) -> HttpResponse:
        return self.decide(request, REACTIVATE, queryset, object_id)


class QueueFilter(ConditionFilter):
    """Served by verification_requests_queue. Without a choice: what is waiting, unless something is searched for."""

    title = "state"
    parameter_name = "state"
    conditions: ClassVar = {state.value: (str(state.label), Q(state=state)) for state in RequestState}

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Without "All"."""
        _, *states = super().choices(changelist)
        yield from states

    def value(self) -> str | None:
        return super().value() or (None if self.request.GET.get("q") else RequestState.PENDING)


@admin.register(VerificationRequest)
class VerificationRequestAdmin(ModeratedAdmin):
    """The queue: oldest first while waiting, newest first once decided."""

    list_display = ("user", "address", "apartment", "building", "phone", "state", "created_at")
    list_select_related = ("user", "building")
    list_filter = (QueueFilter,)
    link_lookups = ("user__id__exact",)
    search_fields = ("id", "user_id", "user__email")
    search_help_text = "The person's e-mail address, or a whole id"
    autocomplete_fields = ("building",)
    editable = ("building",)
    actions = ("approve", "reject")
    actions_detail = ("reject",)
    actions_submit_line = ("save_and_approve",)
    fieldsets = (
        (None, {"fields": ("user", "address", "apartment", "phone", "created_at")}),
        ("Decision", {"fields": ("building", "state", "reviewed_by", "reviewed_at", "rejection_reason", "id")}),
    )

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        waiting = request.GET.get("state", RequestState.PENDING) == RequestState.PENDING
        return ("created_at", "id") if waiting else ("-created_at", "-id")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A decided request stays as it is."""
        decided = isinstance(obj, VerificationRequest) and obj.state != RequestState.PENDING
        return super().has_change_permission(request, obj) and not decided

    def describe(self, row: VerificationRequest) -> str:
        return f"{row.user}: {row} ({row.building or 'no building chosen'})"

    def offers(self, request: HttpRequest, row: VerificationRequest, action: str) -> bool:
        return row.state == RequestState.PENDING

    @action(description="Approve", permissions=["moderate"])
    def approve(self, request: HttpRequest, queryset: QuerySet[VerificationRequest]) -> HttpResponse:
        return self.decide(request, APPROVE, queryset)

    @action(description="Reject", permissions=["moderate"], icon="block")
    def reject(self, request: HttpRequest, queryset: QuerySet[VerificationRequest] | None = None,
               object_id: str | None = None) -> HttpResponse:
        return self.decide(request, REJECT, queryset, object_id)

    @action(description="Save and approve", permissions=["moderate"])
    def save_and_approve(self, request: HttpRequest, row: VerificationRequest) -> None:
        self.carry_out(request, APPROVE, [row], {})


@admin.register(ModeTransitionEvent)
class ModeTransitionEventAdmin(PlatformAdmin):
    ordering = ("user_id", "-created_at", "-id")
    list_display = ("user", "from_mode", "to_mode", "reason", "created_at")
    list_select_related = ("user",)
    link_lookups = ("user__id__exact",)
    search_fields = ("id", "user_id", "user__email")
    search_help_text = "The person's e-mail address, or a whole id"
