"""The shop's own dialogues: what customers wrote, and what the bot or a person answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from kefu.core.voice import Voice, brief
from kefu.finetune.intent_rows import Pasts, Turns
from kefu.finetune.sample import Sample, told, turn
from kefu.finetune.scrub import Scrubber
from kefu.store import conversations, handoffs

AGENT = "agent"
"""Route of a person's answer."""
LEARNABLE = ("rule", "knowledge", "identity", "smalltalk", AGENT)
"""Answers to learn from. Never those made of live data: a model would repeat yesterday's stock."""
LONGEST = 6
"""Turns of a dialogue that are shown; fewer are enough to understand the last."""
_BEFORE = 3
_PAGE = 500


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """What the customer said and what was answered ("" = nothing); ``llm``: a model wrote the answer."""

    said: str
    reply: str
    route: str = ""
    intent: str = ""
    llm: bool = False

    @property
    def learnable(self) -> bool:
        return bool(self.reply) and self.route in LEARNABLE and not self.llm


@dataclass(frozen=True, slots=True)
class StoredDialogue:
    """One conversation; ``day`` is ISO."""

    conversation: str
    day: str
    turns: tuple[StoredTurn, ...]


def read_dialogues(connection: Connection, shop_id: int, most: int) -> tuple[StoredDialogue, ...]:
    """The latest ``most`` turns as conversations, and the latest resolved hand-offs with what people answered;
    nothing for 0."""
    if not most:
        return ()
    found: dict[str, list[conversations.TurnRecord]] = {}
    for record in _turns(connection, shop_id, most):
        if record.conversation_id and record.query.strip():
            found.setdefault(record.conversation_id, []).append(record)
    bots = (
        StoredDialogue(
            key,
            rows[0].at.date().isoformat(),
            tuple(StoredTurn(r.query, r.reply, r.route, r.intent, llm=r.llm_calls > 0) for r in rows),
        )
        for key, rows in found.items()
    )
    return (*bots, *_handed_over(connection, shop_id))


def _turns(connection: Connection, shop_id: int, most: int) -> list[conversations.TurnRecord]:
    """Oldest first."""
    pages: list[list[conversations.TurnRecord]] = []
    before = 0
    while sum(map(len, pages)) < most:
        page = conversations.list_turns(connection, shop_id, before=before, limit=_PAGE)
        if not page:
            break
        pages.append(page)
        before = page[0].id
    return [record for page in reversed(pages) for record in page][-most:]


def _handed_over(connection: Connection, shop_id: int) -> Iterator[StoredDialogue]:
    for record in handoffs.list_handoffs(connection, shop_id, "resolved", limit=200):
        lines = [(line.who, line.text) for line in record.transcript]
        lines += [(m.who, m.text) for m in handoffs.list_messages(connection, shop_id, record.id)]
        turns = tuple(_paired(lines))
        if turns and record.created_at:
            yield StoredDialogue(record.conversation_id, record.created_at.date().isoformat(), turns)


def _paired(lines: Sequence[tuple[str, str]]) -> Iterator[StoredTurn]:
    """A customer's lines with the answer to them; only a person's answer is learnable here."""
    said: list[str] = []
    for number, (who, text) in enumerate(lines):
        if who == "customer":
            said.append(text)
        elif said and who in ("bot", AGENT):
            more = lines[number + 1][0] == who if number + 1 < len(lines) else False
            if not more:
                yield StoredTurn("\n".join(said), text, AGENT if who == AGENT else "bot")
                said = []


def dialogue_samples(rows: Iterable[StoredDialogue], voice: Voice) -> Iterator[Sample]:
    """Each dialogue up to its last answer that is worth learning, after the shop's system prompt."""
    for row in rows:
        last = max((n for n, one in enumerate(row.turns) if one.learnable), default=-1)
        if last < 0:
            continue
        shown = [one for one in row.turns[: last + 1] if one.reply][-LONGEST:]
        messages = [turn("system", brief(voice))]
        for one in shown:
            messages += [turn("user", one.said), turn("assistant", one.reply)]
        group = f"conversation:{row.conversation}"
        yield Sample("dialogue", "store", group, told(messages[:-1], shown[-1].reply), day=row.day)


def pasts_of(rows: Iterable[StoredDialogue], talk: Sequence[tuple[str, str]]) -> Pasts:
    """What came before the sentences of these dialogues."""
    said: dict[str, Turns] = {}
    of: dict[str, list[Turns]] = {}
    for row in rows:
        for number, one in enumerate(row.turns):
            before = tuple((t.said, t.reply) for t in row.turns[max(0, number - _BEFORE) : number] if t.reply)
            if before:
                said.setdefault(one.said.strip(), before)
                of.setdefault(one.intent, []).append(before)
    of.pop("", None)
    return Pasts(said, of, [(pair,) for pair in talk])


def scrubbed(rows: Iterable[StoredDialogue], scrubber: Scrubber) -> tuple[StoredDialogue, ...]:
    """Without personal data; a channel may number its conversations by phone."""
    return tuple(
        replace(
            row,
            conversation=scrubber.name(row.conversation),
            turns=tuple(replace(t, said=scrubber.text(t.said), reply=scrubber.text(t.reply)) for t in row.turns),
        )
        for row in rows
    )
