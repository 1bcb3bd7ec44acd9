"""etcd: who may write in it. Spoken to by its JSON gateway, so that no password is seen among the processes."""

import base64

from ops.cluster.rest import NoAnswer, ask
from ops.cluster.topology import Node, Tls

KEYS = "/service/"  # below it Patroni keeps everything


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ALL_KEYS = {"key": encoded(KEYS), "range_end": encoded(KEYS[:-1] + chr(ord(KEYS[-1]) + 1))}


def is_healthy(node: Node) -> bool:
    """Whether this member serves, which it can only with a majority of the others."""
    try:
        answer = ask("GET", f"{node.scheme}://{node.at('etcd')}/health", tls=node.tls, timeout=2.0)
        return bool(answer["health"] == "true")
    except (NoAnswer, KeyError, TypeError):
        return False


def give_lead(nodes: list[Node], name: str) -> None:
    """Make the member of the named node etcd's leader. Raises NoAnswer."""
    told = {node.name: ask("POST", f"{maintenance(node)}/status", {}, node.tls) for node in nodes}
    members = {told[node.name]["header"]["member_id"]: node for node in nodes}
    [wanted] = [member for member, node in members.items() if node.name == name]
    leader = members[told[name]["leader"]]
    ask("POST", f"{maintenance(leader)}/transfer-leadership", {"targetID": wanted}, leader.tls)


def maintenance(node: Node) -> str:
    return f"{node.scheme}://{node.at('etcd')}/v3/maintenance"


def protect(node: Node, root_password: str, patroni_password: str) -> None:
    """Let only Patroni write below its keys, and nobody else anything. May be run again. Raises NoAnswer."""
    url = f"{node.scheme}://{node.at('etcd')}/v3/auth"
    try:
        ask("POST", f"{url}/authenticate", {"name": "root", "password": root_password}, node.tls)
    except NoAnswer:
        for path, body in steps(root_password, patroni_password):
            do_once(f"{url}/{path}", body, node.tls)


def steps(root_password: str, patroni_password: str) -> list[tuple[str, dict[str, object]]]:
    """What is asked of etcd, in order; the last turns it on."""
    keys = {"permType": "READWRITE", **ALL_KEYS}
    return [
        ("user/add", {"name": "root", "password": root_password}),
        ("role/add", {"name": "root"}),
        ("user/grant", {"user": "root", "role": "root"}),
        ("user/add", {"name": "patroni", "password": patroni_password}),
        ("role/add", {"name": "patroni"}),
        ("role/grant", {"name": "patroni", "perm": keys}),
        ("user/grant", {"user": "patroni", "role": "patroni"}),
        ("enable", {}),
    ]


def forget_cluster(node: Node, patroni_password: str) -> None:
    """Remove everything that Patroni keeps, once none runs any more. Raises NoAnswer."""
    url = f"{node.scheme}://{node.at('etcd')}/v3"
    proof = ask("POST", f"{url}/auth/authenticate", {"name": "patroni", "password": patroni_password}, node.tls)
    ask("POST", f"{url}/kv/deleterange", ALL_KEYS, node.tls, Authorization=proof["token"])


def do_once(url: str, body: dict[str, object], tls: Tls | None) -> None:
    """Ask for it, unless an interrupted start did already."""
    try:
        ask("POST", url, body, tls)
    except NoAnswer as refusal:
        if "already exist" not in f"{refusal}":
            raise
