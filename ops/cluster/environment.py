"""What the application is run with against a cluster."""

from ops.cluster import patroni
from ops.cluster.topology import Proxy, Topology

REPLICA_POOL_SIZE, REPLICA_POOL_OVERFLOW = 10, 20  # document A's


def environment(topology: Topology, proxy: Proxy) -> dict[str, str]:
    """The variables that lead to the servers: writes through the proxy, reads to each member itself.

    The standbys share what is one standby's pool elsewhere, so that a web process takes no more connections.
    """
    words, security, scheme, more = topology.passwords, "", "redis", ""
    if proxy.authority:
        security = f"?sslmode=verify-ca&sslrootcert={proxy.authority}"
        scheme, more = "rediss", f"?ssl_ca_certs={proxy.authority}"

    def database(role: str, at: str) -> str:
        return f"postgresql://{role}:{words[role]}@{at}/foodshare{security}"

    members = topology.having("postgres")
    standbys = max(1, len(members) - 1)
    return {
        "DATABASE_URL": database("foodshare_app", proxy.at("write")),
        "DATABASE_OWNER_URL": database("foodshare_owner", proxy.at("write")),
        "REPLICA_URL": ",".join(database("foodshare_app", node.at("postgres")) for node in members),
        "REPLICA_POOL_SIZE": f"{REPLICA_POOL_SIZE // standbys}",
        "REPLICA_POOL_OVERFLOW": f"{REPLICA_POOL_OVERFLOW // standbys}",
        "BACKUP_URL": database("foodshare_replication", proxy.at("write")),
        "PATRONI_URL": ",".join(patroni.url(node) for node in members),
        "REDIS_URL": f"{scheme}://:{words['cache']}@{proxy.at('cache')}/0{more}",
        "STREAM_URL": f"{scheme}://:{words['streams']}@{proxy.at('streams')}/0{more}",
    }
