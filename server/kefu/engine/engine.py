"""The engine of one process: what the web, the command line, evaluation and tests talk to."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from kefu.clock import Clock
from kefu.core.catalogue.answers.shelf import Shelf
from kefu.core.decide import Asked, Decision
from kefu.core.decide.decide import Stage
from kefu.core.decide.goods.answer import GOODS_INTENTS
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.written.facts import mark_of
from kefu.core.dialogue import State
from kefu.core.handoff import Silence, silence
from kefu.core.voice import fill, variables
from kefu.engine import models
from kefu.engine.questions import Count, Questions
from kefu.engine.retrieval import Retrieval, find_records
from kefu.engine.snapshots import Snapshots
from kefu.engine.turns import Turn, rehearse, take_turn
from kefu.errors import KefuError, Unavailable
from kefu.gateway.calls import NOBODY, Caller
from kefu.gateway.completion import ChatAnswer
from kefu.gateway.nodes import text_of
from kefu.settings import Settings
from kefu.store import conversations, handoffs
from kefu.store.db import Database
from kefu.store.live_stock import LiveStock
from kefu.store.shops import Shop, list_shops, shop_of_token

log = logging.getLogger("kefu.engine")

ANSWERED_WITHIN = timedelta(minutes=10)
"""A model's call belongs to a turn that is no older."""

WARMED = 5
"""Shops that a worker loads at its start, about a second each."""


class Engine:
    """Everything over one database. Thread-safe; `close` when done. ``count(metric, **labels)`` notes outcomes."""

    def __init__(
        self, db: Database, settings: Settings, clock: Clock, count: Count = lambda _name, **_labels: None
    ) -> None:
        self.db = db
        self.settings = settings
        self.clock = clock
        self.snapshots = Snapshots(db, timedelta(hours=settings.stock_max_age_hours))
        self.models = models.Models()
        self.questions = Questions(self.models.pool, count)
        self._live_stock = LiveStock(db)
        self._ttl = timedelta(hours=settings.conversation_ttl_hours)

    def shop_of_token(self, token: str) -> Shop:
        """Raises Unauthorized."""
        with self.db.read() as connection:
            return shop_of_token(connection, token)

    def warm(self) -> None:
        """Load the first shops, so that nobody's first message waits for it; what fails is that message's to tell."""
        try:
            with self.db.read() as connection:
                shops = list_shops(connection)[:WARMED]
            for shop in shops:
                self.snapshots.of(shop.id)
        except (SQLAlchemyError, KefuError) as error:
            log.warning("shops are loaded by their first message", extra={"error": str(error)})

    def check_ready(self) -> None:
        """Raises Unavailable unless the database answers."""
        try:
            with self.db.read() as connection:
                connection.execute(text("SELECT 1 FROM shops LIMIT 1"))
        except SQLAlchemyError as error:
            raise Unavailable("The database does not answer.", "See the server's log and KEFU_DATABASE_URL.") from error

    def turn(
        self,
        shop: Shop,
        asked: Asked,
        *,
        tool: str,
        stages: tuple[Stage, ...] | None = None,
        record_miss: bool = True,
    ) -> Turn:
        """Decide and record one turn, with the shop as it is at this moment."""
        snapshot = self.snapshots.of(shop.id)
        return take_turn(
            self.db,
            shop.id,
            snapshot,
            self._live_stock,
            asked,
            self._ttl,
            tool=tool,
            meaning=partial(self.questions.vector_of, snapshot),
            stages=stages,
            record_miss=record_miss,
        )

    def silence(self, shop: Shop, conversation_id: str) -> Silence:
        """Whether people have the conversation, and what is said meanwhile."""
        if not conversation_id:
            return Silence(False)
        with self.db.read() as connection:
            live = handoffs.live_handoff(connection, shop.id, conversation_id)
        if live is None:
            return Silence(False)
        parts, now = self.snapshots.of(shop.id).parts, self.clock()
        quiet = silence(live.state, parts.desk, now)
        return replace(quiet, reply=fill(quiet.reply, variables(parts.voice, now=now)))

    def rehearse(self, shop: Shop, asked: Asked, state: State) -> tuple[Decision, State]:
        """What `turn` would decide after ``state``, recorded nowhere, and the state after it."""
        snapshot = self.snapshots.of(shop.id)
        meaning = partial(self.questions.vector_of, snapshot)
        return rehearse(self.db, shop.id, snapshot, self._live_stock, asked, state, meaning)

    def waiting_for(self, shop: Shop, asked: Asked, state: State) -> str:
        """``ask`` if this message answers a question about goods that the bot put, or goes on about them, else "".

        ``state`` is the conversation before it. A flow can then skip its classifier, which sees less of it.
        """
        if state.pending is None and not state.topic:
            return ""
        reading = Reading(self.snapshots.of(shop.id).parts, asked, state)
        follow = reading.follow
        answers = (follow.answers_pending or follow.keeps_intent) and follow.intent in GOODS_INTENTS
        return "ask" if answers or (follow.is_follow_up and reading.topic in GOODS_INTENTS) else ""

    def retrieve(self, shop: Shop, wanted: Retrieval) -> list[dict[str, Any]]:
        """Records for Dify's External Knowledge API; raises NotFound for an unknown knowledge id."""
        snapshot = self.snapshots.of(shop.id)
        parts = snapshot.parts
        shelf = Shelf(
            parts.catalogue,
            lambda skus: self._live_stock.rows_of(shop.id, skus),
            parts.book,
            self.clock(),
            parts.stock_max_age,
            parts.voice.address or "您",
        )
        return find_records(parts.knowledge, shelf, wanted, partial(self.questions.vector_of, snapshot))

    def list_models(self, shop: Shop) -> list[dict[str, Any]]:
        return models.list_models(self.snapshots.of(shop.id))

    def chat(self, shop: Shop, raw: bytes, caller: Caller = NOBODY) -> ChatAnswer:
        """One chat completion by name of its model; ``raw`` is the request's body as it came. What a language model
        says to the material of a turn is noted on that turn."""
        caller = replace(caller, answered=partial(self._note, shop))
        return self.models.chat(self.snapshots.of(shop.id), raw, caller, self.clock())

    def _note(self, shop: Shop, request: Mapping[str, Any], requests: int, said: str) -> None:
        prompts = (text_of(m.get("content")) for m in request["messages"] if m.get("role") == "system")
        if not (mark := mark_of("\n".join(prompts))):
            return
        try:
            with self.db.write() as connection:
                since = self.clock() - ANSWERED_WITHIN
                conversations.note_answer(connection, shop.id, mark, since, reply=said, llm_calls=requests)
        except SQLAlchemyError as error:
            log.warning("what a model answered is not noted", extra={"error": str(error)})  # the customer has it

    def embed(self, shop: Shop, raw: bytes, caller: Caller = NOBODY) -> bytes:
        """Embeddings of an upstream, as JSON."""
        return self.models.embed(self.snapshots.of(shop.id), raw, caller)

    def close(self) -> None:
        self.questions.close()
        self.models.close()
        self.snapshots.close()
        self._live_stock.close()
        self.db.close()
