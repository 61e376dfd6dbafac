"""How a shop speaks and decides: voice, emotion thresholds, guard, service desk. One JSON record a kind and shop."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Column, Connection, ForeignKey, Integer, String, Table, Text, UniqueConstraint, select

from kefu.core.emotion import EmotionSettings
from kefu.core.guard import GuardSettings
from kefu.core.handoff import Desk
from kefu.core.voice import Voice
from kefu.errors import BadInput, NotFound
from kefu.store import revisions
from kefu.store.db import metadata
from kefu.store.moments import Instant

profiles = Table(
    "profiles",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("data", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("shop_id", "kind"),
)

identity_answers = Table(
    "identity_answers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("question", String(300), nullable=False),
    Column("answer", Text, nullable=False),
    UniqueConstraint("shop_id", "question"),
)

Profile = Voice | EmotionSettings | GuardSettings | Desk


class _Kind(Protocol):
    def __call__(self) -> Any: ...
    def from_dict(self, data: Mapping[str, Any]) -> Any: ...


KINDS: dict[str, _Kind] = {"voice": Voice, "emotion": EmotionSettings, "guard": GuardSettings, "desk": Desk}
"""Kind → its value type. A kind is also the name of its revision."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """All of a shop's profiles; defaults where nothing is stored."""

    voice: Voice = field(default_factory=Voice)
    emotion: EmotionSettings = field(default_factory=EmotionSettings)
    guard: GuardSettings = field(default_factory=GuardSettings)
    desk: Desk = field(default_factory=Desk)
    identity: tuple[tuple[str, str], ...] = ()


def load_profiles(connection: Connection, shop_id: int) -> Profiles:
    """What the engine keeps in its snapshot of a shop."""
    query = select(profiles.c.kind, profiles.c.data).where(profiles.c.shop_id == shop_id)
    found = {row.kind: KINDS[row.kind].from_dict(json.loads(row.data)) for row in connection.execute(query)}
    answers = {q: a for q, a in list_identity(connection, shop_id).items() if q == "*" or not q.startswith("*")}
    return Profiles(**found, identity=tuple(answers.items()))


def get_profile(connection: Connection, shop_id: int, kind: str) -> Any:
    """The stored value of ``kind``, or its default. Raises NotFound for an unknown kind."""
    make = _kind(kind)
    here = (profiles.c.shop_id == shop_id) & (profiles.c.kind == kind)
    row = connection.execute(select(profiles.c.data).where(here)).first()
    return make.from_dict(json.loads(row.data)) if row else make()


def set_profile(connection: Connection, shop_id: int, kind: str, data: Mapping[str, Any], now: datetime) -> Any:
    """Check and store the whole record of ``kind``. Raises NotFound (kind), BadInput (names, types, limits)."""
    if not isinstance(data, Mapping):
        raise BadInput("A profile is an object of names and values.", "Send JSON such as {}.")
    value = _kind(kind).from_dict(data)
    revisions.bump(connection, shop_id, kind)
    here = (profiles.c.shop_id == shop_id) & (profiles.c.kind == kind)
    row = {"data": json.dumps(asdict(value), ensure_ascii=False), "updated_at": now}
    if connection.execute(profiles.update().where(here).values(**row)).rowcount == 0:
        connection.execute(profiles.insert().values(shop_id=shop_id, kind=kind, **row))
    return value


def list_identity(connection: Connection, shop_id: int) -> dict[str, str]:
    """The shop's own answers to questions about the assistant: question → answer; ``*`` answers any of them."""
    query = select(identity_answers).where(identity_answers.c.shop_id == shop_id).order_by(identity_answers.c.id)
    return {row.question: row.answer for row in connection.execute(query)}


def save_identity(connection: Connection, shop_id: int, answers: Mapping[str, str]) -> None:
    """Add or replace answers."""
    revisions.bump(connection, shop_id, "identity")
    for question, answer in answers.items():
        here = (identity_answers.c.shop_id == shop_id) & (identity_answers.c.question == question)
        if connection.execute(identity_answers.update().where(here).values(answer=answer)).rowcount == 0:
            connection.execute(identity_answers.insert().values(shop_id=shop_id, question=question, answer=answer))


def _kind(kind: str) -> _Kind:
    if kind not in KINDS:
        raise NotFound(f"There is no profile “{kind}”.", f"There are {', '.join(KINDS)}.")
    return KINDS[kind]
