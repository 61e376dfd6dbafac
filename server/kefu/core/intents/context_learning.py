"""Learn the weights of `in_context` from conversations: a small log-linear model, by full-batch gradient descent."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from kefu.core.intents.in_context import KNOWN, OF_ROLE, Inputs, Weights, listen
from kefu.core.intents.model import IntentModel
from kefu.core.intents.rows import Floats

GENERAL_PENALTY = 4.0
ROLE_PENALTY = 4.0
STEPS = 500
RATE = 0.05

FormsOf = Callable[[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of a customer and its intent."""

    text: str
    intent: str


@lru_cache(maxsize=1)
def conversations() -> tuple[tuple[Said, ...], ...]:
    """Our own conversations: package data, a constant.

    The first 901 are rich in sentences that lean on the one before; alone they would teach too much trust in the topic.
    """
    return _read("conversations.csv")


@lru_cache(maxsize=1)
def everyday() -> tuple[tuple[Said, ...], ...]:
    """Conversations as they come, with changes of subject and sentences that speak for themselves: package data.

    None of their sentences is an example of the sample shop, so its model hears them as it hears a customer's.
    """
    return _read("everyday.csv")


def _read(name: str) -> tuple[tuple[Said, ...], ...]:
    content = files("kefu.core.intents").joinpath("data", name).read_text("utf-8")
    return tuple(
        tuple(Said(text, intent) for text, intent in zip(row["texts"].split("|"), row["intents"].split(), strict=True))
        for row in csv.DictReader(io.StringIO(content))
    )


@dataclass(frozen=True, slots=True)
class Rows:
    """``general`` is turns × intents × inputs, ``of_role`` turns × inputs, ``truth`` the right intent's column."""

    general: Floats
    of_role: Floats
    truth: np.ndarray


def rows_of(talks: Sequence[Sequence[Said]], model: IntentModel, forms_of: FormsOf) -> Rows:
    """Inputs of every turn whose intent the model has, by a model that has not learnt these conversations.

    The turns before are known to a learner. (Learning from guessed ones was no better.)
    """
    made: list[tuple[Inputs, int]] = []
    for talk in talks:
        before: list[str] = []
        for said in talk:
            heard = listen(model, said.text)
            if heard is None or said.intent not in model.labels:
                continue
            inputs = heard.after(before, forms_of(said.text), model.labels)
            made.append((inputs, model.labels.index(said.intent)))
            before.append(said.intent)
    general, of_role = np.stack([i.general for i, _ in made]), np.stack([i.of_role for i, _ in made])
    return Rows(general, of_role, np.array([truth for _, truth in made]))


def together(parts: Sequence[Rows]) -> Rows:
    """Rows of models with the same intents, one after the other."""
    return Rows(
        np.concatenate([p.general for p in parts]),
        np.concatenate([p.of_role for p in parts]),
        np.concatenate([p.truth for p in parts]),
    )


def learn(rows: Rows, labels: Sequence[str]) -> Weights:
    """The weights under which the right intents are likeliest, with a quadratic penalty (Adam, Kingma & Ba 2015).

    ``labels`` must be `KNOWN` intents: the columns of ``rows``.
    """
    columns = [KNOWN.index(label) for label in labels]
    scale = np.sqrt(np.square(rows.general).mean(axis=(0, 1))) + 1e-6
    general = rows.general / scale
    turns, intents, width = general.shape
    right = np.eye(intents, dtype=np.float32)[rows.truth]
    flat = general.reshape(turns * intents, width)
    own, of_role = np.zeros(width, np.float32), np.zeros((rows.of_role.shape[1], intents), np.float32)
    own[0] = scale[0]
    steps = (_Adam(own), _Adam(of_role))
    for number in range(1, STEPS + 1):
        logits = (flat @ own).reshape(turns, intents) + rows.of_role @ of_role
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        error = (raised / raised.sum(axis=1, keepdims=True) - right) / turns
        rate = RATE * (1 - number / STEPS) + 0.002
        slope = error.reshape(-1) @ flat + GENERAL_PENALTY * own / turns
        role_slope = rows.of_role.T @ error + ROLE_PENALTY * of_role / turns
        steps[0].step(slope, rate)
        steps[1].step(role_slope, rate)
    spread = np.zeros((len(OF_ROLE), len(KNOWN)), np.float32)
    spread[:, columns] = of_role - of_role.mean(axis=1, keepdims=True)
    return Weights((own / scale).astype(np.float32), spread)


class _Adam:
    """Moves ``values`` in place."""

    def __init__(self, values: Floats) -> None:
        self.values, self.mean, self.square, self.number = values, np.zeros_like(values), np.zeros_like(values), 0

    def step(self, slope: Floats, rate: float) -> None:
        self.number += 1
        self.mean = 0.9 * self.mean + 0.1 * slope
        self.square = 0.99 * self.square + 0.01 * slope * slope
        mean, square = self.mean / (1 - 0.9**self.number), self.square / (1 - 0.99**self.number)
        self.values -= rate * mean / (np.sqrt(square) + 1e-8)
