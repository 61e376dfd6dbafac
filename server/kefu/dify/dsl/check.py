"""Refuses what Dify would import without a word and then break on. One function a rule, in the table ``RULES``."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

from kefu.dify.dsl import flow_rules
from kefu.dify.dsl.document import REFERENCE, AppDocument, references
from kefu.dify.dsl.engine_check import engine_complaints
from kefu.dify.dsl.fields import (
    APP_FIELDS,
    EVERYWHERE,
    FALLIBLE,
    FIELDS,
    FILE_FIELDS,
    MODEL_FIELDS,
    ON_ERROR,
    OUTPUTS,
    RETRYING,
    SHAPES,
    SYSTEM,
    WORKFLOW_FIELDS,
)
from kefu.dify.dsl.finding import Expected, Finding
from kefu.dify.dsl.layout import NODE_WIDTH, Box
from kefu.dify.dsl.secret_rules import secrets
from kefu.dify.dsl.tools import MODEL_PROVIDER, TOOL_PROVIDER, plugin_tools

OTHER = "其他"
LAST_WITHOUT_CLASSIFIER_BRANCH = (0, 4, 0)
"""Of Dify 1.8, where a classifier or extractor cannot fail into a branch, and of 1.9, where it can."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ID = re.compile(r"[A-Za-z0-9_]+")


def check_text(text: str, expected: Expected | None = None) -> list[Finding]:
    """All findings for a file's text, worst first. A file that is no app at all gives one finding."""
    try:
        raw = yaml.load(text, Loader=_LOADER)
        app = AppDocument.of(raw)
    except yaml.YAMLError as error:
        return [Finding("yaml", "file", f"not valid YAML: {error}")]
    except (KeyError, TypeError, AttributeError) as error:
        return [Finding("shape", "file", f"not an app with a workflow: {type(error).__name__} {error}")]
    return check(app, expected)


def check(app: AppDocument, expected: Expected | None = None) -> list[Finding]:
    """All findings for an app. The engine's own schema is asked where graphon is installed."""
    expected = expected or Expected()
    broken = list(_first_rules(app))
    if any(finding.fatal for finding in broken):
        return broken
    found = [finding for rule in RULES for finding in rule(app, expected)]
    found += [Finding("engine-schema", where, message) for where, message in engine_complaints(app)]
    return sorted(broken + found, key=lambda finding: not finding.fatal)


def _first_rules(app: AppDocument) -> Iterator[Finding]:
    """Without these the other rules cannot look."""
    for node_id, data in app.nodes.items():
        if data.get("type") not in FIELDS:
            yield Finding("unknown-node", node_id, f"“{data.get('type')}” is no node type of our apps")
        for name, shape in SHAPES.items():
            if not isinstance(data.get(name) or shape(), shape):
                yield Finding("shape", node_id, f"{name} is no {'mapping' if shape is dict else 'list'}")
    for node_id in sorted(app.doubled_ids()):
        yield Finding("double-id", node_id, "two nodes have this id; Dify runs only one of them")
    for link in app.links:
        for end in (link.source, link.target):
            if end not in app.nodes:
                yield Finding("edge-to-nowhere", end, f"the edge {link.source} → {link.target} has no node “{end}”")
    if sum(data.get("type") == "start" for data in app.nodes.values()) != 1:
        yield Finding("one-start", "graph", "an app has exactly one start node")


def _ids(app: AppDocument, _: Expected) -> Iterator[Finding]:
    for node_id in app.nodes:
        if not _ID.fullmatch(node_id):
            yield Finding("node-id", node_id, "only letters, digits and _: others break {{#…#}}")
    for row in app.raw["workflow"].get("conversation_variables") or ():
        try:
            uuid.UUID(str(row.get("id")))
        except ValueError:
            yield Finding("variable-id", str(row.get("name")), "a conversation variable's id is a UUID, else HTTP 500")
    if not isinstance(app.raw.get("version"), str):
        yield Finding("version", "version", "the version is a text such as '0.6.0'; a number is refused")


def _fields(app: AppDocument, _: Expected) -> Iterator[Finding]:
    parts = [("file", app.raw, FILE_FIELDS), ("app", app.raw["app"], APP_FIELDS)]
    parts.append(("workflow", app.raw["workflow"], WORKFLOW_FIELDS))
    for node_id, data in app.nodes.items():
        parts.append((node_id, data, EVERYWHERE | FIELDS[data["type"]]))
        parts.append((f"{node_id}.model", data.get("model") or {}, MODEL_FIELDS))
    for where, given, known in parts:
        if unknown := set(given) - known:
            yield Finding("unknown-field", where, f"unknown field {', '.join(sorted(map(str, unknown)))}")
    for node_id, data in app.nodes.items():
        if not data.get("title"):
            yield Finding("title", node_id, "a node without a title cannot be read on the canvas")


def _classes(app: AppDocument, _: Expected) -> Iterator[Finding]:
    for node_id, data in app.of_type("question-classifier"):
        classes = data.get("classes") or [{}]
        if not str(classes[0].get("name", "")).startswith(OTHER):
            yield Finding(
                "first-class",
                node_id,
                f"class 1 must be {OTHER}…: Dify takes it silently when the classifier's answer is unusable",
            )


def _error_branches(app: AppDocument, _: Expected) -> Iterator[Finding]:
    for node_id, data in app.of_type(*FALLIBLE):
        branches = data.get("error_strategy") == "fail-branch"
        if data["type"] not in RETRYING and app.version <= LAST_WITHOUT_CLASSIFIER_BRANCH:
            if branches and app.version < LAST_WITHOUT_CLASSIFIER_BRANCH:
                yield Finding("dead-branch", node_id, "before Dify 1.9 this branch makes every other edge a dead end")
        elif not branches:
            yield Finding(
                "error-branch", node_id, "needs error_strategy: fail-branch (a default cannot serve a branch)"
            )
        if data["type"] in RETRYING and not (data.get("retry_config") or {}).get("retry_enabled"):
            yield Finding("retry", node_id, "has no retries; one lost packet costs the customer the answer")


def _answers(app: AppDocument, _: Expected) -> Iterator[Finding]:
    for node_id, data in app.of_type("answer"):
        for found in REFERENCE.findall(str(data.get("answer", ""))):
            source, _, name = found.partition(".")
            kind = app.nodes.get(source, {}).get("type")
            if kind == "tool" and name not in {"text", "json", "files"}:
                yield Finding(
                    "empty-answer",
                    node_id,
                    f"{{{{#{found}#}}}} reaches the customer as an empty text; use {source}.text",
                )


def _variables(app: AppDocument, _: Expected) -> Iterator[Finding]:
    for node_id, data in app.nodes.items():
        for reference in dict.fromkeys(references(data)):
            if complaint := _missing(app, reference):
                yield Finding("unknown-variable", node_id, f"{'.'.join(reference)}: {complaint}")


def _missing(app: AppDocument, reference: tuple[str, ...]) -> str:
    """Why this variable does not exist; empty if it does."""
    source, name = reference[0], reference[1] if len(reference) > 1 else ""
    if source in {"sys", "env", "conversation"}:
        rows = app.raw["workflow"].get(f"{'environment' if source == 'env' else source}_variables") or ()
        known = SYSTEM if source == "sys" else {row.get("name") for row in rows}
        return "" if name in known else f"there is no {source} variable of that name"
    data = app.nodes.get(source)
    if data is None:
        return "there is no such node"
    return "" if name in _outputs(data) else f"{source} puts out no {name or 'such value'}"


def _outputs(data: Mapping[str, Any]) -> set[str]:
    kind = data["type"]
    outputs = set(OUTPUTS.get(kind, ())) | ON_ERROR
    if kind == "tool":
        tool = plugin_tools().get(data.get("tool_name", ""))
        outputs |= tool.outputs if tool else set()
    elif kind == "start":
        outputs |= {row["variable"] for row in data.get("variables") or ()}
    elif kind == "parameter-extractor":
        outputs |= {row["name"] for row in data.get("parameters") or ()}
    elif kind == "code":
        outputs |= set(data.get("outputs") or ())
    return outputs


def _tools(app: AppDocument, _: Expected) -> Iterator[Finding]:
    for node_id, data in app.of_type("tool"):
        if data.get("provider_id") != TOOL_PROVIDER:
            yield Finding(
                "tool", node_id, f"provider_id must be the full {TOOL_PROVIDER}, not {data.get('provider_id')}"
            )
            continue
        tool = plugin_tools().get(data.get("tool_name", ""))
        if tool is None:
            yield Finding("tool", node_id, f"the plugin has no tool “{data.get('tool_name')}”")
            continue
        given = set(data.get("tool_parameters") or ())
        if unknown := given - {row.name for row in tool.parameters}:
            yield Finding("tool", node_id, f"{tool.name} has no parameter {', '.join(sorted(unknown))}")
        if lacking := {row.name for row in tool.parameters if row.required} - given:
            yield Finding("tool", node_id, f"{tool.name} needs {', '.join(sorted(lacking))}; Dify does not check")
        for name, value in (data.get("tool_configurations") or {}).items():
            if name not in {row.name for row in tool.parameters}:
                yield Finding("tool", node_id, f"{tool.name} has no setting {name}")
            if not isinstance(value, dict) or "value" not in value:
                yield Finding("tool", node_id, f"{name}: write {{type: constant, value}}; a bare value is dropped")


def _models(app: AppDocument, expected: Expected) -> Iterator[Finding]:
    for node_id, data in app.of_type("llm", "question-classifier", "parameter-extractor"):
        model = data.get("model") or {}
        if model.get("provider") != MODEL_PROVIDER or model.get("name") not in expected.models:
            known = ", ".join(sorted(expected.models))
            yield Finding(
                "model", node_id, f"{model.get('provider')} · {model.get('name')} is not in the target ({known})"
            )


def _datasets(app: AppDocument, expected: Expected) -> Iterator[Finding]:
    for node_id, data in app.of_type("knowledge-retrieval"):
        if not data.get("dataset_ids"):
            yield Finding("dataset", node_id, "names no knowledge")
        for dataset in data.get("dataset_ids") or ():
            if dataset not in expected.datasets:
                yield Finding("dataset", node_id, f"dataset {dataset} is not of this target; Dify would find nothing")


def _prompts(app: AppDocument, _: Expected) -> Iterator[Finding]:
    for node_id, data in app.of_type("llm"):
        template = data.get("prompt_template") or []
        roles = [row.get("role") for row in template] if isinstance(template, list) else []
        if data.get("memory") and "user" in roles:
            yield Finding("query-twice", node_id, "a user message and memory: the question is sent twice")
        asked = (data.get("memory") or {}).get("query_prompt_template")
        if asked and "{{#sys.query#}}" not in asked:
            text = "the memory's question must hold sys.query, or Dify's canvas lists a fault"
            yield Finding("memory-query", node_id, text)
    for node_id, data in app.of_type("question-classifier", "parameter-extractor"):
        query = data.get("query_variable_selector") or data.get("query")
        if list(query or ()) == ["sys", "query"]:
            text = "reads sys.query unescaped; a tool's `query` is safe against {{#env.X#}} and quotes"
            yield Finding("raw-query", node_id, text, fatal=bool(app.raw["workflow"].get("environment_variables")))
    for node_id, data in app.of_type("parameter-extractor"):
        for row in data.get("parameters") or ():
            if row.get("type") != "string" or not row.get("required"):
                yield Finding(
                    "parameter", node_id, f"{row.get('name')}: required string, “” = not given; 0 cannot say that"
                )


def _conditions(app: AppDocument, _: Expected) -> Iterator[Finding]:
    for node_id, data in app.of_type("if-else"):
        for row in (row for case in data.get("cases") or () for row in case.get("conditions") or ()):
            if row.get("varType") == "boolean" and row.get("value") not in (True, False, "true", "false"):
                yield Finding("boolean", node_id, f"{row.get('value')!r} is neither true nor false; the run would fail")


def _canvas(app: AppDocument, _: Expected) -> Iterator[Finding]:
    boxes = [
        (row["id"], Box(at["x"], at["y"], row.get("width") or NODE_WIDTH, row.get("height") or 90))
        for row in app.raw["workflow"]["graph"]["nodes"]
        if (at := row.get("position"))
    ]
    for number, (name, box) in enumerate(boxes):
        for other, rival in boxes[number + 1 :]:
            if box.overlaps(rival):
                yield Finding("overlap", name, f"covers {other} on the canvas", fatal=False)


def _dependencies(app: AppDocument, _: Expected) -> Iterator[Finding]:
    for row in app.raw.get("dependencies") or ():
        name = (row.get("value") or {}).get("plugin_unique_identifier", "")
        if "@" not in str(name):
            yield Finding("dependency", str(name), "an identifier without checksum makes Dify's check fail with 500")


RULES: tuple[Callable[[AppDocument, Expected], Iterator[Finding]], ...] = (
    _ids,
    _fields,
    flow_rules.edges,
    flow_rules.reachable,
    flow_rules.order,
    flow_rules.result,
    _classes,
    _error_branches,
    _answers,
    _variables,
    _tools,
    _models,
    _datasets,
    _prompts,
    _conditions,
    secrets,
    _canvas,
    _dependencies,
)
