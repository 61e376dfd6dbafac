"""Asks graphon's own schema for each node, where graphon is installed: what Dify refuses only at the first chat."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Mapping
from typing import Any

from kefu.dify.dsl.document import AppDocument

_SCHEMAS: Mapping[str, tuple[str, str]] = {
    "start": ("graphon.nodes.start.entities", "StartNodeData"),
    "end": ("graphon.nodes.end.entities", "EndNodeData"),
    "answer": ("graphon.nodes.answer.entities", "AnswerNodeData"),
    "if-else": ("graphon.nodes.if_else.entities", "IfElseNodeData"),
    "tool": ("graphon.nodes.tool.entities", "ToolNodeData"),
    "question-classifier": ("graphon.nodes.question_classifier.entities", "QuestionClassifierNodeData"),
    "parameter-extractor": ("graphon.nodes.parameter_extractor.entities", "ParameterExtractorNodeData"),
    "llm": ("graphon.nodes.llm.entities", "LLMNodeData"),
    "code": ("graphon.nodes.code.entities", "CodeNodeData"),
    "template-transform": ("graphon.nodes.template_transform.entities", "TemplateTransformNodeData"),
    "assigner": ("graphon.nodes.variable_assigner.v2.entities", "VariableAssignerNodeData"),
    "variable-aggregator": ("graphon.nodes.variable_aggregator.entities", "VariableAggregatorNodeData"),
}
"""Node type → module and class of its schema. knowledge-retrieval is Dify's own: graphon has none."""


def engine_complaints(app: AppDocument) -> Iterator[tuple[str, str]]:
    """(node id, what is wrong) for each node that the schema refuses; nothing without graphon."""
    if importlib.util.find_spec("graphon") is None:
        return
    for node_id, data in app.nodes.items():
        if data["type"] in _SCHEMAS:
            module, name = _SCHEMAS[data["type"]]
            yield from ((node_id, text) for text in _refusals(getattr(importlib.import_module(module), name), data))


def _refusals(schema: Any, data: Mapping[str, Any]) -> Iterator[str]:
    try:
        schema.model_validate(dict(data))
    except ValueError as error:
        for row in getattr(error, "errors", list)():
            yield f"{'.'.join(str(part) for part in row['loc'])}: {row['msg']}"
