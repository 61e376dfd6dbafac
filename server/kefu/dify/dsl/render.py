"""An app's source → the file that a person imports into their Dify."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from kefu.dify.dsl.layout import Box, height_of, place, place_notes
from kefu.dify.dsl.nodes import DEFAULT_MODELS, Target, build
from kefu.dify.dsl.places import APPS, REPOSITORY
from kefu.dify.dsl.rules_as_code import RuleRow
from kefu.dify.dsl.source import AppSource, app_names, load_app
from kefu.dify.dsl.tools import plugin_tools
from kefu.dify.dsl.versions import STEPS, DifyVersion, default_version, versions

_NAMESPACE = uuid.UUID("6d2a7c1e-3c55-5b1e-9a53-6b6566750002")


def render(
    app: AppSource,
    version: DifyVersion | None = None,
    *,
    models: Mapping[str, str] | None = None,
    datasets: Mapping[str, str] | None = None,
    rules: tuple[RuleRow, ...] = (),
) -> dict[str, Any]:
    """The whole document; raises BadInput for what a source cannot mean.

    ``models`` replaces model names by role (router, answer), ``datasets`` the placeholder ids by knowledge set,
    ``rules`` are what a generated Code node holds.
    """
    version = version or default_version()
    target = Target(plugin_tools(REPOSITORY), {**DEFAULT_MODELS, **(models or {})}, dict(datasets or {}), rules)
    graph = _graph(app, target)
    for step in version.steps:
        STEPS[step](graph)
    return {
        "kind": "app",
        "version": version.dsl,
        "app": {
            "name": app.name,
            "mode": app.mode,
            "icon": app.icon,
            "icon_type": "emoji",
            "icon_background": "#FFEAD5",
            "description": app.about,
            "use_icon_as_answer_icon": False,
        },
        "dependencies": [],
        "workflow": {
            "conversation_variables": [_variable(app, name, row) for name, row in app.conversation.items()],
            "environment_variables": [],
            "features": _features(app),
            "graph": graph,
        },
    }


def to_yaml(document: Mapping[str, Any]) -> str:
    """The document as text, keys in our order, Chinese readable."""
    return yaml.dump(dict(document), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000_000)


def files() -> dict[Path, str]:
    """Every rendered file of the family and its text: one at the top for the default Dify, one a folder for others."""
    written: dict[Path, str] = {}
    for version in versions():
        folder = APPS if version == default_version() else APPS / f"dify-{version.dify}"
        for name in app_names():
            written[folder / f"{name}.yml"] = to_yaml(render(load_app(name), version))
    return written


def write_files() -> list[Path]:
    """Write ``files()``; gives those that changed."""
    changed = []
    for path, text in files().items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def stale_files() -> list[Path]:
    """Rendered files that differ from their source, and files in those folders that no source makes."""
    wanted = files()
    folders = {path.parent for path in wanted}
    present = {path for folder in folders for path in folder.glob("*.yml")}
    differing = [path for path, text in wanted.items() if path not in present or path.read_text("utf-8") != text]
    return sorted([*differing, *(present - set(wanted))])


def _graph(app: AppSource, target: Target) -> dict[str, Any]:
    heights = {
        node.id: height_of(node.kind, sum(edge.handle != "fail-branch" for edge in node.edges)) for node in app.nodes
    }
    boxes = place(heights, [(edge.source, edge.target) for edge in app.edges])
    notes = place_notes([node.id for node in app.nodes if node.note], boxes)
    nodes = [_node(node.id, build(node, target), boxes[node.id]) for node in app.nodes]
    types = {node["id"]: node["data"]["type"] for node in nodes}
    nodes += [_note(node.id, node.note, notes[node.id]) for node in app.nodes if node.note]
    edges = [_edge(edge.source, edge.handle, edge.target, types) for edge in app.edges]
    return {"edges": edges, "nodes": nodes, "viewport": {"x": 60, "y": 300, "zoom": 0.7}}


def _node(node_id: str, data: dict[str, Any], box: Box) -> dict[str, Any]:
    return {
        "id": node_id,
        "type": "custom",
        "position": {"x": box.x, "y": box.y},
        "positionAbsolute": {"x": box.x, "y": box.y},
        "sourcePosition": "right",
        "targetPosition": "left",
        "width": box.width,
        "height": box.height,
        "data": data,
    }


def _edge(source: str, handle: str, target: str, types: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": f"{source}-{handle}-{target}",
        "type": "custom",
        "source": source,
        "sourceHandle": handle,
        "target": target,
        "targetHandle": "target",
        "data": {"sourceType": types[source], "targetType": types[target], "isInIteration": False},
        "zIndex": 0,
    }


def _note(node_id: str, text: str, box: Box) -> dict[str, Any]:
    run = {"detail": 0, "format": 0, "mode": "normal", "style": "", "text": text, "type": "text", "version": 1}
    block = {"children": [run], "direction": "ltr", "format": "", "indent": 0, "type": "paragraph", "version": 1}
    root = {"children": [block], "direction": "ltr", "format": "", "indent": 0, "type": "root", "version": 1}
    note = _node(f"note_{node_id}", {}, box) | {"type": "custom-note"}
    note["data"] = {
        "type": "",
        "title": "",
        "desc": "",
        "text": json.dumps({"root": root}, ensure_ascii=False),
        "theme": "blue",
        "author": "kefu",
        "showAuthor": False,
        "width": box.width,
        "height": box.height,
        "selected": False,
    }
    return note


def _variable(app: AppSource, name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid5(_NAMESPACE, f"{app.slug}/{name}")),
        "name": name,
        "value_type": row.get("type", "string"),
        "value": row.get("value", ""),
        "description": row.get("about", ""),
        "selector": ["conversation", name],
    }


def _features(app: AppSource) -> dict[str, Any]:
    return {
        "opening_statement": app.opening,
        "suggested_questions": list(app.suggested),
        "suggested_questions_after_answer": {"enabled": False},
        "retriever_resource": {"enabled": True},
        "sensitive_word_avoidance": {"enabled": False},
        "speech_to_text": {"enabled": False},
        "text_to_speech": {"enabled": False, "language": "", "voice": ""},
        "file_upload": {"enabled": False},
    }


_FastDumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_FastDumper):
    """Many-line texts as blocks, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)
