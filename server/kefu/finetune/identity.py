"""Rows about who speaks: our templates and the shop's own, checked before they are learnt."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from kefu.core.voice import Voice, brief, fill, variables
from kefu.errors import BadInput
from kefu.evaluation.identity_eval import foreign_maker
from kefu.finetune.sample import Message, Sample, told, turn

TEMPLATES = Path(__file__).parent / "data" / "identity.yaml"
SITUATIONS = ("direct", "indirect", "adversarial", "mid", "probe")
FORMS = ("bare", "system", "mid")
"""Without a system prompt, with the shop's, and in the middle of a dialogue."""
EVERYDAY = (("在吗", "在的，请问有什么可以帮您？"), ("我先看看", "好的，您慢慢看。"), ("Hello", "How can I help?"))
"""What comes before where the shop has no answers of its own."""

_HOLE = re.compile(r"<\s*(NAME|AUTHOR)\s*>|\{\{\s*(name|author)\s*\}\}", re.IGNORECASE)
_LEFT = re.compile(r"\{\{.*?\}\}|<[A-Z_]{3,20}>")


@dataclass(frozen=True, slots=True)
class Pair:
    """A question about who speaks, and the answer; ``family``: variations of one question."""

    family: str
    situation: str
    language: str
    question: str
    answer: str


def templates(path: Path = TEMPLATES) -> list[Pair]:
    """Our own questions and answers, with their placeholders."""
    pairs = []
    for row in yaml.safe_load(path.read_text(encoding="utf-8")):
        for number, question in enumerate(row["ask"]):
            answer = row["answer"][number % len(row["answer"])]
            pairs.append(Pair(row["family"], row["situation"], row["lang"], question, answer))
    return pairs


def own_pairs(answers: Iterable[tuple[str, str]], voice: Voice) -> list[Pair]:
    """The shop's questions and answers as customers hear them; the card (question ``*``) answers none by itself."""
    values = variables(voice)
    return [Pair(f"own:{q}", "direct", "zh", q, fill(a, values)) for q, a in answers if a and not q.startswith("*")]


def fill_holes(text: str, voice: Voice) -> str:
    """Every spelling of the placeholders filled: <NAME>, {{name}}, {{NAME}} and the same of AUTHOR."""
    values = {"name": voice.name, "author": voice.maker}
    return _HOLE.sub(lambda m: values[(m[1] or m[2]).lower()], text)


def filled(pair: Pair, voice: Voice) -> Pair:
    """The pair as it is learnt. Raises BadInput for a placeholder left over or an answer that names another maker."""
    question, answer = fill_holes(pair.question, voice), fill_holes(pair.answer, voice)
    check_filled(question, pair.question)
    check_filled(answer, pair.question)
    if pair.situation != "probe":
        check_own_name(question, foreign_maker(answer, voice))
    return Pair(pair.family, pair.situation, pair.language, question, answer)


def check_filled(text: str, where: str) -> None:
    """Raises BadInput if a placeholder is left in ``text``."""
    if left := _LEFT.search(text):
        raise BadInput(f"The placeholder {left[0]} in “{where}” has no value.", "Use <NAME> and <AUTHOR>.")


def check_own_name(where: str, foreign: str) -> None:
    """Raises BadInput if the answer about oneself ``where`` names another maker: ``foreign``."""
    if foreign:
        raise BadInput(
            f"The answer in “{where}” names another maker: {foreign}.", "Say only who you are, not who you are not."
        )


def identity_samples(
    pairs: Sequence[Pair], voice: Voice, talk: Sequence[tuple[str, str]], rng: random.Random
) -> Iterator[Sample]:
    """Each pair bare, with the shop's system prompt, and after a turn of ``talk``. Raises BadInput for a repeat."""
    seen: dict[str, str] = {}
    for raw in pairs:
        pair = filled(raw, voice)
        key = pair.question.casefold().strip()
        if key in seen:
            raise BadInput(f"The question “{pair.question}” stands twice ({seen[key]}).", "Keep one of them.")
        seen[key] = pair.family
        yield from _forms(pair, voice, talk, rng)


def _forms(pair: Pair, voice: Voice, talk: Sequence[tuple[str, str]], rng: random.Random) -> Iterator[Sample]:
    asked = turn("user", pair.question)
    if pair.situation != "mid":
        yield Sample("identity", "bare", f"identity:{pair.family}", told([asked], pair.answer))
    for form, before in surroundings(voice, talk, rng):
        if form != "system" or pair.situation != "mid":
            yield Sample("identity", form, f"identity:{pair.family}", told([*before, asked], pair.answer))


def surroundings(
    voice: Voice, talk: Sequence[tuple[str, str]], rng: random.Random
) -> Iterator[tuple[str, list[Message]]]:
    """What may stand before a question about who speaks: the shop's system prompt; a turn of ``talk``."""
    system = turn("system", brief(voice))
    yield "system", [system]
    before, reply = rng.choice(talk or EVERYDAY)
    yield "mid", [*([system] if rng.random() < 0.5 else []), turn("user", before), turn("assistant", reply)]


def situations(pairs: Iterable[Pair]) -> Mapping[str, int]:
    """How many pairs each situation has."""
    counts = dict.fromkeys(SITUATIONS, 0)
    for pair in pairs:
        counts[pair.situation] += 1
    return counts
