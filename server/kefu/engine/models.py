"""The built-in models behind `/v1`: `kefu-router` answers Dify's nodes, `kefu-local` writes from context only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kefu.core.intents import map_classes
from kefu.core.intents.widening import widen
from kefu.core.slots import extract, extract_fields, fill, parse_schema
from kefu.engine.snapshots import Snapshot
from kefu.errors import BadInput, NotFound
from kefu.gateway.completion import ChatAnswer, local_answer
from kefu.gateway.local import DESCRIPTION, UNSURE, answer_locally
from kefu.gateway.nodes import (
    ClassifierRequest,
    ExtractorRequest,
    NodeClass,
    TitleRequest,
    classifier_answer,
    recognise,
    title_answer,
    typed_values,
)

BUILT_IN = {
    "kefu-router": "不是大语言模型：按本店意图和参数在本地回答 Dify 的问题分类与参数提取节点，不调用任何模型。",
    "kefu-local": DESCRIPTION,
}


def list_models() -> list[dict[str, Any]]:
    return [
        {"id": name, "object": "model", "created": 0, "owned_by": "kefu", "description": text}
        for name, text in BUILT_IN.items()
    ]


def answer(snapshot: Snapshot, body: Any, now: datetime) -> ChatAnswer:
    """A chat completion of a built-in model. Raises BadInput for a malformed body, NotFound for an unknown model."""
    if not isinstance(body, Mapping) or not isinstance(body.get("messages"), list) or not body["messages"]:
        raise BadInput("A chat completion needs messages.", 'Send {"model": "kefu-local", "messages": [...]}.')
    if not all(isinstance(message, Mapping) for message in body["messages"]):
        raise BadInput("A message is not an object.", 'Each is {"role": "user", "content": "..."}.')
    model = str(body.get("model") or "")
    if model not in BUILT_IN:
        raise NotFound(f"There is no model “{model}”.", f"Models: {', '.join(BUILT_IN)}.", code="model_not_found")
    node = recognise(body)
    created = int(now.timestamp())
    if isinstance(node, ClassifierRequest):
        return local_answer(model, body, classifier_answer(choose_class(snapshot, node)), created)
    if isinstance(node, ExtractorRequest):
        values = json.dumps(extract_values(snapshot, node, now), ensure_ascii=False)
        return local_answer(model, body, "" if node.tool else values, created, arguments=values if node.tool else "")
    if isinstance(node, TitleRequest):
        return local_answer(model, body, title_answer(node.query), created)
    reply = answer_locally(body["messages"]) if model == "kefu-local" else UNSURE
    return local_answer(model, body, reply, created)


def choose_class(snapshot: Snapshot, node: ClassifierRequest) -> NodeClass:
    """The class that the shop's intents map to; the one for the rest if the intent is unknown, unsure or unmapped."""
    parts = snapshot.parts
    if parts.intents is None:
        return node.fallback
    history = tuple(line.text for line in node.history if line.role == "Human")
    result = parts.intents.classify(node.query, history)
    if result.unknown or result.confidence < parts.thresholds.sure:
        return node.fallback
    texts = {widen(node_class.name, node.instruction): node_class for node_class in node.classes}
    text = map_classes(list(texts), snapshot.intent_names).class_of(result.label)
    return texts.get(text or "", node.fallback)


def extract_values(snapshot: Snapshot, node: ExtractorRequest, now: datetime) -> dict[str, Any]:
    """All keys of the node's schema with typed values, from the text and, where it leans on them, earlier messages."""
    schema = parse_schema(dict(node.schema))
    lexicon = snapshot.parts.lexicon
    slots = extract_fields(schema, node.query, now=now, lexicon=lexicon)
    filled = fill(schema, slots)
    return typed_values(node.schema, filled.values)


__all__ = ["answer", "choose_class", "extract", "extract_values", "list_models"]
