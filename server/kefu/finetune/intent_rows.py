"""Rows that teach a class: in the prompt that Dify's classifier node sends, and in our gateway's short one."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kefu.core.text import quote_for_dify
from kefu.evaluation.dify_nodes import Answer, classify
from kefu.evaluation.intent_rungs import REST
from kefu.evaluation.spoken import lines_of
from kefu.finetune.sample import Sample, told
from kefu.gateway.ask import class_question, labels_of
from kefu.gateway.nodes import ClassifierRequest, NodeClass, classifier_answer

INSTRUCTIONS = ("", "按电商客服的意图分类", "只看顾客最后一句话属于哪一类", "拿不准就归到其他/转人工")
_SIZES = (3, 12)
_OUTSIDE = 0.08
"""Share of rows whose class is not among the classes: the answer is then the rest."""
_WITH_HISTORY = 0.3
"""Share of sentences that are put after earlier turns, as most of a node's requests are."""

Turns = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence with its intent; ``before`` are (customer, shop) turns, ``group`` its near copies."""

    text: str
    intent: str
    group: str = ""
    before: Turns = ()
    day: str = ""


@dataclass(frozen=True, slots=True)
class Pasts:
    """What came before a sentence: ``said``, before this very sentence; ``of``, before others of its intent; ``talk``,
    any earlier turns where neither is known."""

    said: Mapping[str, Turns]
    of: Mapping[str, Sequence[Turns]]
    talk: Sequence[Turns] = ()

    def give(self, row: Labelled, rng: random.Random) -> Labelled:
        """The row after what really came before it, or in part of the rows after something that could have."""
        real = self.said.get(row.text)
        if row.before or real:
            return row if row.before else replace(row, before=real or ())
        likely = self.of.get(row.intent) or self.talk
        return replace(row, before=rng.choice(likely)) if likely and rng.random() < _WITH_HISTORY else row


NO_PASTS = Pasts({}, {})


def intent_samples(
    rows: Iterable[Labelled], names: Sequence[tuple[str, tuple[str, ...]]], seed: int, pasts: Pasts = NO_PASTS
) -> Iterator[Sample]:
    """Two rows for each sentence. ``names``: each intent with what people call it, the usual name first; a sentence of
    no such intent belongs to the rest."""
    called = dict(names)
    for number, labelled in enumerate(rows):
        rng = random.Random(f"{seed}:{number}:{labelled.text}")
        row = pasts.give(labelled, rng)
        classes, right = _classes(row.intent, called, rng)
        instruction = rng.choice(INSTRUCTIONS)
        yield _dify(row, classes, right, instruction)
        yield _gateway(row, classes, right, instruction)


def _classes(intent: str, called: dict[str, tuple[str, ...]], rng: random.Random) -> tuple[list[NodeClass], NodeClass]:
    """A set of classes in a random order with ids of a random kind, and the right one among them."""
    others = [name for name in called if name != intent]
    chosen = rng.sample(others, min(len(others), rng.randint(*_SIZES) - 2))
    inside = intent in called and rng.random() >= _OUTSIDE
    texts = {name: rng.choice(called[name][:3]) for name in [*([intent] if inside else []), *chosen]}
    ordered = [*texts.items(), ("", REST)]
    rng.shuffle(ordered)
    ids = _ids(len(ordered), rng)
    classes = [NodeClass(i, text) for i, (_, text) in zip(ids, ordered, strict=True)]
    wanted = intent if inside else ""
    return classes, next(c for c, (name, _) in zip(classes, ordered, strict=True) if name == wanted)


def _ids(count: int, rng: random.Random) -> list[str]:
    """Ids as Dify makes them: 1, 2, 3; milliseconds of a click; UUIDs."""
    kind = rng.randrange(3)
    if kind == 0:
        return [str(number) for number in range(1, count + 1)]
    if kind == 1:
        start = rng.randrange(1_700_000_000_000, 1_790_000_000_000)
        return [str(start + step * rng.randrange(900, 5_000)) for step in range(1, count * 5_000, 5_000)][:count]
    return [str(uuid.UUID(int=rng.getrandbits(128), version=4)) for _ in range(count)]


def _dify(row: Labelled, classes: Sequence[NodeClass], right: NodeClass, instruction: str) -> Sample:
    answer = classifier_answer(right)
    asked = classify(
        quote_for_dify(row.text), [(c.id, c.name) for c in classes], instruction, row.before, Answer(answer)
    )
    if asked.outcome.class_id != right.id:
        raise AssertionError(f"Dify's node does not read {answer!r} as {right.id!r}")
    return Sample("intent", "dify", row.group, told(asked.messages, answer), day=row.day)


def _gateway(row: Labelled, classes: Sequence[NodeClass], right: NodeClass, instruction: str) -> Sample:
    node = ClassifierRequest(quote_for_dify(row.text), tuple(classes), instruction, lines_of(row.before))
    label = labels_of(classes)[list(classes).index(right)]
    return Sample("intent", "gateway", row.group, told(class_question(node), label), day=row.day)
