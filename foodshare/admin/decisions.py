"""Decisions of moderators: asked for on a page that shows what they concern, carried out by the services."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import quote, unquote
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold import decorators
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from foodshare.admin.base import PlatformAdmin
from foodshare.exceptions import FoodShareError
from foodshare.models import User

CONFIRMED = "_confirmed"
F = TypeVar("F", bound=Callable[..., Any])


def action(**options: Any) -> Callable[[F], F]:
    """Unfold's decorator, typed: checks `permissions` when the action is run, not only where it is shown."""
    return cast(Callable[[F], F], decorators.action(**options))


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=1000, widget=UnfoldAdminTextareaWidget(),
                             help_text="The person is told this.")


class ResolutionForm(forms.Form):
    outcome = forms.ChoiceField(widget=UnfoldAdminSelectWidget(), choices=[
        ("", "Choose…"), ("completed", "Completed: the food was handed over"),
        ("cancelled", "Cancelled: it was not"), ("confirmed", "Confirmed: the two go on as agreed"),
    ])
    resolution = forms.CharField(max_length=2000, widget=UnfoldAdminTextareaWidget(),
                                 help_text="Both people are told this.")
    no_show = forms.BooleanField(required=False, label="The recipient did not come",
                                 help_text="Only for a cancelled one; it counts against them.")


@dataclass(frozen=True)
class Decision:
    """One kind of decision. `carry_out(row, moderator, **answers of the form)` raises a FoodShareError to refuse."""

    name: str
    title: str
    done: str
    carry_out: Callable[..., object]
    form: type[forms.Form] = forms.Form


class ModeratedAdmin(PlatformAdmin):
    """An admin whose rows are decided about, one from its page or several from the list."""

    def describe(self, row: Any) -> str:
        """The row in a few words, as whoever decides about it needs them."""
        return str(row)

    def offers(self, request: HttpRequest, row: Any, action: str) -> bool:
        """Whether the row's own page offers the action; the service is asked again when it is carried out."""
        return True

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        row = self.get_object(request, unquote(object_id))
        return [action for action in super().get_actions_detail(request, object_id)
                if row is not None and self.offers(request, row, action.path)]

    def decide(self, request: HttpRequest, decision: Decision, queryset: QuerySet[Any] | None,
               object_id: str | None = None) -> HttpResponse:
        """Ask for the decision about the selected rows, or the one of `object_id`, and carry it out once confirmed."""
        rows = self.selected_rows(request, queryset, object_id)
        confirmed = CONFIRMED in request.POST
        form = decision.form(request.POST if confirmed else None)
        if not (confirmed and form.is_valid()):
            return self.ask(request, decision, rows, form)
        self.carry_out(request, decision, rows, form.cleaned_data)
        gone = len(request.POST.getlist(ACTION_CHECKBOX_NAME)) - len(rows)
        if object_id is None and gone > 0:
            messages.warning(request, f"{gone} of the selected are no longer in this list.")
        return HttpResponseRedirect(request.get_full_path() if object_id is None else self.page_of(rows[0]))

    def selected_rows(self, request: HttpRequest, queryset: QuerySet[Any] | None,
                      object_id: str | None) -> list[Any]:
        if queryset is not None:
            return list(queryset[:self.list_per_page])
        row = self.get_object(request, unquote(object_id or ""))
        if row is None:
            raise Http404
        return [row]

    def ask(self, request: HttpRequest, decision: Decision, rows: Sequence[Model], form: forms.Form) -> HttpResponse:
        return TemplateResponse(request, "foodshare/admin/decide.html", {
            **self.admin_site.each_context(request), "opts": self.opts, "title": decision.title, "decision": decision,
            "rows": [(row, self.describe(row), self.page_of(row)) for row in rows], "form": form,
            "confirmed": CONFIRMED, "selected": ACTION_CHECKBOX_NAME,
            "back": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
        })

    def carry_out(self, request: HttpRequest, decision: Decision, rows: Sequence[Model],
                  answers: dict[str, Any]) -> None:
        """Decide about each row by itself, and say for each that failed what failed and why."""
        done = 0
        for row in rows:
            try:
                with transaction.atomic():  # what was decided and the record of who did
                    decision.carry_out(row, moderator(request), **answers)
                    self.log_change(request, row, f"{decision.done.capitalize()}. {in_words(answers)}".strip())
                done += 1
            except FoodShareError as error:
                messages.error(request, f"{self.describe(row)}: {error.message}")
        if done:
            messages.success(request, f"{done} {decision.done}.")

    def page_of(self, row: Model) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[quote(row.pk)])


def in_words(answers: dict[str, Any]) -> str:
    """The answers of a decision's form, for the log: what was given, and the names of what was ticked."""
    return " ".join(name.replace("_", " ") if answer is True else str(answer)
                    for name, answer in answers.items() if answer)


def moderator(request: HttpRequest) -> User:
    """Whoever acts; the admin lets nobody in who is not logged in."""
    return cast(User, request.user)
