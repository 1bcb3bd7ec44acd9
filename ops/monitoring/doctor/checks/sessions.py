"""What runs now: statements that take long, transactions left open, sessions that wait, connections used up."""

import re
from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ops.monitoring.doctor.findings import Finding, Severity
from ops.monitoring.doctor.limits import Limits
from ops.monitoring.doctor.names import endpoints_of_statement
from ops.monitoring.fingerprint import fingerprint, normal
from ops.monitoring.sources import connections
from ops.monitoring.sources.activity import Session, running
from ops.monitoring.sources.statements import check_right

# What takes long and should: it is ended by who began it.
UPKEEP = re.compile(r"\s*(VACUUM|ANALYZE|CREATE|REINDEX|REFRESH|CLUSTER|ALTER|COPY)\b", re.I)
BACKUPS = ("pg_dump", "pg_dumpall", "pg_basebackup")
SHOWN = 200  # characters of a statement, which has no values any more


def readable(connection: BaseDatabaseWrapper) -> list[Session]:
    """The sessions that are not idle. Raises MissingRight where the statements of other roles are hidden."""
    check_right(connection)
    return running(connection)


def long_queries(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """Not those that wait for another's lock, which is told of itself, nor upkeep, which takes what it takes."""
    for session in readable(connection):
        if session.state != "active" or session.blocked_by or is_upkeep(session):
            continue
        if (session.seconds or 0) >= limits.query:
            yield of_session(session, "long_queries", f"has run for {session.seconds:.0f} s",
                             "it holds its locks, a connection and memory, and keeps vacuum from removing rows",
                             session)


def is_upkeep(session: Session) -> bool:
    return UPKEEP.match(session.query) is not None or session.application in BACKUPS


def idle_in_transaction(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    for session in readable(connection):
        if is_idle(session) and (session.seconds or 0) >= limits.idle_in_transaction:
            yield of_session(session, "idle_in_transaction", f"has done nothing for {session.seconds:.0f} s within a "
                             "transaction", "its locks stay, and vacuum removes nothing that died since", session)


def is_idle(session: Session) -> bool:
    return session.state.startswith("idle in transaction")


def blocked(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    sessions = {session.pid: session for session in readable(connection)}
    for session in sessions.values():
        if session.blocked_by and (session.seconds or 0) >= limits.blocked:
            yield of_session(session, "blocked", f"has waited for {session.seconds:.0f} s for sessions "
                             f"{', '.join(map(str, session.blocked_by))}", "whoever asked waits with it, and whoever "
                             "wants the same lock queues behind", sessions.get(session.blocked_by[0]))


def of_session(session: Session, check: str, what: str, why: str, culprit: Session | None) -> Finding:
    return Finding(Severity.WARNING, check, f"session {session.pid}",
                   f"session {session.pid} of {session.user} ({session.application or 'unnamed'}) {what}: "
                   f"{normal(session.query)[:SHOWN]}", why, "see what it is for; end it if nobody needs it",
                   endpoints=endpoints_of_statement(fingerprint(session.query)),
                   fix_sql=(ending(culprit),) if culprit else (), by_hand=True)


def ending(session: Session) -> str:
    """What ends a session's statement, or all of it where it runs none; and nobody who has its number later."""
    function = "pg_terminate_backend" if is_idle(session) else "pg_cancel_backend"
    return (f"SELECT {function}(pid) FROM pg_stat_activity WHERE pid = {session.pid} "
            f"AND backend_start AT TIME ZONE 'UTC' = '{session.connected_at}'")


def used_up(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """Connections, of those that clients may have."""
    states, most = connections.by_state(connection), connections.limit(connection)
    if (used := sum(states.values())) >= limits.connections * most:
        parts = ", ".join(f"{count} {state}" for state, count in states.items())
        yield Finding(
            Severity.CRITICAL if used >= limits.connections_critical * most else Severity.WARNING, "connections",
            "server", f"{used} of {most} connections are in use: {parts}",
            "the next process that starts, a migration or a backup may get none",
            "make POOL_SIZE and POOL_OVERFLOW or the number of web processes smaller, or put PgBouncer between; see "
            "docs/runbooks/ConnectionsHigh.md",
            fix_sql=("SELECT usename, application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 "
                     "ORDER BY 4 DESC",))
