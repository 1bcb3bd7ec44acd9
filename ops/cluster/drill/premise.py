"""What must hold before a fault can prove anything: that a commit waits for a standby.

Without it little is lost all the same, as few writes are on their way at any moment: the load alone would not tell.
"""

from typing import LiteralString

import psycopg

from ops.cluster.drill.site import SiteFailed

WAITS = ("on", "remote_apply")
NOW: LiteralString = """
    SELECT current_setting('synchronous_commit'),
           ARRAY(SELECT concat_ws(' ', application_name, sync_state) FROM pg_stat_replication ORDER BY 1),
           EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum'))
"""


def refuse_unless_synchronous(url: str) -> None:
    """`url` is the application's to the primary: a setting of its role counts too. Raises SiteFailed."""
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            [(setting, standbys, is_synchronous)] = connection.execute(NOW).fetchall()
    except psycopg.OperationalError as error:
        raise SiteFailed(f"Not judged: the primary does not answer before the load: {error}".strip()) from error
    if setting not in WAITS:
        raise SiteFailed(f"Not judged: the application's commits do not wait for a standby's disk: synchronous_commit "
                         f"is {setting}, and not {' or '.join(WAITS)}.")
    if not is_synchronous:
        raise SiteFailed(f"Not judged: the primary has no synchronous standby (its standbys: "
                         f"{', '.join(standbys) or 'none'}), so that commits wait for none.")
