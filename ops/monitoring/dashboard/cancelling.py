"""Cancelling a statement that runs, or ending a session that is idle within a transaction, which no cancelling reaches:
never one of a superuser, nor of whoever asks, and kept in the log of the admin."""

from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.exceptions import Conflict
from foodshare.models import User
from ops.models import MonitoringSample
from ops.monitoring.dashboard.texts import without_values
from ops.monitoring.dashboard.units import duration
from ops.monitoring.fingerprint import fingerprint
from ops.monitoring.rows import fetch
from ops.monitoring.sources.activity import Session, running

SUPERUSERS = "SELECT rolname::text FROM pg_roles WHERE rolsuper"
ACTIVE = "active"
IDLE = ("idle in transaction", "idle in transaction (aborted)")  # states that hold locks, and run nothing
# The condition is looked at in the statement that cancels, so that no other session has taken over the number.
CANCEL = """
    SELECT CASE state WHEN 'active' THEN pg_cancel_backend(pid) ELSE pg_terminate_backend(pid) END
    FROM pg_stat_activity
    WHERE pid = %s AND backend_start AT TIME ZONE 'UTC' = %s AND state = %s AND query = %s
          AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND datname = current_database()
          AND usesysid NOT IN (SELECT oid FROM pg_roles WHERE rolsuper)
"""


def superusers(connection: BaseDatabaseWrapper) -> set[str]:
    return set(fetch(str, connection, SUPERUSERS))


def session_of(pid: int) -> Session | None:
    """The session that runs something under this number."""
    return next((session for session in running(connections["owner"]) if session.pid == pid), None)


def cancel(pid: int, connected_at: datetime, state: str, statement: str, person: User) -> Session:
    """Cancel the statement of this fingerprint, if that session is still in this state; or end the session, if the
    state is one of IDLE and the statement was its last. Raises Conflict if not."""
    session = session_of(pid)
    if session is None or session.connected_at != connected_at or fingerprint(session.query) != statement:
        raise Conflict("It no longer runs.")
    seen = [pid, connected_at, state, session.query]
    if state not in (ACTIVE, *IDLE) or fetch(bool, connections["owner"], CANCEL, seen) != [True]:
        raise Conflict("It may not be cancelled, or no longer runs.")
    done = "Cancelled" if state == ACTIVE else "Ended, idle in a transaction,"
    LogEntry.objects.create(
        user=person, content_type=ContentType.objects.get_for_model(MonitoringSample), object_id=f"{pid}",
        object_repr=f"process {pid} of {session.user}", action_flag=CHANGE,
        change_message=f"{done} after {duration(session.seconds)}: {without_values(session.query)[:1000]}")
    return session
