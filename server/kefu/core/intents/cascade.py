"""Who answers: the local model when it is sure, a nearly identical example, else the shop's language model.

The language model only chooses among ids; anything else it says counts as no answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kefu.core.intents.model import IntentModel
from kefu.core.intents.values import NOTHING, Candidate, IntentResult

SURE = 0.8
"""Calibrated confidence from which the local answer stands: about nine of ten such answers are right."""
SAME = 0.85
"""Likeness from which an example counts as the same sentence."""
CHOICES = 8
"""Candidates that the language model may choose from, the likeliest first."""
NONE = "none"
"""What the language model answers when no candidate fits."""
TRUSTED = 0.85
"""Confidence of a choice by the language model; measured choices among ids, not a number the model claims."""

Ask = Callable[[str, tuple[str, ...]], str | None]
"""Given the text and the ids to choose from (`NONE` last), the id chosen; None when there was no usable answer."""


def decide(
    model: IntentModel, text: str, history: tuple[str, ...] = (), *, ask: Ask | None = None, sure: float = SURE
) -> IntentResult:
    """The intent by the first rung that is sure; ``source`` of the result names the rung."""
    local = model.classify(text, history)
    if local == NOTHING or (local.confidence >= sure and not local.unknown):
        return local
    alike = model.nearest(text, 1)
    if alike and alike[0].likeness >= SAME:
        label = alike[0].example.label
        confidence = max(local.confidence, alike[0].likeness)
        return IntentResult(label, confidence, False, (Candidate(label, confidence), *local.top), "examples")
    if ask is None:
        return local
    choices = (*(candidate.label for candidate in model.candidates(text, CHOICES)), NONE)
    return _by_language_model(local, ask(text, choices), choices)


def _by_language_model(local: IntentResult, answer: str | None, choices: tuple[str, ...]) -> IntentResult:
    if answer is None or answer not in choices:
        return local
    if answer == NONE:
        return replace(local, unknown=True, source="llm")
    others = tuple(candidate for candidate in local.top if candidate.label != answer)
    return IntentResult(answer, TRUSTED, False, (Candidate(answer, TRUSTED), *others), "llm")
