"""Means of telling an intent, from the shop's rules to a tuned model behind Dify's own prompt."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from kefu.core.intents import Example, IntentModel
from kefu.core.intents.features import clean
from kefu.core.rules.ruleset import RuleSet
from kefu.core.text import normalise, quote_for_dify, tokenise
from kefu.core.upstreams import Upstream
from kefu.errors import BadInput
from kefu.evaluation.asking import NO_REPLY, Ask, Reply
from kefu.evaluation.climb import Rung
from kefu.evaluation.dify_nodes import Answer, classify
from kefu.evaluation.frozen import FrozenRow
from kefu.evaluation.measured import Row
from kefu.evaluation.spoken import lines_of
from kefu.gateway.ask import class_question, labels_of, read_class
from kefu.gateway.kinds import UPSTREAM_KINDS
from kefu.gateway.nodes import ClassifierRequest, NodeClass, classifier_answer

REST = "其他/转人工"
NEAREST = 8
"""Examples that the rung with retrieval shows."""
TWIN = 0.8
"""Likeness (0–1) from which a learnt sentence counts as nearly the same as the question."""
ROOM = 512
"""Tokens of a model's context kept free for the question and the answer."""


@dataclass(frozen=True, slots=True)
class Task:
    """The frozen sentences and what may be learnt from; ``classes`` are the intents as Dify's classes, rest first."""

    learnt: tuple[Example, ...]
    held: tuple[FrozenRow, ...]
    classes: tuple[NodeClass, ...]

    @classmethod
    def of(cls, learnt: Sequence[Example], held: Sequence[FrozenRow], names: Mapping[str, str]) -> Task:
        """No held sentence is learnt from, nor one that differs in punctuation or case only.

        Raises BadInput for an empty set or one intent only.
        """
        known = sorted({row.label for row in learnt})
        if not held or len(known) < 2:
            raise BadInput("There is nothing to measure.", "Two intents with examples, and sentences to ask.")
        asked = {clean(row.text) or row.text for row in held}
        classes = tuple(NodeClass(label, names.get(label) or label) for label in known)
        return cls(
            tuple(row for row in learnt if (clean(row.text) or row.text) not in asked),
            tuple(held),
            (NodeClass("rest", REST), *classes),
        )

    def class_of(self, label: str) -> NodeClass:
        return next(c for c in self.classes if c.id == (label or "rest"))


IntentRung = Rung[FrozenRow]


def local_rungs(task: Task, rules: RuleSet, model: IntentModel) -> list[IntentRung]:
    """Rules, whose intent is the commonest among the learnt sentences that they match, and the local model."""
    seen: dict[str, Counter[str]] = {}
    for row in task.learnt:
        if match := rules.match(normalise(row.text)):
            seen.setdefault(match.rule_id, Counter())[row.label] += 1
    means = {rule: counts.most_common(1)[0][0] for rule, counts in seen.items()}
    near = Nearest(task.learnt)

    def by_rule(row: FrozenRow, _turn: int) -> Row:
        match = rules.match(normalise(row.text))
        return _row(task, row, means.get(match.rule_id, "") if match else "", near)

    def by_model(row: FrozenRow, _turn: int) -> Row:
        result = model.classify(row.text, tuple(said for said, _ in row.before))
        return _row(task, row, "" if result.unknown else result.label, near)

    return [Rung("intent", "rules", "", by_rule), Rung("intent", "local", "", by_model)]


def model_rungs(task: Task, ask: Ask, base: Upstream | None, tuned: Upstream | None, scripts: str) -> list[IntentRung]:
    """Prompting with everything, with the nearest examples, the plain question, the same to the tuned model, and both
    models behind Dify's own prompt. Nothing for a model that is not named."""
    asking = _Asking(task, ask, Nearest(task.learnt))
    rungs: list[IntentRung] = []
    if base:
        rungs += [
            asking.short("prompt, all scripts", base, _Everything(task, scripts, base)),
            asking.short("prompt + retrieval", base, asking.retrieved),
            asking.short("base, short", base),
            asking.whole("base, Dify's prompt", base),
        ]
    if tuned:
        rungs += [asking.short("tuned, short", tuned), asking.whole("tuned, Dify's prompt", tuned)]
    return rungs


@dataclass(frozen=True, slots=True)
class _Asking:
    task: Task
    ask: Ask
    near: Nearest

    def short(self, name: str, upstream: Upstream, more: object = None) -> IntentRung:
        """The gateway's short question; ``more(text)`` is what the prompt shows besides."""
        classes = self.task.classes
        choice = UPSTREAM_KINDS[upstream.kind].choice(labels_of(classes))

        def answer(row: FrozenRow, turn: int) -> Row:
            shown = more(row.text) if callable(more) else ""
            node = ClassifierRequest(quote_for_dify(row.text), classes, shown, lines_of(row.before))
            reply = self.ask(upstream, class_question(node), turn=turn, extra=choice)
            chosen = read_class(reply.text, classes)
            label = chosen.id if chosen and chosen.id != "rest" else ""
            return _row(self.task, row, label, self.near, reply, unread=chosen is None)

        return Rung("intent", name, upstream.name, answer)

    def whole(self, name: str, upstream: Upstream) -> IntentRung:
        """Dify's own prompt, and what Dify makes of the answer: class 1 where it names none."""
        classes = [(c.id, c.name) for c in self.task.classes]

        def answer(row: FrozenRow, turn: int) -> Row:
            query = quote_for_dify(row.text)
            messages = classify(query, classes, "", row.before, Answer()).messages
            reply = self.ask(upstream, messages, turn=turn, extra={})
            outcome = classify(query, classes, "", row.before, Answer(reply.text)).outcome
            label = outcome.class_id if outcome.class_id != "rest" else ""
            return _row(self.task, row, label, self.near, reply, said=reply.text)

        return Rung("intent", name, upstream.name, answer)

    def retrieved(self, text: str) -> str:
        return _listed(self.task, self.near.of(text))


class _Everything:
    """Every script and as many examples as the model's context holds, as many of each intent."""

    def __init__(self, task: Task, scripts: str, upstream: Upstream) -> None:
        room = upstream.context_size - ROOM - len(tokenise(scripts))
        columns: dict[str, list[Example]] = {}
        for example in task.learnt:
            columns.setdefault(example.label, []).append(example)
        kept: list[Example] = []
        for example in (e for line in zip_longest(*columns.values()) for e in line if e is not None):
            room -= len(tokenise(example.text)) + 4
            if room < 0:
                break
            kept.append(example)
        self._text = f"{_listed(task, sorted(kept, key=lambda e: e.label))}\n{scripts}".strip()

    def __call__(self, _text: str) -> str:
        return self._text


class Nearest:
    """The examples that share most pairs of characters with a sentence."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = [(example, _pairs(example.text)) for example in examples]

    def of(self, text: str) -> list[Example]:
        return [example for _, example in self._ranked(text)[:NEAREST]]

    def twin(self, text: str) -> tuple[str, ...]:
        """(sentence, intent) of the example that is nearly the same, nothing if none is."""
        best = self._ranked(text)[:1]
        return (best[0][1].text, best[0][1].label) if best and best[0][0] >= TWIN else ()

    def _ranked(self, text: str) -> list[tuple[float, Example]]:
        asked = _pairs(text)
        likeness = (
            (len(asked & pairs) / math.sqrt(len(asked) * len(pairs) or 1), example) for example, pairs in self._examples
        )
        return sorted(likeness, key=lambda pair: -pair[0])


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(max(1, len(text) - 1)))


def _listed(task: Task, examples: Sequence[Example]) -> str:
    names = {c.id: c.name for c in task.classes}
    return "例句：\n" + "\n".join(f"{names[row.label]}：{row.text}" for row in examples)


def _row(
    task: Task,
    row: FrozenRow,
    label: str,
    near: Nearest,
    reply: Reply = NO_REPLY,
    *,
    said: str | None = None,
    unread: bool = False,
) -> Row:
    """``said``: what Dify's node would read, where that is not an answer that the gateway writes."""
    reading = node_reading(task.classes, classifier_answer(task.class_of(label)) if said is None else said)
    right = label == row.label
    return Row(
        ask=row.shown,
        want=row.label or "",
        got=label,
        right=right,
        unread=unread or not reading.valid,
        valid=reading.valid,
        silent=reading.silent,
        near=() if right else near.twin(row.text),
        **reply.spent,
    )


@dataclass(frozen=True, slots=True)
class NodeReading:
    """What Dify's classifier makes of an answer. ``valid``: it names its class; ``silent``: class 1, unasked."""

    valid: bool
    silent: bool


@lru_cache(maxsize=4096)
def node_reading(classes: tuple[NodeClass, ...], said: str) -> NodeReading:
    outcome = classify("?", [(c.id, c.name) for c in classes], "", (), Answer(said)).outcome
    valid = not outcome.failed and f'"{outcome.class_id}"' in said
    return NodeReading(valid, not outcome.failed and not valid)
