"""What is wrong with the platform's servers and data, said so that a volunteer can mend it.

Nothing here changes anything. Each check is made by itself: one that cannot be made is told of, and hides no other.
"""

from collections.abc import Callable, Mapping

from django.db import DatabaseError, connections, transaction

from ops.monitoring.doctor.checks import CHECKS, Check
from ops.monitoring.doctor.findings import Finding, Report, Unjudged, told_once, worst_first
from ops.monitoring.doctor.limits import Limits

PATIENCE = "5s"  # for one statement of a check
LOCK_PATIENCE = "1s"  # many checks may meet the same lock, one after the other
Tell = Callable[[str, int, int], None]  # what is being done, how much of it is done, of how much


def examine(limits: Limits | None = None, checks: Mapping[str, Check] = CHECKS, tell: Tell | None = None) -> Report:
    """Make every check on the servers of the settings."""
    limits, found, unjudged = limits or Limits(), [], []
    for done, (name, check) in enumerate(checks.items()):
        if tell:
            tell("checks", done, len(checks))
        try:
            found += made(check, limits)
        except Exception as error:  # whatever it is, the other checks are made
            unjudged.append(Unjudged(name, reason(error)))
    if tell:
        tell("checks", len(checks), len(checks))
    return Report(tuple(checks), worst_first(told_once(found)), tuple(unjudged))


def made(check: Check, limits: Limits) -> list[Finding]:
    """What one check finds, in a transaction whose statements are given up after PATIENCE."""
    with transaction.atomic(using="owner"):
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{PATIENCE}'; SET LOCAL lock_timeout = '{LOCK_PATIENCE}'")
        return list(check(connections["owner"], limits))


def reason(error: Exception) -> str:
    """Why a check could not be made, on one line."""
    text = " ".join(f"{error}".split()) or type(error).__name__
    return f"the database says: {text}" if isinstance(error, DatabaseError) else text
