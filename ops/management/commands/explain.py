"""`manage.py explain`: what the server does for an endpoint or a named query, in words."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops.monitoring.explain.capture import Explained
from ops.monitoring.explain.subjects import CALLS, Answer, Unexplainable, explain
from ops.monitoring.explain.words import Reading, number, reading


class Command(BaseCommand):
    help = (
        "Tell in words how PostgreSQL runs each statement of an endpoint, such as 'GET /api/v1/food-posts?mine=true' "
        f"or '/api/v1/groups/<pk>', of a named query, one of: {', '.join(sorted(CALLS))}, or of the fingerprint that "
        "the doctor and the dashboard tell. It is run as a person in a transaction that is taken back; reads are run "
        "once more to measure them, writes are only planned, and so is a fingerprint's statement, for whatever values. "
        "Plans show the values that they were made for, which may be the person's. Exit code 0: told; 1: "
        "something is worth a thought (warnings), or the request was refused; 2: there is no such endpoint, query or "
        "person."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("subject", help="a method and an address, the name of a query, or a fingerprint")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="the person who asks (default: somebody of the "
                            "largest group; a superuser for the admin)")
        parser.add_argument("--data", help="the request's body, as JSON")
        parser.add_argument("--no-analyze", action="store_true", help="plan only: run nothing twice")
        parser.add_argument("--json", action="store_true", help="print one JSON object for another program")

    def handle(self, *args: Any, subject: str, email: str | None, data: str | None, **options: Any) -> None:
        try:
            answer = explain(subject, email, parsed(data), analyze=not options["no_analyze"])
        except Unexplainable as error:
            raise CommandError(f"{error}", returncode=2) from error
        readings = [(each, reading(each.plan)) for each in answer.statements]
        self.stdout.write(as_json(answer, readings) if options["json"] else as_text(answer, readings))
        if is_refused(answer) or any(found.warnings for _, found in readings):
            raise SystemExit(1)


def parsed(data: str | None) -> Any:
    try:
        return None if data is None else json.loads(data)
    except ValueError as error:
        raise CommandError(f"--data is no JSON: {error}", returncode=2) from error


def is_refused(answer: Answer) -> bool:
    return answer.status is not None and answer.status >= 400


def as_text(answer: Answer, readings: list[tuple[Explained, Reading]]) -> str:
    status = f" answered {answer.status}" if answer.status else ""
    lines = [f"{answer.subject} as {answer.person}{status}: {number(len(readings), 'statement')}"]
    if is_refused(answer):
        lines.append("WARNING  it was refused: these are not the statements of its work; name somebody by --as, an id "
                     "that they may see, or send --data")
    for place, (each, found) in enumerate(readings, 1):
        took = f", {each.milliseconds:.2f} ms" if each.milliseconds is not None else ", planned only"
        lines += ["", f"{place}. {each.statement}",
                  f"   {number(found.rows, 'row')}{took}, fingerprint {each.fingerprint}"]
        lines += [f"   {'  ' * step.depth}- {step.text}" for step in found.steps]
        lines += [f"   WARNING  {warning}" for warning in found.warnings]
    return "\n".join(lines)


def as_json(answer: Answer, readings: list[tuple[Explained, Reading]]) -> str:
    statements = [{"statement": each.statement, "fingerprint": each.fingerprint, "milliseconds": each.milliseconds,
                   "analyzed": each.is_analyzed, "rows": found.rows, "pages": found.pages, "tables": found.tables,
                   "indexes": found.indexes, "partitions": found.partitions, "warnings": found.warnings,
                   "plan": [f"{'  ' * step.depth}{step.text}" for step in found.steps]} for each, found in readings]
    is_fine = not is_refused(answer) and not any(found.warnings for _, found in readings)
    return json.dumps({"ok": is_fine, "subject": answer.subject,
                       "person": answer.person, "status": answer.status, "statements": statements}, indent=2)
