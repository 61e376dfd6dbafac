"""Rules about the ways through an app: edges, exits, order. Each takes the app and what the target has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kefu.dify.dsl.document import AppDocument, references
from kefu.dify.dsl.finding import Expected, Finding

_LAST = {"advanced-chat": "answer", "workflow": "end"}
"""App mode → the node type that gives its result; the other one does nothing there."""


def edges(app: AppDocument, _: Expected) -> Iterator[Finding]:
    used = {(link.source, link.handle) for link in app.links}
    for link in app.links:
        if link.handle not in app.exits(link.source):
            yield Finding(
                "dead-handle",
                link.source,
                f"there is no exit “{link.handle}”; this edge is never taken (success keeps `source`)",
            )
    for node_id, data in app.nodes.items():
        last = data["type"] in {"answer", "assigner", "end"}
        for handle in sorted(app.exits(node_id)):
            if (node_id, handle) not in used and not (last and handle == "source"):
                yield Finding("open-exit", node_id, f"the exit “{handle}” leads nowhere: the customer gets no answer")


def reachable(app: AppDocument, _: Expected) -> Iterator[Finding]:
    start = next(node_id for node_id, data in app.nodes.items() if data["type"] == "start")
    seen = {start} | _closure(_steps((link.source, link.target) for link in app.links), start)
    for node_id in app.nodes:
        if node_id not in seen:
            yield Finding("unreachable", node_id, "no way from the start leads here")


def order(app: AppDocument, _: Expected) -> Iterator[Finding]:
    """A node reads only what can have run before it, and no way leads back."""
    sources = _steps((link.target, link.source) for link in app.links)
    for node_id, data in app.nodes.items():
        before = _closure(sources, node_id)
        if node_id in before:
            yield Finding("loop", node_id, "a way leads back here: Dify never starts a node that waits for itself")
        named = {reference[0] for reference in references(data)} & app.nodes.keys()
        for source in sorted(named - before):
            yield Finding("not-before", node_id, f"{source} never runs before this node, so its values are not there")


def result(app: AppDocument, _: Expected) -> Iterator[Finding]:
    if app.mode not in _LAST:
        yield Finding("mode", "app", f"mode “{app.mode}” is neither {' nor '.join(_LAST)}")
    for node_id, data in app.nodes.items():
        if app.mode in _LAST and data["type"] in set(_LAST.values()) - {_LAST[app.mode]}:
            yield Finding("mode", node_id, f"“{data['type']}” gives no result in an app of mode {app.mode}")


def _steps(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for here, there in pairs:
        found.setdefault(here, set()).add(there)
    return found


def _closure(steps: Mapping[str, set[str]], first: str) -> set[str]:
    """Everything one or more steps away."""
    seen: set[str] = set()
    open_ends = [first]
    while open_ends:
        fresh = steps.get(open_ends.pop(), set()) - seen
        seen |= fresh
        open_ends += fresh
    return seen
