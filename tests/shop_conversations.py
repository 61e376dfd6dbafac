"""Conversations with a shop made of files: what each answer holds."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from kefu.engine import Engine
from kefu.engine.tools import ToolRequest, understand
from kefu.store.shops import Shop


def converse(engine: Engine, shop: Shop, turns: Sequence[Mapping[str, Any]]) -> None:
    """Say each turn's ``say`` in one conversation; check its reply, route and intent."""
    conversation = uuid.uuid4().hex
    for turn in turns:
        answer = understand(engine, shop, ToolRequest(turn["say"], conversation))
        assert all(part in answer["reply"] for part in turn.get("has", ())), answer["reply"]
        assert not any(part in answer["reply"] for part in turn.get("hasnt", ())), answer["reply"]
        assert answer["route"] == turn.get("route", answer["route"]), answer
        assert answer["intent"] == turn.get("intent", answer["intent"])
