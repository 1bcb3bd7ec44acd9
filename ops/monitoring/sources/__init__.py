"""What is measured, one subject a module: typed rows for people who look closer, and `figures` for `/metrics`.

Sources of DATABASE read the
catalog and statistics of the primary by the connection "owner", in a transaction whose statements have two seconds
each. Those ASIDE reach what they need by themselves, wait for it no longer, and say so before they fail.
"""

from ops.monitoring.figures import Figures
from ops.monitoring.sources import (
    activity,
    availability,
    backups,
    cache,
    cluster,
    connections,
    constraints,
    disk,
    indexes,
    jobs,
    live,
    migrations,
    outbox,
    partitions,
    product,
    reach,
    replication,
    sequences,
    server,
    statements,
    streams,
    tables,
    vacuum,
    views,
)

DATABASE: dict[str, Figures] = {
    "server": server.figures,
    "connections": connections.figures,
    "activity": activity.figures,
    "statements": statements.figures,
    "tables": tables.figures,
    "indexes": indexes.figures,
    "constraints": constraints.figures,
    "vacuum": vacuum.figures,
    "sequences": sequences.figures,
    "replication": replication.figures,
    "partitions": partitions.figures,
    "views": views.figures,
    "outbox": outbox.figures,
    "jobs": jobs.figures,
    "migrations": migrations.figures,
    "product": product.figures,
    "availability": availability.figures,
}
ASIDE: dict[str, Figures] = {
    "reach": reach.figures,
    "cluster": cluster.figures,
    "cache": cache.figures,
    "streams": streams.figures,
    "live": live.figures,
    "backups": backups.figures,
    "disk": disk.figures,
}
