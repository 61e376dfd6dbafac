"""Reads an app's source: the short YAML that people edit. The grammar is the table ``KINDS``; docs/apps.md shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kefu.dify.dsl.places import SOURCES
from kefu.errors import BadInput, NotFound

_EVERYWHERE = frozenset({"type", "title", "note", "next"})
_FALLIBLE = _EVERYWHERE | {"on_error"}
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

KINDS: Mapping[str, frozenset[str]] = {
    "start": _EVERYWHERE | {"inputs"},
    "tool": _FALLIBLE | {"tool", "with", "retries"},
    "if": (_EVERYWHERE - {"next"}) | {"when", "then", "else"},
    "classifier": (_FALLIBLE - {"next"}) | {"model", "query", "memory", "instruction", "classes"},
    "extractor": _FALLIBLE | {"model", "query", "memory", "instruction", "parameters"},
    "knowledge": _EVERYWHERE | {"dataset", "query", "top_k"},
    "llm": _FALLIBLE | {"model", "system", "context", "query", "memory", "retries"},
    "code": _FALLIBLE | {"inputs", "outputs", "code", "retries"},
    "text": _EVERYWHERE | {"template"},
    "assign": _EVERYWHERE | {"set"},
    "answer": _EVERYWHERE | {"text"},
    "end": (_EVERYWHERE - {"next"}) | {"outputs"},
}
"""Kind of node → the words it may have in a source."""

_APP_WORDS = frozenset(
    {"name", "mode", "icon", "about", "opening", "suggested", "conversation", "nodes", "variant_of", "replace"}
)


@dataclass(frozen=True, slots=True)
class Edge:
    """``handle`` is the exit of ``source`` as Dify names it: source, true, false, a class id, fail-branch."""

    source: str
    handle: str
    target: str


@dataclass(frozen=True, slots=True)
class SourceNode:
    """One node as written; ``words`` are its settings without the edges."""

    id: str
    kind: str
    title: str
    words: Mapping[str, Any]
    edges: tuple[Edge, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class AppSource:
    """One app as written. ``mode`` is Dify's: advanced-chat (a Chatflow) or workflow."""

    slug: str
    name: str
    mode: str
    icon: str
    about: str
    nodes: tuple[SourceNode, ...]
    opening: str = ""
    suggested: tuple[str, ...] = ()
    conversation: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def edges(self) -> tuple[Edge, ...]:
        return tuple(edge for node in self.nodes for edge in node.edges)

    @property
    def knowledge_sets(self) -> tuple[str, ...]:
        """Names of the knowledge sets that its nodes search, as in ``KNOWLEDGE_SETS``."""
        return tuple(str(node.words["dataset"]) for node in self.nodes if node.kind == "knowledge")


def app_names(folder: Path = SOURCES) -> list[str]:
    """The apps of the family, in file order."""
    return sorted(path.stem for path in folder.glob("*.yml"))


def load_app(name: str, folder: Path = SOURCES) -> AppSource:
    """Raises NotFound for an unknown name, BadInput (with the place) for a source that breaks the grammar."""
    path = folder / f"{name}.yml"
    if not path.is_file():
        raise NotFound(f"There is no app “{name}”.", f"There are: {', '.join(app_names(folder))}.")
    return read_app(path.read_text(encoding="utf-8"), name, folder)


def read_app(text: str, slug: str, folder: Path = SOURCES) -> AppSource:
    """Read one source. A variant names another app and replaces some of its nodes."""
    try:
        raw = _load(text)
    except yaml.YAMLError as error:
        raise BadInput(f"{slug}: not valid YAML ({error}).") from error
    if not isinstance(raw, dict):
        raise BadInput(f"{slug}: the source is not a mapping.", "See docs/apps.md.")
    _refuse_unknown(slug, raw, _APP_WORDS)
    raw = _resolved(raw, folder)
    nodes = tuple(_node(slug, node_id, words) for node_id, words in (raw.get("nodes") or {}).items())
    ids = {node.id for node in nodes}
    for edge in (edge for node in nodes for edge in node.edges):
        if edge.target not in ids:
            raise BadInput(f"{slug}: {edge.source} leads to “{edge.target}”, which is no node.")
    return AppSource(
        slug=slug,
        name=raw.get("name", slug),
        mode=raw.get("mode", "advanced-chat"),
        icon=raw.get("icon", "🛍️"),
        about=raw.get("about", ""),
        nodes=nodes,
        opening=raw.get("opening", ""),
        suggested=tuple(raw.get("suggested", ())),
        conversation=raw.get("conversation") or {},
    )


def _load(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _resolved(raw: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The source itself, or its base (which may be a variant too) with its changes."""
    if "variant_of" not in raw:
        return dict(raw)
    base = _load((folder / f"{raw['variant_of']}.yml").read_text(encoding="utf-8"))
    return _vary(_resolved(base, folder), {name: part for name, part in raw.items() if name != "variant_of"})


def _vary(base: dict[str, Any], variant: Mapping[str, Any]) -> dict[str, Any]:
    nodes = dict(base["nodes"])
    for node_id, words in (variant.get("replace") or {}).items():
        nodes[node_id] = words
    added = variant.get("nodes") or {}
    kept = {key: value for key, value in variant.items() if key not in {"replace", "nodes"}}
    return {**base, **kept, "nodes": {**nodes, **added}}


def _node(slug: str, node_id: str, words: Any) -> SourceNode:
    if not _ID.fullmatch(str(node_id)):
        raise BadInput(f"{slug}: “{node_id}” is no node id.", "Letters, digits and _ only: Dify breaks on others.")
    if not isinstance(words, dict) or words.get("type") not in KINDS:
        raise BadInput(f"{slug}: {node_id} has no known type.", f"Types: {', '.join(KINDS)}.")
    kind = words["type"]
    _refuse_unknown(f"{slug}: {node_id} ({kind})", words, KINDS[kind])
    if not words.get("title"):
        raise BadInput(f"{slug}: {node_id} has no title.", "Give it a short Chinese title for the canvas.")
    settings = {key: value for key, value in words.items() if key not in {"type", "title", "note"}}
    edges = tuple(Edge(node_id, handle, target) for handle, target in _exits(kind, words))
    return SourceNode(node_id, kind, words["title"], settings, edges, words.get("note", ""))


def _exits(kind: str, words: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if kind == "if":
        yield from (("true", words["then"]), ("false", words["else"]))
    elif kind == "classifier":
        yield from ((class_id, row["next"]) for class_id, row in words["classes"].items())
    elif "next" in words:
        yield "source", words["next"]
    if "on_error" in words:
        yield "fail-branch", words["on_error"]


def _refuse_unknown(where: str, words: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = sorted(set(words) - known)
    if unknown:
        raise BadInput(f"{where}: unknown word {', '.join(unknown)}.", f"Known: {', '.join(sorted(known))}.")
