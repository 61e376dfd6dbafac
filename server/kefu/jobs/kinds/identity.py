"""Import kind `identity`: who the assistant is, and the shop's own answers to questions about that.

Two forms in one kind: a card (brand, name, maker, answer) and question–answer rows, also LLaMA-Factory's
instruction/output with {{name}} and {{author}}.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from kefu.core.voice import Voice
from kefu.errors import BadInput
from kefu.jobs.imports import Column, ImportKind
from kefu.store import profiles

CARD = "*"
"""The question that stands for every question about who speaks."""
_NAME, _MAKER = "*name", "*maker"


@dataclass(frozen=True, slots=True)
class Identity:
    """One row; a card has the question ``CARD`` and may set the voice's name and maker."""

    question: str
    answer: str
    name: str = ""
    maker: str = ""


def _parse(cells: Mapping[str, str]) -> Iterable[Identity]:
    if not cells["answer"] and not cells["name"]:
        raise BadInput("answer is empty.", "Give an answer, or the name and maker of the assistant.")
    if len(cells["question"]) > 300:
        raise BadInput("question is over 300 characters.", "Shorten it.")
    if cells["question"]:
        return [Identity(cells["question"], cells["answer"])]
    Voice(name=cells["name"] or "小客", maker=cells["maker"] or cells["brand"] or "本店")  # checks the lengths
    return [Identity(CARD, cells["answer"], cells["name"], cells["maker"] or cells["brand"])]


def _load(connection: Connection, shop_id: int) -> dict[str, Identity]:
    answers = profiles.list_identity(connection, shop_id)
    found = {q: Identity(q, a) for q, a in answers.items() if not q.startswith(CARD)}
    if CARD in answers:
        found[CARD] = Identity(CARD, answers[CARD], answers.get(_NAME, ""), answers.get(_MAKER, ""))
    return found


def _save(connection: Connection, shop_id: int, items: list[Identity]) -> None:
    answers = {item.question: item.answer for item in items}
    card = next((item for item in items if item.question == CARD), None)
    if card:
        answers |= {_NAME: card.name, _MAKER: card.maker}
        voice = profiles.get_profile(connection, shop_id, "voice")
        named = replace(voice, name=card.name or voice.name, maker=card.maker or voice.maker)
        profiles.set_profile(connection, shop_id, "voice", named.to_dict(), datetime.now(UTC))
    profiles.save_identity(connection, shop_id, answers)


def _dump(item: Identity) -> Mapping[str, str]:
    question = "" if item.question == CARD else item.question
    return {"question": question, "answer": item.answer, "brand": "", "name": item.name, "maker": item.maker}


IDENTITY = ImportKind(
    name="identity",
    help="who the assistant is, and answers to questions such as 你是谁",
    columns=(
        Column(
            "question", "a question about the assistant; empty = any such question", aliases=("instruction", "问题")
        ),
        Column("answer", "what is said; {{name}} and {{author}} are filled in", aliases=("output", "回答", "答案")),
        Column("brand", "the brand", aliases=("品牌",)),
        Column("name", "the assistant's name", aliases=("名字",)),
        Column("maker", "who made it (default: the brand)", aliases=("author", "出品方")),
    ),
    parse=_parse,
    key=lambda item: item.question,
    load=_load,
    save=_save,
    dump=_dump,
)
