"""Alerts and their silences, for the staff who run the platform."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget

from foodshare.admin.base import ConditionFilter
from foodshare.admin.decisions import Decision, ModeratedAdmin, action, moderator
from foodshare.exceptions import Conflict
from foodshare.models import User
from ops.models import Alert, AlertSilence
from ops.monitoring.alerts.evaluate import acknowledge
from ops.monitoring.alerts.rules import rules

EVERY = "*"  # as a silence names all rules


def see_to(alert: Alert, person: User) -> None:
    """Raises Conflict where there is nothing to see to."""
    if not acknowledge(alert, person, timezone.now()):
        raise Conflict("It has ended, or somebody sees to it already.")


def end(silence: AlertSilence, person: User) -> None:
    """Have people told again from now on. Raises Conflict where it is not in force."""
    now = timezone.now()
    if not AlertSilence.objects.filter(pk=silence.pk, starts_at__lt=now, ends_at__gt=now).update(ends_at=now):
        raise Conflict("It has ended, or has not begun: its times can be changed.")


ACKNOWLEDGE = Decision("acknowledge", "See to these alerts?", "acknowledged", see_to)
END = Decision("end", "End these silences now?", "ended", end)


class AlertStateFilter(ConditionFilter):
    """Open ones come first in the order of the list."""

    title = "state"
    parameter_name = "state"
    conditions: ClassVar = {"firing": ("Firing", Q(ended_at=None, fired_at__isnull=False)),
                            "unseen": ("Firing, and nobody sees to it",
                                       Q(ended_at=None, fired_at__isnull=False, acknowledged_at=None)),
                            "pending": ("Pending", Q(ended_at=None, fired_at=None)),
                            "ended": ("Ended", Q(ended_at__isnull=False))}


@admin.register(Alert)
class AlertAdmin(ModeratedAdmin):
    """What is wrong, then what was, as the worker saw it each minute."""

    ordering = ("-ended_at", "-id")  # nulls, which have not ended, are first
    list_display = ("rule", "subject", "severity", "state", "since", "ended_at", "acknowledged_by")
    list_select_related = ("acknowledged_by",)
    list_filter = (AlertStateFilter,)
    search_fields = ("id",)
    search_help_text = "An alert's id"
    actions = ("acknowledge",)
    actions_detail = ("acknowledge",)

    @admin.display()
    def state(self, alert: Alert) -> str:
        return "ended" if alert.ended_at else "firing" if alert.fired_at else "pending"

    def describe(self, row: Alert) -> str:
        return f"{row}: {row.summary.partition(chr(10))[0]}"

    def offers(self, request: HttpRequest, row: Alert, action: str) -> bool:
        return row.ended_at is None and row.acknowledged_at is None

    @action(description="Acknowledge", permissions=["moderate"], icon="visibility")
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[Alert] | None = None,
                    object_id: str | None = None) -> HttpResponse:
        """Nobody is told again that they fire; of their end people are."""
        return self.decide(request, ACKNOWLEDGE, queryset, object_id)


class SilenceForm(forms.ModelForm):  # type: ignore[type-arg]
    rule = forms.ChoiceField(widget=UnfoldAdminSelectWidget())

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "rule" in self.fields:
            names = [(rule.name, rule.name) for rule in sorted(rules(), key=lambda rule: rule.name)]
            self.fields["rule"].choices = [(EVERY, "All alerts"), *names]  # type: ignore[attr-defined]


@admin.register(AlertSilence)
class AlertSilenceAdmin(ModeratedAdmin):
    """Times in which nobody is told of some alerts."""

    form = SilenceForm
    ordering = ("-ends_at", "-id")
    list_display = ("rule", "subject", "reason", "starts_at", "ends_at", "created_by")
    list_select_related = ("created_by",)
    search_fields = ("id",)
    search_help_text = "A silence's id"
    editable = ("rule", "subject", "reason", "starts_at", "ends_at")
    may_add = True
    fields = ("rule", "subject", "reason", "starts_at", "ends_at", "created_by", "id")
    actions = ("end",)
    actions_detail = ("end",)

    def save_model(self, request: HttpRequest, obj: AlertSilence, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = moderator(request)
        super().save_model(request, obj, form, change)

    def offers(self, request: HttpRequest, row: AlertSilence, action: str) -> bool:
        return bool(row.starts_at < timezone.now() < row.ends_at)

    @action(description="End", permissions=["moderate"], icon="notifications_active")
    def end(self, request: HttpRequest, queryset: QuerySet[AlertSilence] | None = None,
            object_id: str | None = None) -> HttpResponse:
        return self.decide(request, END, queryset, object_id)
