"""The pages at admin/monitoring/: who may see them, and what they are made of."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from foodshare.admin.decisions import moderator
from foodshare.exceptions import FoodShareError, Invalid
from ops.monitoring import doctor
from ops.monitoring.dashboard import cancelling, explaining
from ops.monitoring.dashboard.moment import Moment
from ops.monitoring.dashboard.pages import findings, overview, servers, sessions, statements, storage
from ops.monitoring.dashboard.parts import Button, Code, Note, Part, Table
from ops.monitoring.dashboard.plots import PERIODS
from ops.monitoring.dashboard.texts import without_values
from ops.monitoring.dashboard.units import duration
from ops.monitoring.fingerprint import fingerprint
from ops.monitoring.snapshot import patience

VIEW, CANCEL = "ops.view_monitoringsample", "ops.cancel_query"
Page = Callable[[HttpRequest, Moment], list[Part]]
View = Callable[..., HttpResponse]
# Each tab: its words, its icon, its page, and whether that has charts.
TABS: dict[str, tuple[str, str, Page, bool]] = {
    "overview": ("Overview", "monitoring", lambda request, moment: overview.page(moment), True),
    "queries": ("Queries", "query_stats",
                lambda request, moment: statements.page(moment, request.GET.get("order", "")), True),
    "running": ("Running", "play_circle",
                lambda request, moment: sessions.page(moment, request.user.has_perm(CANCEL)), False),
    "indexes": ("Indexes", "format_list_numbered", lambda request, moment: storage.indexes(moment), False),
    "space": ("Space", "hard_drive", lambda request, moment: storage.space(moment), True),
    "partitions": ("Partitions", "calendar_view_month", lambda request, moment: storage.partitions(moment), False),
    "cache": ("Cache", "bolt", lambda request, moment: servers.cache(moment), True),
    "streams": ("Streams", "stream", lambda request, moment: servers.streams(moment), True),
    "replication": ("Replication", "content_copy", lambda request, moment: servers.replication(moment), True),
    "backups": ("Backups", "backup", lambda request, moment: servers.backups(moment), True),
    "alerts": ("Alerts", "notifications", lambda request, moment: findings.alerts(moment), False),
    "doctor": ("Doctor", "stethoscope", lambda request, moment: findings.doctor(None), False),
}


def guarded(permission: str, view: View) -> View:
    """For members of the staff with this right; others are asked to log in, or refused."""
    def checked(request: HttpRequest, *values: Any, **named: Any) -> HttpResponse:
        if not request.user.has_perm(permission):
            raise PermissionDenied
        return view(request, *values, **named)

    return cast(View, admin.site.admin_view(checked))


def shown(request: HttpRequest, tab: str, moment: Moment, parts: list[Part], title: str = "") -> HttpResponse:
    name, _, _, has_charts = TABS[tab]
    return TemplateResponse(request, "ops/monitoring/page.html", {
        **admin.site.each_context(request), "title": title or f"Monitoring: {name.lower()}", "is_fullwidth": "1",
        "tab": tab, "tabs": [(slug, words, icon, address_of(slug)) for slug, (words, icon, _, _) in TABS.items()],
        "parts": parts, "at": moment.at, "periods": list(PERIODS) if has_charts else (),
        "period": moment.period if has_charts else "", "live": reverse("monitoring:live") if tab == "overview" else ""})


def address_of(tab: str) -> str:
    return reverse("monitoring:overview") if tab == "overview" else reverse("monitoring:tab", args=[tab])


@require_GET
def page(request: HttpRequest, tab: str = "overview") -> HttpResponse:
    if tab not in TABS:
        raise Http404
    moment = Moment(request.GET.get("over", ""))
    return shown(request, tab, moment, in_time(lambda: TABS[tab][2](request, moment)))


def in_time(parts: Callable[[], list[Part]]) -> list[Part]:
    """What a page shows, each of whose statements has two seconds; or that one took longer."""
    try:
        with patience():
            return parts()
    except OperationalError as error:
        return [Note(f"The server did not tell: {error}".splitlines()[0], "critical")]


@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """The figures of the overview's cards, for its script."""
    moment = Moment()
    cards = [card for group in overview.groups(moment) for card in group.cards]
    answer = JsonResponse({"at": f"{moment.at:%H:%M:%S}", "cards": [
        {"key": card.key, "text": card.text, "hint": card.hint, "tone": card.tone} for card in cards]})
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def statement(request: HttpRequest, key: str) -> HttpResponse:
    """One statement; a POST asks for its plan."""
    moment = Moment()
    plan = planned(key) if request.method == "POST" else []
    parts = in_time(lambda: statements.one(moment, key, plan))
    if not parts:
        raise Http404
    return shown(request, "queries", moment, parts, "A statement")


@require_POST
def examine(request: HttpRequest) -> HttpResponse:
    """The doctor's findings, made now."""
    return shown(request, "doctor", Moment(), findings.doctor(doctor.examine()))


def planned(key: str) -> list[Part]:
    found = statements.find(key)
    try:
        if found is None:
            raise explaining.NoPlan("The server's statistics no longer have it.")
        return [Code("Generic plan", explaining.plan_of(found.query))]
    except explaining.NoPlan as error:
        return [Note(str(error), "warning")]


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pid: int) -> HttpResponse:
    """Ask whether to cancel what a session runs, or to end it; a POST does it."""
    if request.method == "POST":
        return carry_out(request, pid)
    session = cancelling.session_of(pid)
    if session is None:
        messages.info(request, "It no longer runs.")
        return HttpResponseRedirect(address_of("running"))
    fields = {"connected_at": session.connected_at.isoformat(), "state": session.state,
              "statement": fingerprint(session.query)}
    is_idle = session.state in cancelling.IDLE
    return shown(request, "running", Moment(), [
        Table(f"Process {pid}", ["Who", "Runs for", "State", "Waits for"],
              [[sessions.who(session), duration(session.seconds), session.state, session.wait]], (1,)),
        Code("Its last statement" if is_idle else "Statement", without_values(session.query)),
        Button("End this session" if is_idle else "Cancel this statement", request.path,
               "Its transaction is rolled back, and the client loses its connection." if is_idle
               else "Its transaction fails; whoever runs it is told so.", danger=True, fields=fields),
    ], "End a session?" if is_idle else "Cancel a statement?")  # fmt: skip


def carry_out(request: HttpRequest, pid: int) -> HttpResponse:
    connected_at = parse_datetime(request.POST.get("connected_at", ""))
    try:
        if connected_at is None:
            raise Invalid("connected_at must be a time.")
        state = request.POST.get("state", "")
        cancelling.cancel(pid, connected_at, state, request.POST.get("statement", ""), moderator(request))
        messages.success(request, f"The session of process {pid} was ended." if state in cancelling.IDLE
                         else f"The statement of process {pid} was cancelled.")
    except FoodShareError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(address_of("running"))
