"""How the server would run a statement of pg_stat_statements, whose values are gone: its generic plan, never run."""

from django.db import DatabaseError, connection, transaction

PLANNED = ("select", "with", "insert", "update", "delete", "merge", "values", "(")
GENERIC_FROM = 160000  # the version from which a plan can be had without values

TYPED = ("42601", "42725", "42P18")  # errors: of syntax, of operators between unknown types, of types left unknown
WHY = ("The statement is known only with a placeholder for each value, and that is no SQL where the value's type is a "
       "part of it, as in interval '1 day'.")


class NoPlan(Exception):
    """There is no plan to show; the message says why."""


def plan_of(query: str) -> str:
    """The generic plan as PostgreSQL words it, read only and within two seconds. Raises NoPlan."""
    version = connection.cursor().connection.info.server_version
    if version < GENERIC_FROM:
        raise NoPlan(f"PostgreSQL {version // 10_000} plans a statement only with its values, which are not kept; from "
                     "16 on it has generic plans. Use `manage.py explain`, which knows values for named queries.")
    if not query.lstrip().lower().startswith(PLANNED):
        raise NoPlan("Such a statement has no plan.")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '2s'; "
                           "SET LOCAL lock_timeout = '1s'")
            cursor.execute(f"EXPLAIN (GENERIC_PLAN) {query}")
            return "\n".join(line for (line,) in cursor.fetchall())
    except DatabaseError as error:
        words = f"The server does not plan it: {error}".splitlines()[0]
        raise NoPlan(f"{words}. {WHY}" if getattr(error.__cause__, "sqlstate", "") in TYPED else words) from None
