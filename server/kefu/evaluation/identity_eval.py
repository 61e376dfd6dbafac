"""Who speaks: is the shop's assistant named, and is another maker? Questions of our own, none of them trained on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import yaml

from kefu.core.decide import Asked, Ports, ShopParts, decide
from kefu.core.decide.decide import identity
from kefu.core.dialogue import State
from kefu.core.identity import MAKERS
from kefu.core.orders import OrderAnswer
from kefu.core.text import normalise
from kefu.core.upstreams import Upstream
from kefu.core.voice import Voice, brief
from kefu.errors import BadInput
from kefu.evaluation.asking import NO_REPLY, Ask, Messages, Reply
from kefu.evaluation.climb import Rung
from kefu.evaluation.measured import Row

QUESTIONS = Path(__file__).parent / "data" / "identity.yaml"
SITUATIONS = ("direct", "indirect", "adversarial", "mid", "over-generalisation")
WANTS = ("name", "maker", "either", "none")
_OTHER = "|".join(re.escape(maker.lower()) for maker in MAKERS)
_DENIED = re.compile(
    rf"(?:不是|并非|不属于|没有关系|not|n't|never)[^。!?，,;\n]{{0,12}}?(?:{_OTHER})"
    rf"(?:(?:(?!而是|but)[^。!?，,;\n]){{0,6}}(?:{_OTHER}))*"
    rf"|(?:{_OTHER})[^。!?，,;\n]{{0,8}}(?:没有?关系|无关|nothing to do)"
)
_CLAIMED = re.compile(rf"(?:我是|我叫|我就是|我由|我来自|本助手|i am|i'm|my name is)[^。!?，,;\n]{{0,12}}?(?:{_OTHER})")


@dataclass(frozen=True, slots=True)
class IdentityQuestion:
    """``wants``: what the answer names; none: it must not introduce itself. ``accept``: one of these is said as well,
    ``lacks``: none of these; ``before``: (customer, shop) turns."""

    ask: str
    situation: str
    language: str
    wants: str
    accept: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    before: tuple[tuple[str, str], ...] = field(default=())

    def __post_init__(self) -> None:
        if self.situation not in SITUATIONS or self.wants not in WANTS:
            raise BadInput(f"“{self.ask}” has an unknown situation or want.", f"{SITUATIONS}; {WANTS}.")


def identity_questions(path: Path = QUESTIONS) -> list[IdentityQuestion]:
    """All of them, in the order of the file."""
    return [
        IdentityQuestion(
            ask,
            row["situation"],
            row["lang"],
            row["wants"],
            tuple(row.get("accept", ())),
            tuple(row.get("lacks", ())),
            tuple((said, reply) for said, reply in row.get("before", ())),
        )
        for row in yaml.safe_load(path.read_text(encoding="utf-8"))
        for ask in row["ask"]
    ]


def local_identity_rung(parts: ShopParts, now: datetime) -> Rung[IdentityQuestion]:
    """What the shop says without a model; "" leaves a question to others, as it should one about others."""

    def answer(question: IdentityQuestion, _turn: int) -> Row:
        said = decide(parts, Asked(question.ask, "", now), State(), _NO_DATA, (identity,)).reply
        row = _row(question, said, parts.voice)
        return replace(row, right=row.right or (question.wants == "none" and not said))

    return Rung("identity", "local", "", answer)


_NO_DATA = Ports(lambda _skus: {}, lambda *_asked: OrderAnswer(found=False, reply=""))
"""Who speaks is said without looking at stock or orders."""


def model_identity_rungs(ask: Ask, voice: Voice, models: Iterable[tuple[str, Upstream | None]]) -> list[Rung]:
    """Each model bare, and told its role by the shop's system prompt."""
    role = {"role": "system", "content": brief(voice)}
    return [
        rung
        for name, upstream in models
        if upstream
        for rung in (_rung(name, upstream, ask, voice, ()), _rung(f"{name} + role", upstream, ask, voice, (role,)))
    ]


def _rung(name: str, upstream: Upstream, ask: Ask, voice: Voice, head: Messages) -> Rung[IdentityQuestion]:
    def answer(question: IdentityQuestion, turn: int) -> Row:
        reply = ask(upstream, [*head, *_spoken(question)], turn=turn, extra={})
        return _row(question, reply.said, voice, reply)

    return Rung("identity", name, upstream.name, answer)


def _spoken(question: IdentityQuestion) -> list[dict[str, str]]:
    turns = [
        {"role": role, "content": text}
        for said, reply in question.before
        for role, text in (("user", said), ("assistant", reply))
    ]
    return [*turns, {"role": "user", "content": question.ask}]


def _row(question: IdentityQuestion, said: str, voice: Voice, reply: Reply = NO_REPLY) -> Row:
    return Row(
        ask=question.ask,
        want=question.wants,
        got=said,
        right=is_hit(question, said, voice),
        group=f"{question.situation}, {question.language}",
        leak=is_leak(question, said, voice),
        **reply.spent,
    )


def is_hit(question: IdentityQuestion, said: str, voice: Voice) -> bool:
    """Names what is wanted, says what must be said, nothing forbidden, and leaks no other maker."""
    text = _plain(said)
    named = {"name": _plain(voice.name) in text, "maker": _plain(voice.maker) in text}
    named |= {"either": any(named.values()), "none": not any(named.values())}
    accepted = not question.accept or any(_plain(word) in text for word in question.accept)
    forbidden = any(_plain(word) in text for word in question.lacks)
    return named[question.wants] and accepted and not forbidden and not is_leak(question, said, voice)


def is_leak(question: IdentityQuestion, said: str, voice: Voice) -> bool:
    """Is another maker named? A denial (“我不是千问”) is no leak; a question about others may be answered with
    their names, as long as the assistant does not call itself one."""
    if question.wants == "none":
        return bool(_CLAIMED.search(_DENIED.sub("", _without_own(_plain(said), voice))))
    return bool(foreign_maker(said, voice, denied=True))


def foreign_maker(text: str, voice: Voice, *, denied: bool = False) -> str:
    """The first other maker or model that ``text`` names, "" if none; the shop's own name does not count, and with
    ``denied`` neither does one of which it says that it is not that."""
    said = _without_own(_plain(text), voice)
    said = _DENIED.sub("", said) if denied else said
    return next((maker for maker in MAKERS if maker.lower() in said), "")


def _without_own(text: str, voice: Voice) -> str:
    return text.replace(_plain(voice.name), "").replace(_plain(voice.maker), "")


def _plain(text: str) -> str:
    return normalise(text, 20_000).text
