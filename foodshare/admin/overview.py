"""The admin's first page and its navigation."""

from typing import Any

from django.apps import apps
from django.db.models import Model, Q
from django.http import HttpRequest
from django.urls import reverse

from foodshare.admin.base import COUNT_LIMIT, count_past_limit
from foodshare.cache import metrics

# What waits for a moderator: title, model, condition (an index serves each), the same in the list's address.
WAITING = (
    ("Requests to verify", "foodshare.verificationrequest", Q(state="pending"), "state=pending"),
    ("Disputes to resolve", "foodshare.exchange", Q(status="disputed"), "status=disputed"),
    ("People suspended", "foodshare.user", Q(is_active=False), "standing=suspended"),
    ("Violations to review", "reputation.trustviolation", Q(reviewed_at=None), "review=waiting"),
    ("Events set aside", "foodshare.outboxevent", ~Q(error=""), "state=set-aside"),
)

# Areas of the sidebar: each model as app.model, with its title and icon.
AREAS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    ("Moderation", (
        ("foodshare.verificationrequest", "Verification queue", "how_to_reg"),
        ("foodshare.user", "People", "person"),
        ("reputation.trustviolation", "Trust violations", "gpp_maybe"),
        ("foodshare.modetransitionevent", "Switches of mode", "swap_horiz"),
        ("foodshare.profile", "Profiles", "account_circle"),
        ("foodshare.relationship", "Relationships", "diversity_3"),
    )),
    ("Food", (
        ("foodshare.foodpost", "Posts", "restaurant"),
        ("foodshare.exchange", "Exchanges", "handshake"),
        ("foodshare.rating", "Ratings", "star"),
    )),
    ("Communities", (
        ("groups.communitygroup", "Groups", "groups"),
        ("groups.membership", "Members", "group"),
        ("groups.statusupdate", "Status updates", "campaign"),
        ("groups.groupactivity", "Activities", "timeline"),
        ("groups.groupactivitysummary", "Activity summary", "monitoring"),
        ("foodshare.neighborhood", "Neighborhoods", "map"),
        ("foodshare.building", "Buildings", "apartment"),
    )),
    ("Forum", (
        ("groups.forumcategory", "Categories", "category"),
        ("groups.forumthread", "Threads", "forum"),
        ("groups.forumpost", "Posts", "comment"),
    )),
    ("Reputation", (
        ("reputation.userglobalreputation", "Reputation", "verified"),
        ("reputation.reputationevent", "Ledger", "receipt_long"),
        ("reputation.eventstreamcheckpoint", "Stream checkpoints", "flag"),
    )),
    ("System", (
        ("ops.monitoringsample", "Monitoring", "monitor_heart"),
        ("ops.alert", "Alerts", "notification_important"),
        ("ops.alertsilence", "Silences", "notifications_off"),
        ("auth.group", "Staff roles", "badge"),
        ("admin.logentry", "Log of the admin", "history"),
        ("foodshare.outboxevent", "Outbox", "outbox"),
        ("foodshare.idempotencykey", "Idempotency keys", "key"),
        ("knox.authtoken", "Tokens", "vpn_key"),
        ("procrastinate.procrastinatejob", "Jobs", "work_history"),
    )),
)


def may_view(request: HttpRequest, app: str, model: str) -> bool:
    return any(request.user.has_perm(f"{app}.{right}_{model}") for right in ("view", "change"))


# Models that have a page instead of a list.
PAGES = {"eventstreamcheckpoint": "admin:reputation_eventstreamcheckpoint", "monitoringsample": "monitoring:overview"}


def link_to(app: str, model: str) -> str:
    """The list of a model, or its page."""
    return reverse(PAGES.get(model, f"admin:{app}_{model}_changelist"))


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar: what this member of staff may view, by area."""
    areas = []
    for title, models in AREAS:
        items = [{"title": name, "icon": icon, "link": link_to(*label.split("."))}
                 for label, name, icon in models if may_view(request, *label.split("."))]
        if items:
            areas.append({"title": title, "separator": True, "items": items})
    return areas


def overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what is waiting, counted up to the limit, and how the cache does."""
    context["waiting"] = [
        {"title": title, "count": counted(apps.get_model(label), condition),
         "link": f"{link_to(*label.split('.'))}?{query}"}
        for title, label, condition, query in WAITING if may_view(request, *label.split("."))
    ]
    context["cache"] = metrics.total(metrics.reads_by_pattern().values())
    return context


def counted(model: type[Model], condition: Q) -> str:
    number = count_past_limit(model._default_manager.filter(condition))
    return str(number) if number <= COUNT_LIMIT else f"over {COUNT_LIMIT}"
