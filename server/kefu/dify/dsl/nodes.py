"""What each kind of source node becomes in Dify's file: one function a kind, in the table ``BUILDERS``.

Written as Dify's own front end writes it (checked against an export of 1.14.2), so that an import, an export and
another import change nothing that matters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kefu.dify.dsl.knowledge import set_named
from kefu.dify.dsl.rules_as_code import RuleRow, code_of_rules
from kefu.dify.dsl.source import SourceNode
from kefu.dify.dsl.tools import MODEL_PROVIDER, TOOL_PROVIDER, Tool
from kefu.errors import BadInput

Data = dict[str, Any]
DEFAULT_MODELS: Mapping[str, str] = {"router": "kefu-router", "answer": "kefu-local"}
_COMPLETION: Mapping[str, Mapping[str, Any]] = {
    "router": {"temperature": 0.1, "max_tokens": 256},
    "answer": {"temperature": 0.3, "max_tokens": 512},
}


@dataclass(frozen=True, slots=True)
class Target:
    """What is filled in: model names by role, dataset ids by knowledge set, the rules of the Code node."""

    tools: Mapping[str, Tool]
    models: Mapping[str, str]
    datasets: Mapping[str, str]
    rules: tuple[RuleRow, ...] = ()


def selector(dotted: str) -> list[str]:
    """``rule.query`` → ``["rule", "query"]``."""
    return dotted.split(".")


def build(node: SourceNode, target: Target) -> Data:
    """The ``data`` of one node of the rendered file."""
    kind, fields = BUILDERS[node.kind](node.words, target)
    data: Data = {"type": kind, "title": node.title, "desc": "", "selected": False, **fields}
    if "on_error" in node.words:
        data["error_strategy"] = "fail-branch"
    return data


def _start(words: Mapping[str, Any], target: Target) -> tuple[str, Data]:
    variables = [
        {
            "variable": name,
            "label": row["label"],
            "type": row.get("type", "text-input"),
            "required": bool(row.get("required", False)),
            "max_length": row.get("max_length", 256),
            "options": [],
        }
        for name, row in (words.get("inputs") or {}).items()
    ]
    return "start", {"variables": variables}


def _tool(words: Mapping[str, Any], target: Target) -> tuple[str, Data]:
    tool = target.tools.get(words["tool"])
    if tool is None:
        raise BadInput(f"The plugin has no tool “{words['tool']}”.", f"It has: {', '.join(target.tools)}.")
    unknown = set(words.get("with") or {}) - {row.name for row in tool.parameters}
    if unknown:
        raise BadInput(f"{tool.name} has no parameter {', '.join(sorted(unknown))}.")
    return "tool", {
        "provider_id": TOOL_PROVIDER,
        "provider_type": "builtin",
        "provider_name": TOOL_PROVIDER,
        "tool_name": tool.name,
        "tool_label": tool.label,
        "tool_configurations": {},
        "tool_node_version": "2",
        "tool_parameters": {
            name: {"type": "mixed", "value": str(value)} for name, value in (words.get("with") or {}).items()
        },
        "retry_config": _retry(words),
    }


def _retry(words: Mapping[str, Any]) -> Data:
    return {"retry_enabled": True, "max_retries": int(words.get("retries", 2)), "retry_interval": 200}


def _if(words: Mapping[str, Any], target: Target) -> tuple[str, Data]:
    conditions = []
    for number, row in enumerate(words["when"], start=1):
        variable, operator, *value = row
        condition: Data = {
            "id": f"c{number}",
            "variable_selector": selector(variable),
            "comparison_operator": operator,
            "varType": "boolean" if value and isinstance(value[0], bool) else "string",
            "value": value[0] if value else "",
        }
        if not value:
            condition["varType"] = "array[object]" if variable.endswith(".result") else "string"
        conditions.append(condition)
    case = {"case_id": "true", "id": "true", "logical_operator": "and", "conditions": conditions}
    return "if-else", {"cases": [case]}


def _model(words: Mapping[str, Any], target: Target) -> Data:
    role = words["model"]
    if role not in target.models:
        raise BadInput(f"There is no model role “{role}”.", f"Roles: {', '.join(target.models)}.")
    return {
        "provider": MODEL_PROVIDER,
        "name": target.models[role],
        "mode": "chat",
        "completion_params": dict(_COMPLETION[role]),
    }


def _memory(words: Mapping[str, Any], query: str = "") -> Data:
    return {"query_prompt_template": query, "window": {"enabled": True, "size": int(words["memory"])}}


def _classifier(words: Mapping[str, Any], target: Target) -> tuple[str, Data]:
    data: Data = {
        "query_variable_selector": selector(words["query"]),
        "model": _model(words, target),
        "classes": [{"id": class_id, "name": row["name"]} for class_id, row in words["classes"].items()],
        "topics": [],
        "instruction": words.get("instruction", ""),
        "vision": {"enabled": False},
    }
    if "memory" in words:
        data["memory"] = _memory(words)
    return "question-classifier", data


def _extractor(words: Mapping[str, Any], target: Target) -> tuple[str, Data]:
    data: Data = {
        "query": selector(words["query"]),
        "model": _model(words, target),
        "reasoning_mode": "prompt",
        "instruction": words.get("instruction", ""),
        "parameters": [
            {"name": name, "type": "string", "description": about, "required": True}
            for name, about in words["parameters"].items()
        ],
        "vision": {"enabled": False},
    }
    if "memory" in words:
        data["memory"] = _memory(words)
    return "parameter-extractor", data


def _knowledge(words: Mapping[str, Any], target: Target) -> tuple[str, Data]:
    knowledge = set_named(words["dataset"])
    if knowledge is None:
        raise BadInput(
            f"There is no knowledge set “{words['dataset']}”.", "The sets are in kefu/dify/dsl/knowledge.py."
        )
    return "knowledge-retrieval", {
        "query_variable_selector": selector(words["query"]),
        "query_attachment_selector": [],
        "dataset_ids": [target.datasets.get(knowledge.name, knowledge.placeholder)],
        "retrieval_mode": "multiple",
        "multiple_retrieval_config": {
            "top_k": int(words.get("top_k", knowledge.top_k)),
            "score_threshold": None,
            "reranking_enable": False,
        },
    }


def _llm(words: Mapping[str, Any], target: Target) -> tuple[str, Data]:
    context = selector(words["context"]) if "context" in words else []
    return "llm", {
        "model": _model(words, target),
        "prompt_template": [{"role": "system", "text": words["system"]}],
        "context": {"enabled": bool(context), "variable_selector": context},
        "memory": _memory(words, words["query"]),
        "vision": {"enabled": False},
        "retry_config": _retry(words),
    }


def _code(words: Mapping[str, Any], target: Target) -> tuple[str, Data]:
    generated = words["code"] == "rules"
    return "code", {
        "variables": [
            {"variable": name, "value_selector": selector(dotted)} for name, dotted in words["inputs"].items()
        ],
        "code_language": "python3",
        "code": code_of_rules(target.rules) if generated else words["code"],
        "outputs": {name: {"type": kind, "children": None} for name, kind in words["outputs"].items()},
        "retry_config": _retry(words),
    }


def _text(words: Mapping[str, Any], target: Target) -> tuple[str, Data]:
    return "template-transform", {"template": words["template"], "variables": []}


def _assign(words: Mapping[str, Any], target: Target) -> tuple[str, Data]:
    items = []
    for name, given in words["set"].items():
        constant = isinstance(given, Mapping)
        items.append(
            {
                "variable_selector": ["conversation", name],
                "input_type": "constant" if constant else "variable",
                "operation": "set" if constant else "over-write",
                "value": given["value"] if constant else selector(given),
            }
        )
    return "assigner", {"version": "2", "items": items}


def _answer(words: Mapping[str, Any], target: Target) -> tuple[str, Data]:
    return "answer", {"answer": words["text"], "variables": []}


def _end(words: Mapping[str, Any], target: Target) -> tuple[str, Data]:
    outputs = [
        {"variable": name, "value_selector": selector(row["from"]), "value_type": row.get("type", "string")}
        for name, row in words["outputs"].items()
    ]
    return "end", {"outputs": outputs}


BUILDERS: Mapping[str, Callable[[Mapping[str, Any], Target], tuple[str, Data]]] = {
    "start": _start,
    "tool": _tool,
    "if": _if,
    "classifier": _classifier,
    "extractor": _extractor,
    "knowledge": _knowledge,
    "llm": _llm,
    "code": _code,
    "text": _text,
    "assign": _assign,
    "answer": _answer,
    "end": _end,
}
