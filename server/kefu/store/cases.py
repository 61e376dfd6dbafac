"""Evaluation cases of a shop: conversations with what must come out, in the form of the YAML cases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Integer, String, Table, Text, UniqueConstraint, select

from kefu.errors import BadInput
from kefu.store.db import metadata
from kefu.store.moments import Instant

evaluation_cases = Table(
    "evaluation_cases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(120), nullable=False),
    Column("case", Text, nullable=False),
    Column("source", String(32), nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("shop_id", "name"),
)


@dataclass(frozen=True, slots=True)
class EvaluationCase:
    """``turns`` are mappings such as {"say": …, "reply contains": […], "route": …}, as in the YAML cases."""

    name: str
    turns: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)
    source: str = "import"

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > 120:
            raise BadInput("A case needs a name of 1 to 120 characters.", "Say what it checks.")
        if not self.turns or any(not turn.get("say") for turn in self.turns):
            raise BadInput(f"The case “{self.name}” says nothing.", "Every turn needs `say`.")


def save_case(connection: Connection, shop_id: int, case: EvaluationCase, now: datetime) -> None:
    """Add the case, or replace the one of the same name."""
    here = (evaluation_cases.c.shop_id == shop_id) & (evaluation_cases.c.name == case.name)
    text = json.dumps([dict(turn) for turn in case.turns], ensure_ascii=False)
    values = {"case": text, "source": case.source[:32], "created_at": now}
    if connection.execute(evaluation_cases.update().where(here).values(**values)).rowcount == 0:
        connection.execute(evaluation_cases.insert().values(shop_id=shop_id, name=case.name, **values))


def list_cases(connection: Connection, shop_id: int) -> list[EvaluationCase]:
    """All cases of the shop, oldest first."""
    query = select(evaluation_cases).where(evaluation_cases.c.shop_id == shop_id).order_by(evaluation_cases.c.id)
    return [EvaluationCase(r.name, tuple(json.loads(r.case)), r.source) for r in connection.execute(query)]
