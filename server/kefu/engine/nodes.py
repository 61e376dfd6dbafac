"""Dify's node requests, answered locally: the intent model for classes, the slot extractor for parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from kefu.core.decide.selling.browsing import looks_around
from kefu.core.intents import ClassMapping, IntentNames, map_classes
from kefu.core.intents.features import clean
from kefu.core.intents.follow_up import leans_on_the_past
from kefu.core.intents.widening import widen
from kefu.core.slots import Slot, extract_fields, fill, parse_schema
from kefu.core.text import normalise
from kefu.engine.snapshots import Snapshot
from kefu.errors import BadInput
from kefu.gateway.nodes import ClassifierRequest, ExtractorRequest, NodeClass, typed_values

LOOK_BACK = 3
"""Earlier messages of the customer that a short follow-up may lean on."""


def choose_class(snapshot: Snapshot, node: ClassifierRequest) -> NodeClass | None:
    """The class that the shop's intents map to. None if the intent is unknown, unsure or no class takes it."""
    parts = snapshot.parts
    if parts.intents is None:
        return None
    history = tuple(line.text for line in node.history if line.role == "Human")
    result = parts.intents.classify(node.query, history)
    texts = {widen(node_class.name, node.instruction): node_class for node_class in node.classes}
    class_of = _mapping(tuple(texts), snapshot.intent_names).class_of
    if looks_around(normalise(node.query).text, replace(result, label=parts.roles.get(result.label, result.label))):
        stock = next((name for name in parts.intents.labels if parts.roles.get(name, name) == "stock_query"), "")
        return texts.get(class_of(stock or result.label) or "")
    if result.unknown:
        return None
    chances: dict[str | None, float] = {}
    for one in result.top:  # unsure which intent, one may be sure of the class that takes several
        chances[class_of(one.label)] = chances.get(class_of(one.label), 0.0) + one.confidence
    likeliest = max(chances, key=lambda text: chances[text], default=None)
    return texts.get(likeliest or "") if chances.get(likeliest, 0.0) >= parts.thresholds.sure else None


@lru_cache(maxsize=256)
def _mapping(class_texts: tuple[str, ...], names: tuple[IntentNames, ...]) -> ClassMapping:
    """A node asks with the same classes every time."""
    return map_classes(class_texts, names)


def extract_values(snapshot: Snapshot, node: ExtractorRequest, now: datetime) -> tuple[dict[str, Any], bool]:
    """All keys of the node's schema with typed values, and whether every key is of a sort that is found locally.

    A short follow-up (“那明天呢”) takes what it does not say from the customer's earlier messages.
    """
    try:
        schema = parse_schema(dict(node.schema))
    except BadInput:
        return typed_values(node.schema, {}), False
    lexicon = snapshot.parts.lexicon
    slots = extract_fields(schema, node.query, now=now, lexicon=lexicon)
    earlier: list[Slot] = []
    if leans_on_the_past(clean(node.query)):
        said = [line.text for line in node.history if line.role == "Human"]
        for text in reversed(said[-LOOK_BACK:]):
            earlier += extract_fields(schema, text, now=now, lexicon=lexicon)
    filled = fill(schema, slots, earlier=earlier)
    known = all(field.meaning.types or field.options for field in schema.fields)
    return typed_values(node.schema, filled.values), known


def together(local: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """What was found locally wins; the model fills what is empty."""
    return {name: local[name] or told.get(name, local[name]) for name in local}
