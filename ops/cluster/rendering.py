"""Filling the templates."""

import json
from collections.abc import Mapping
from pathlib import Path

from django.template import Context, Engine, Library

from ops.cluster.topology import BACKUP_SLOT, SCOPE, VALKEYS, Node, Proxy, Topology

TEMPLATES = Path(__file__).with_name("templates")
register = Library()


@register.filter
def quoted(value: object) -> str:
    """A text in double quotes, as YAML, Valkey and HAProxy all read it."""
    return json.dumps(f"{value}", ensure_ascii=False)


@register.filter
def at(place: Node | Proxy, part: str) -> str:
    """Host and port of a part of it."""
    return place.at(part)


@register.filter
def port(place: Node | Proxy, part: str) -> int:
    return place.ports[part]


@register.filter
def of(passwords: Mapping[str, str], role: str) -> str:
    return passwords[role]


@register.filter
def bulk(value: object) -> str:
    """A text as Valkey answers it, in HAProxy's escapes."""
    return f"${len(f'{value}')}\\r\\n{value}\\r\\n"


@register.filter
def having(topology: Topology, part: str) -> list[Node]:
    """The nodes that have the part."""
    return topology.having(part)


engine = Engine(dirs=[str(TEMPLATES)], builtins=[__name__], autoescape=False)


def render(template: str, topology: Topology, place: Node | Proxy, **more: object) -> str:
    """The text of `template` for one node, or for one proxy (both are `node` in it)."""
    context = {"topology": topology, "node": place, "passwords": topology.passwords, "scope": SCOPE,
               "backup_slot": BACKUP_SLOT, "valkeys": VALKEYS, **more}
    text: str = engine.get_template(template).render(Context(context, autoescape=False))
    return text
