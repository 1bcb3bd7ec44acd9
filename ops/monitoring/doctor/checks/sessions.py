"""What runs now: statements that take long, transactions left open, sessions that wait, connections used up."""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ops.monitoring.doctor.findings import Finding, Severity
from ops.monitoring.doctor.limits import Limits
from ops.monitoring.doctor.names import endpoints_of_statement
from ops.monitoring.fingerprint import fingerprint, normal
from ops.monitoring.sources import connections
from ops.monitoring.sources.activity import Session, running
from ops.monitoring.sources.statements import check_right

SHOWN = 200  # characters of a statement, which has no values any more


def readable(connection: BaseDatabaseWrapper) -> list[Session]:
    """The sessions that are not idle. Raises MissingRight where the statements of other roles are hidden."""
    check_right(connection)
    return running(connection)


def long_queries(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    for session in readable(connection):
        if session.state == "active" and (session.seconds or 0) >= limits.query:
            yield of_session(session, "long_queries", f"has run for {session.seconds:.0f} s",
                             "it holds its locks, a connection and memory, and keeps vacuum from removing rows",
                             f"SELECT pg_cancel_backend({session.pid})")


def idle_in_transaction(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    for session in readable(connection):
        if session.state.startswith("idle in transaction") and (session.seconds or 0) >= limits.idle_in_transaction:
            yield of_session(session, "idle_in_transaction", f"has done nothing for {session.seconds:.0f} s within a "
                             "transaction", "its locks stay, and vacuum removes nothing that died since",
                             f"SELECT pg_terminate_backend({session.pid})")


def blocked(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    for session in readable(connection):
        if session.blocked_by and (session.seconds or 0) >= limits.blocked:
            yield of_session(session, "blocked", f"has waited for {session.seconds:.0f} s for sessions "
                             f"{', '.join(map(str, session.blocked_by))}", "whoever asked waits with it, and whoever "
                             "wants the same lock queues behind", f"SELECT pg_cancel_backend({session.blocked_by[0]})")


def of_session(session: Session, check: str, what: str, why: str, fix: str) -> Finding:
    return Finding(Severity.WARNING, check, f"session {session.pid}",
                   f"session {session.pid} of {session.user} ({session.application or 'unnamed'}) {what}: "
                   f"{normal(session.query)[:SHOWN]}", why, "see what it is for; end it if nobody needs it",
                   endpoints=endpoints_of_statement(fingerprint(session.query)), fix_sql=(fix,))


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
            "docs/deployment.md", fix_sql=("SELECT usename, application_name, state, count(*) FROM pg_stat_activity "
                                           "GROUP BY 1, 2, 3 ORDER BY 4 DESC",))


def prepared(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """Transactions prepared for two-phase commit: nothing here prepares any."""
    if count := connections.oldest(connection).prepared:
        yield Finding(Severity.WARNING, "prepared_transactions", "server", f"{count} prepared transactions were left",
                      "their locks stay, even after a restart, and vacuum removes nothing that died since",
                      "commit them or roll them back by whoever prepared them",
                      fix_sql=("SELECT gid, prepared, owner, database FROM pg_prepared_xacts",))
