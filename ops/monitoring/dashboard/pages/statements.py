"""Which statements take the server's time, by its statistics and by the hour, and the endpoints that run them."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from django.db import connection, connections
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ops.models import StatementEndpoint, StatementSample
from ops.monitoring import history
from ops.monitoring.dashboard.charts import Chart, Series
from ops.monitoring.dashboard.moment import Moment
from ops.monitoring.dashboard.parts import Button, Card, Cards, Charts, Code, Links, Note, Part, Table, tone
from ops.monitoring.dashboard.plots import PERIODS
from ops.monitoring.dashboard.texts import code, without_values
from ops.monitoring.dashboard.units import Format, count, duration, milliseconds, percent
from ops.monitoring.metrics import TOP
from ops.monitoring.sources.statements import MOST, MissingRight, Statement, main_endpoints, statements

HEADERS = ["Statement", "Endpoint", "Total", "Mean", "Deviation", "Calls", "Rows a call", "From memory"]
ALL = 10_000  # more than the server keeps
ORDERS = {"total": "Total time", "mean": "Mean time", "calls": "Calls"}


def page(moment: Moment, order: str) -> list[Part]:
    try:
        found = statements(connections["owner"])
    except MissingRight as error:
        return [Note(str(error), "warning")]
    order = order if order in ORDERS else "total"
    top = sorted(found.items(), key=lambda item: -getattr(item[1], order))[:TOP]
    past = history.statements_since(moment.at - timedelta(seconds=PERIODS[moment.period][0]))
    texts = {key: without_values(statement.query) for key, statement in found.items()} | texts_of(
        key for key, _ in past if key not in found)
    endpoints = main_endpoints(connection, {*(key for key, _ in top), *(key for key, _ in past)})
    return [
        Cards("", [
            Card("kept", "Statements known", count(moment.value("foodshare_statements_kept"))),
            Card("slow", "Slow ones", count(moment.value("foodshare_statements_slow")), "mean over 20 ms",
                 tone(moment.value("foodshare_statements_slow"), 1, 20)),
        ]),
        Links("Order", [(title, f"?order={name}&over={moment.period}", name == order)
                        for name, title in ORDERS.items()]),
        Table(f"The {TOP} statements that lead, since statistics were reset", HEADERS,
              [row(key, statement, endpoints) for key, statement in top], (2, 3, 4, 5, 6, 7)),
        Table(f"Most time within {moment.period}", ["Statement", "Endpoint", "Total", "Mean", "Calls", "Rows a call"],
              [[link(key, texts.get(key, key)), endpoints.get(key, ""), duration(work.milliseconds / 1000),
                milliseconds(work.milliseconds / work.calls), count(work.calls), count(work.rows / work.calls)]
               for key, work in past], (2, 3, 4, 5),
              empty="The worker keeps this by the hour, and has kept nothing of this time yet."),
    ]  # fmt: skip


def row(key: str, statement: Statement, endpoints: dict[str, str]) -> list[str | SafeString]:
    blocks = statement.blocks_hit + statement.blocks_read
    return [link(key, without_values(statement.query)), endpoints.get(key, ""), duration(statement.total / 1000),
            milliseconds(statement.mean), milliseconds(statement.stddev), count(statement.calls),
            count(statement.rows / statement.calls), percent(statement.blocks_hit / blocks if blocks else None)]


def link(key: str, text: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("monitoring:statement", args=[key]), code(text))


def texts_of(keys: Iterable[str]) -> dict[str, str]:
    """What the application knows of statements that the server's statistics no longer have."""
    rows = StatementEndpoint.objects.filter(fingerprint__in=list(keys))
    return dict(rows.values_list("fingerprint", "statement"))


def one(moment: Moment, key: str, plan: list[Part]) -> list[Part]:
    """All that is known of the statement of this fingerprint; nothing where there is none."""
    statement = find(key)
    endpoints = list(StatementEndpoint.objects.filter(fingerprint=key).order_by("-calls", "endpoint")[:TOP])
    if statement is None and not endpoints:
        return []
    text = without_values(statement.query) if statement else endpoints[0].statement
    parts: list[Part] = [Code("Statement", text), *plan]
    if statement:
        parts.insert(0, Cards("", cards(statement)))
        parts.append(Button("Explain", reverse("monitoring:statement", args=[key]),
                            "The generic plan, without values; the statement is not run."))
    return [*parts, Charts(list(hours(moment, key))),
            Table("Endpoints", ["Endpoint", "Calls", "Last seen (UTC)"],
                  [[each.endpoint, count(each.calls), f"{each.seen_at:%Y-%m-%d %H:%M}"] for each in endpoints], (1,),
                  empty="No endpoint is known to run it: a command, a job, or somebody by hand.")]


def find(key: str) -> Statement | None:
    """The statement of this fingerprint: most likely one of those that take the most time. None where there is none,
    or none can be read."""
    with suppress(MissingRight):
        for most in (MOST, ALL):
            if key in (found := statements(connections["owner"], most)):
                return found[key]
    return None


def cards(statement: Statement) -> list[Card]:
    blocks = statement.blocks_hit + statement.blocks_read
    return [
        Card("calls", "Calls", count(statement.calls)),
        Card("total", "Total time", duration(statement.total / 1000)),
        Card("mean", "Mean", milliseconds(statement.mean), f"± {milliseconds(statement.stddev)}",
             tone(statement.mean, 20, 200)),
        Card("rows", "Rows a call", count(statement.rows / statement.calls)),
        Card("blocks", "Blocks a call", count(blocks / statement.calls),
             f"{percent(statement.blocks_hit / blocks if blocks else None)} from memory"),
        Card("temp", "Temporary blocks", count(statement.temp_blocks), "", tone(statement.temp_blocks, 1, 10**6)),
    ]  # fmt: skip


def hours(moment: Moment, key: str) -> Iterable[Chart]:
    """Calls and mean time by the hour, over a week."""
    until = history.floor(moment.at, history.HOUR) + timedelta(hours=1)
    since = until - timedelta(days=7)
    samples = list(StatementSample.objects.filter(fingerprint=key, at__gte=since).order_by("at"))
    shown: list[tuple[str, Format, list[float]]] = [
        ("Calls an hour", count, [each.calls for each in samples]),
        ("Mean time", duration, [each.milliseconds / each.calls / 1000 for each in samples])]
    for title, unit, values in shown:
        points = [(each.at, value) for each, value in zip(samples, values, strict=True)]
        yield Chart(title, [Series("", points)], since, until, timedelta(hours=2.5), unit)
