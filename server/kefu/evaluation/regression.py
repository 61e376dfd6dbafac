"""What a tuned model must not unlearn: general questions whose answers a program can check."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from kefu.core.text import normalise
from kefu.core.upstreams import Upstream
from kefu.evaluation.asking import Ask
from kefu.evaluation.climb import Rung
from kefu.evaluation.measured import Row

QUESTIONS = Path(__file__).parent / "data" / "regression.yaml"
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class GeneralQuestion:
    """``accept``: one of these must be said (a number must stand alone), none of ``lacks``."""

    ask: str
    kind: str
    accept: tuple[str, ...]
    lacks: tuple[str, ...] = ()


def general_questions(path: Path = QUESTIONS) -> list[GeneralQuestion]:
    """All of them, in the order of the file."""
    kinds = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        GeneralQuestion(row["ask"], kind, tuple(row["accept"]), tuple(row.get("lacks", ())))
        for kind, rows in kinds.items()
        for row in rows
    ]


def regression_rungs(ask: Ask, models: Iterable[tuple[str, Upstream | None]]) -> list[Rung[GeneralQuestion]]:
    """Each model, asked without any system prompt."""
    return [Rung("regression", name, upstream.name, _asked(ask, upstream)) for name, upstream in models if upstream]


def _asked(ask: Ask, upstream: Upstream):
    def answer(question: GeneralQuestion, turn: int) -> Row:
        reply = ask(upstream, [{"role": "user", "content": question.ask}], turn=turn, extra={})
        return Row(
            ask=question.ask,
            want=" | ".join(question.accept),
            got=reply.said,
            right=is_right(question, reply.said),
            group=question.kind,
            **reply.spent,
        )

    return answer


def is_right(question: GeneralQuestion, said: str) -> bool:
    """Is one of the accepted answers said, and no answer that would take it back?"""
    text = _plain(said)
    taken_back = any(_says(text, _plain(answer)) for answer in question.lacks)
    return not taken_back and any(_says(text, _plain(answer)) for answer in question.accept)


def _says(text: str, answer: str) -> bool:
    if answer.isascii():  # 95 is not in 195, ann is not in planning
        return bool(re.search(rf"(?<![a-z0-9.]){re.escape(answer)}(?![a-z0-9])", text))
    return answer in text


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", normalise(text, 20_000).text)
