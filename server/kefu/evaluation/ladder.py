"""The ladder: every means of understanding on the same held-out sentences, from rules to a tuned model.

A rung answers with an intent or with "" (it does not know). What it says is given to Dify's own classifier node, too.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from kefu.core.intents import Example, IntentModel
from kefu.core.rules.ruleset import RuleSet
from kefu.core.text import normalise, quote_for_dify
from kefu.core.upstreams import Upstream
from kefu.errors import BadInput
from kefu.evaluation.dify_nodes import Answer, classify
from kefu.evaluation.metrics import Figure, macro_f1, share
from kefu.gateway import calls
from kefu.gateway.ask import class_question, labels_of, read_class
from kefu.gateway.completion import usage_of
from kefu.gateway.errors import UpstreamError
from kefu.gateway.http import Pool
from kefu.gateway.kinds import UPSTREAM_KINDS
from kefu.gateway.nodes import ClassifierRequest, NodeClass, classifier_answer

REST = "其他/转人工"
NEAREST = 8
"""Examples that the rung with retrieval shows."""
Messages = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Guess:
    """``label``: an intent, "" for none. ``said``: what Dify's node would read. ``tokens``: of prompt and answer."""

    label: str
    said: str
    ms: float = 0.0
    llm_calls: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """The frozen set and what may be learnt from; ``classes`` are the intents as Dify's classes, the rest first."""

    learnt: tuple[Example, ...]
    held: tuple[Example, ...]
    classes: tuple[NodeClass, ...]

    @classmethod
    def of(cls, learnt: Sequence[Example], held: Sequence[Example], names: Mapping[str, str]) -> Task:
        """Raises BadInput for an empty set, an intent without examples or a label that nothing is known of."""
        known = Counter(row.label for row in learnt)
        unknown = sorted({row.label for row in held} - set(known) - {""})
        if unknown:
            raise BadInput(f"Unknown label: {', '.join(unknown)}.", f"One of {', '.join(sorted(known))}.")
        if not held or len(known) < 2:
            raise BadInput("There is nothing to measure.", "Two intents with examples, and sentences to ask.")
        asked = {row.text for row in held}
        kept = tuple(row for row in learnt if row.text not in asked)
        classes = tuple(NodeClass(label, names.get(label) or label) for label in sorted(known))
        return cls(kept, tuple(held), (NodeClass("rest", REST), *classes))


@dataclass(frozen=True, slots=True)
class Rung:
    """``ask`` answers one sentence; ``cost``: price of a million tokens, in whatever currency the report is."""

    name: str
    ask: Callable[[str], Guess]


def local_rungs(task: Task, rules: RuleSet, model: IntentModel) -> list[Rung]:
    """Rules, whose intent is the commonest among the learnt sentences that they match, and the local model."""
    seen: dict[str, Counter[str]] = {}
    for row in task.learnt:
        if match := rules.match(normalise(row.text)):
            seen.setdefault(match.rule_id, Counter())[row.label] += 1
    means = {rule: counts.most_common(1)[0][0] for rule, counts in seen.items()}

    def by_rule(text: str) -> Guess:
        match = rules.match(normalise(text))
        label = means.get(match.rule_id, "") if match else ""
        return Guess(label, _as_dify(task, label))

    def by_model(text: str) -> Guess:
        result = model.classify(text)
        label = "" if result.unknown else result.label
        return Guess(label, _as_dify(task, label))

    return [Rung("rules", by_rule), Rung("local", by_model)]


def model_rungs(task: Task, ask: Ask, base: Upstream | None, tuned: Upstream | None, scripts: str) -> list[Rung]:
    """Prompting with everything, with the nearest examples, the plain question, the same to the tuned model, and both
    models behind Dify's own prompt. Nothing for a model that is not named."""
    near = Nearest(task.learnt)
    rungs: list[Rung] = []
    if base:
        everything = f"{_listed(task, task.learnt)}\n{scripts}".strip()
        rungs += [
            Rung("prompt, all scripts", lambda text: _short(task, ask, base, text, everything)),
            Rung("prompt + retrieval", lambda text: _short(task, ask, base, text, _listed(task, near.of(text)))),
            Rung("base, short", lambda text: _short(task, ask, base, text, "")),
            Rung("base, Dify's prompt", lambda text: _whole(task, ask, base, text)),
        ]
    if tuned:
        rungs += [
            Rung("tuned, short", lambda text: _short(task, ask, tuned, text, "")),
            Rung("tuned, Dify's prompt", lambda text: _whole(task, ask, tuned, text)),
        ]
    return rungs


@dataclass(slots=True)
class Ask:
    """Asks upstreams: at most ``per_second`` requests (0 = no limit), each answer kept in ``cache`` (JSON Lines)."""

    pool: Pool
    cache: Path | None = None
    per_second: float = 0.0
    wait: Callable[[float], None] = time.sleep
    _known: dict[str, tuple[str, float]] = field(default_factory=dict)
    _last: float = 0.0

    def __post_init__(self) -> None:
        if self.cache and self.cache.is_file():
            for line in self.cache.read_bytes().splitlines():
                try:
                    key, text, ms = orjson.loads(line)
                except (orjson.JSONDecodeError, ValueError, TypeError):
                    continue  # a line that an interrupted run did not finish
                self._known[key] = (text, ms)

    def __call__(
        self, upstream: Upstream, messages: Messages, turn: int, extra: Mapping[str, Any]
    ) -> tuple[str, float]:
        """What the model says, and milliseconds. ``turn`` tells repetitions apart. Raises UpstreamError."""
        raw = orjson.dumps([upstream.url, upstream.model, list(messages), turn])
        key = hashlib.blake2b(raw, digest_size=16).hexdigest()
        if key not in self._known:
            self._pace()
            started = time.perf_counter()
            said = calls.ask(self.pool, upstream, messages, extra, 256, calls.NOBODY)
            self._known[key] = (said.text, (time.perf_counter() - started) * 1000)
            if self.cache:
                with self.cache.open("ab") as file:
                    file.write(orjson.dumps([key, *self._known[key]]) + b"\n")
        return self._known[key]

    def _pace(self) -> None:
        if self.per_second:
            self.wait(max(0.0, self._last + 1 / self.per_second - time.monotonic()))
            self._last = time.monotonic()


class Nearest:
    """The examples that share most pairs of characters with a sentence."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = [(example, _pairs(example.text)) for example in examples]

    def of(self, text: str) -> list[Example]:
        asked = _pairs(text)
        ranked = sorted(self._examples, key=lambda row: -len(asked & row[1]) / math.sqrt(len(asked) * len(row[1]) or 1))
        return [example for example, _ in ranked[:NEAREST]]


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(max(1, len(text) - 1)))


def _listed(task: Task, examples: Sequence[Example]) -> str:
    names = {c.id: c.name for c in task.classes}
    return "例句：\n" + "\n".join(f"{names[row.label]}：{row.text}" for row in examples)


def _short(task: Task, ask: Ask, upstream: Upstream, text: str, more: str, turn: int = 0) -> Guess:
    node = ClassifierRequest(quote_for_dify(text), task.classes, more, ())
    messages = class_question(node)
    said, ms = ask(upstream, messages, turn, UPSTREAM_KINDS[upstream.kind].choice(labels_of(task.classes)))
    chosen = read_class(said, task.classes)
    label = chosen.id if chosen and chosen.id != "rest" else ""
    return Guess(label, _as_dify(task, label), ms, 1, _tokens(messages, said))


def _whole(task: Task, ask: Ask, upstream: Upstream, text: str) -> Guess:
    """Dify's own prompt, and what Dify makes of the answer: class 1 where it cannot read it."""
    classes = [(c.id, c.name) for c in task.classes]
    query = quote_for_dify(text)
    messages = classify(query, classes, "", (), Answer()).messages
    said, ms = ask(upstream, messages, 0, {})
    outcome = classify(query, classes, "", (), Answer(said)).outcome
    label = outcome.class_id if outcome.class_id != "rest" else ""
    return Guess(label, said, ms, 1, _tokens(messages, said))


def _as_dify(task: Task, label: str) -> str:
    return classifier_answer(next(c for c in task.classes if c.id == (label or "rest")))


def _tokens(messages: Messages, said: str) -> int:
    return usage_of({"messages": list(messages)}, said)["total_tokens"]


@dataclass(frozen=True, slots=True)
class NodeReading:
    """What Dify's classifier makes of an answer. ``valid``: it names its class; ``silent``: class 1, unasked."""

    valid: bool
    silent: bool


def node_reading(task: Task, said: str) -> NodeReading:
    outcome = classify("?", [(c.id, c.name) for c in task.classes], "", (), Answer(said)).outcome
    valid = not outcome.failed and f'"{outcome.class_id}"' in said
    return NodeReading(valid, not outcome.failed and not valid)


@dataclass(frozen=True, slots=True)
class RungResult:
    """A rung's guesses in the order of the held-out rows, and how Dify's node reads them."""

    name: str
    guesses: tuple[Guess, ...]
    readings: tuple[NodeReading, ...]

    def hits(self, held: Sequence[Example]) -> list[bool]:
        return [guess.label == row.label for guess, row in zip(self.guesses, held, strict=True)]


def climb(task: Task, rungs: Sequence[Rung], say: Callable[[str], None] = lambda _: None) -> Iterator[RungResult]:
    """Each rung over the whole set. A model that cannot be reached ends its rung with a line, not the run."""
    for rung in rungs:
        say(f"{rung.name}: {len(task.held)} sentences …")
        try:
            guesses = tuple(_timed(rung, row.text) for row in task.held)
        except UpstreamError as error:
            say(f"{rung.name}: not measured: {error}")
            continue
        yield RungResult(rung.name, guesses, tuple(node_reading(task, guess.said) for guess in guesses))


def _timed(rung: Rung, text: str) -> Guess:
    """A model's time is its answer's, also where that came from the cache; the others are timed here."""
    started = time.perf_counter()
    guess = rung.ask(text)
    return guess if guess.llm_calls else replace(guess, ms=(time.perf_counter() - started) * 1000)


def figures_of(task: Task, result: RungResult) -> list[Figure]:
    """Accuracy, macro F1, answered, node-valid, silent class 1 that is wrong, latency, calls, tokens."""
    held, guesses, name = task.held, result.guesses, result.name
    hits = result.hits(held)
    f1 = macro_f1([row.label for row in held], [guess.label for guess in guesses])
    silent = [reading.silent and not hit for reading, hit in zip(result.readings, hits, strict=True)]
    total = len(held)
    figures = [
        share(name, "accuracy", hits),
        Figure(name, "macro F1", f1, f1, f1, total),
        share(name, "answered", [bool(guess.label) for guess in guesses]),
        share(name, "node-valid", [reading.valid for reading in result.readings]),
        share(name, "silent wrong class", silent),
    ]
    for label, value in (
        ("latency p50, ms", percentile([g.ms for g in guesses], 0.5)),
        ("latency p95, ms", percentile([g.ms for g in guesses], 0.95)),
        ("LLM calls a question", sum(g.llm_calls for g in guesses) / total),
        ("tokens a question", sum(g.tokens for g in guesses) / total),
    ):
        figures.append(Figure(name, label, value, value, value, total))
    return figures


def percentile(values: Sequence[float], part: float) -> float:
    """The nearest-rank percentile; 0 for no values."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(part * len(ranked)) - 1)] if ranked else 0.0


def mcnemar(one: Sequence[bool], other: Sequence[bool]) -> float:
    """Exact two-sided p that two runs over the same rows are equally good (McNemar 1947, binomial form)."""
    won = sum(b and not a for a, b in zip(one, other, strict=True))
    lost = sum(a and not b for a, b in zip(one, other, strict=True))
    tail = sum(math.comb(won + lost, k) for k in range(min(won, lost) + 1)) / 2 ** (won + lost)
    return min(1.0, 2 * tail)


def pass_all(repetitions: Sequence[Sequence[bool]]) -> float:
    """pass^k: the share of rows that are right in every one of k repetitions."""
    rows = list(zip(*repetitions, strict=True))
    return sum(all(row) for row in rows) / len(rows) if rows else 0.0


def confusion(task: Task, result: RungResult) -> Counter[tuple[str, str]]:
    """(truth, guess) → rows; "" is “does not know”."""
    return Counter((row.label, guess.label) for row, guess in zip(task.held, result.guesses, strict=True))
