"""What goes into intent training and what comes out of classification."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence a customer might type and the id of its intent."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An intent and the calibrated share of answers like this one that are right (0–1)."""

    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class IntentResult:
    """``label`` is the best guess even when ``unknown``; "" only for a text without any content.

    ``confidence`` is calibrated on held-out examples: of answers at 0.8 about 80 % are right. ``unknown`` says that the
    text lies outside the intents learnt, at the share of known texts that the owner chose to keep. ``top`` holds the
    best candidates, ``label`` first. ``source`` says who decided: local, examples, history, llm or none.
    """

    label: str
    confidence: float
    unknown: bool
    top: tuple[Candidate, ...] = field(default=())
    source: str = "local"


NOTHING = IntentResult("", 0.0, True, (), "none")
"""The answer to an empty text, only emoji, only punctuation."""
