"""The intent of a turn in its conversation: what it says by itself, weighed against what was talked about.

A log-linear choice among the shop's intents. Its inputs are the intent model's scores, how the sentence looks (`forms`)
and the intents of the turns before; its weights are learnt from our own conversations (`data/conversations.csv`) by
`context_learning` and shipped (`data/context.json`). Intents that have no role of ours are weighed by the general part.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

import numpy as np

from kefu.core.intents.features import clean
from kefu.core.intents.forms import NAMES
from kefu.core.intents.model import Heard, IntentModel
from kefu.core.intents.roles import ROLES
from kefu.core.intents.rows import Floats
from kefu.core.intents.values import NOTHING, Candidate, IntentResult

KNOWN = (*(role.id for role in ROLES), "virtual_goods")
"""Intents that the weights know by name."""
PASSING = frozenset({"thanks", "greeting", "identity"})
"""Intents that interrupt without changing what the conversation is about."""
FLOOR = -8.0
SHOWN = 5
LOOK_BACK = 8
MEANINGS = 128
"""Numbers of a sentence's meaning; those of `LANGUAGE` have weights, another encoder's would say something else."""
LANGUAGE = "zh"
MAYBE = 3
POSSIBLE = 0.05
"""A turn may have been about its likeliest `MAYBE` intents, of those with at least this chance. What it was decides
what the next one leans on, so a turn misheard does not mislead the rest (docs/benchmarks-understanding.md)."""
CARRIES = 0.5
"""Probability from which the conversation makes a text known that is unknown by itself."""
_OWN = (
    "alone",
    "cue",
    "score",
    "alone·sure",
    "best·sure",
    "last",
    "topic",
    "earlier",
    "last·sure",
    "topic·sure",
)
GENERAL = (*_OWN, "topic·unsure", "topic·alone", *(f"topic·{n}" for n in NAMES), *(f"topic·{n}·sure" for n in NAMES))
"""Inputs with one weight for all intents."""
OF_ROLE = (
    *("bias", *NAMES),
    *(f"last={name}" for name in (*KNOWN, "none")),
    *(f"topic={name}" for name in (*KNOWN, "none")),
    *(f"topic={name}·unsure" for name in (*KNOWN, "none")),
    *(f"best={name}" for name in KNOWN),
    *(f"topic={name}·short" for name in (*KNOWN, "none")),
    *(f"meaning:{number}" for number in range(MEANINGS)),
)
"""Inputs with a weight for each known intent."""
_ROLE_ROW = {name: row for row, name in enumerate(OF_ROLE)}
_ROLE_AT = {name: at for at, name in enumerate(KNOWN)}
_FORM_AT = {name: at for at, name in enumerate(NAMES)}


@dataclass(frozen=True, slots=True)
class Weights:
    """``general`` has one number for each of `GENERAL`, ``of_role`` one row for each of `OF_ROLE` (columns `KNOWN`)."""

    general: Floats
    of_role: Floats

    @classmethod
    def from_json(cls, data: Mapping[str, Mapping[str, object]]) -> Weights:
        general = np.array([data["general"][name] for name in GENERAL], np.float32)
        return cls(general, np.array([data["of_role"][name] for name in OF_ROLE], np.float32))

    def to_json(self) -> dict[str, dict[str, object]]:
        return {
            "general": {n: round(float(w), 4) for n, w in zip(GENERAL, self.general, strict=True)},
            "of_role": {
                n: [round(float(w), 4) for w in row] for n, row in zip(OF_ROLE, self.of_role, strict=True)
            },
        }  # fmt: skip


@lru_cache(maxsize=1)
def shipped() -> Weights:
    """The weights learnt from our conversations: package data, a constant."""
    return Weights.from_json(json.loads(files("kefu.core.intents").joinpath("data/context.json").read_text("utf-8")))


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the choice is made from: ``general`` is intents × `GENERAL`, ``of_role`` one number for each `OF_ROLE`."""

    general: Floats
    of_role: Floats


def inputs_of(
    scores: Floats,
    meaning: Floats,
    sharpness: float,
    sure: float,
    forms: frozenset[str],
    names: Sequence[str],
    before: Sequence[str],
) -> Inputs:
    """``names`` are the intents of the scores' columns by role, ``before`` those of the turns before, oldest first;
    ``sure`` is the confidence of the best score, ``meaning`` is empty in a language without weights."""
    count, best = len(scores), int(scores.argmax())
    alone = np.maximum(_log_softmax(scores * sharpness), FLOOR)
    cue = np.array([float(f"cue:{name}" in forms) for name in names], np.float32)
    last = before[-1] if before else ""
    topic = next((name for name in reversed(before) if name not in PASSING), "")
    is_last, is_topic = _marks(names, last), _marks(names, topic)
    is_earlier = np.array([float(name != last and name in before[:-1]) for name in names], np.float32)
    is_best = np.zeros(count, np.float32)
    is_best[best] = sure
    form = np.zeros(len(NAMES), np.float32)
    form[[_FORM_AT[name] for name in forms]] = 1
    own = (
        alone,
        cue,
        scores * 5,
        alone * sure,
        is_best,
        is_last,
        is_topic,
        is_earlier,
        is_last * sure,
        is_topic * sure,
    )
    more = (is_topic * (1 - sure) ** 2, is_topic * alone)
    leans = is_topic[:, None] * form
    general = np.concatenate([np.stack((*own, *more), axis=1), leans, leans * sure], axis=1)
    return Inputs(general.astype(np.float32), _of_role(form, meaning, forms, last, topic, names[best], sure))


def _of_role(
    form: Floats, meaning: Floats, forms: frozenset[str], last: str, topic: str, best: str, sure: float
) -> Floats:
    row = np.zeros(len(OF_ROLE), np.float32)
    row[0] = 1
    row[1 : 1 + len(form)] = form
    row[_ROLE_ROW[f"last={_known(last)}"]] = 1
    row[_ROLE_ROW[f"topic={_known(topic)}"]] = 1
    row[_ROLE_ROW[f"topic={_known(topic)}·unsure"]] = 1 - sure
    row[_ROLE_ROW[f"topic={_known(topic)}·short"]] = float("length<=6" in forms)
    if best in _ROLE_AT:
        row[_ROLE_ROW[f"best={best}"]] = sure
    row[len(row) - MEANINGS :][: len(meaning)] = meaning
    return row


def odds(inputs: Inputs, weights: Weights, names: Sequence[str]) -> Floats:
    """The logarithm of each intent's odds; one without a role of ours gets the mean of the known ones' own weights."""
    by_role = inputs.of_role @ weights.of_role
    middle = float(by_role.mean())
    own = np.array([by_role[_ROLE_AT[name]] if name in _ROLE_AT else middle for name in names], np.float32)
    return inputs.general @ weights.general + own


def chances(each: Sequence[Floats], shares: Sequence[float] = (1.0,)) -> Floats:
    """The probability of each intent from its `odds` after each of the pasts that there may have been.

    A past weighs by its share and by the root of how well it goes with what is said now: locally normalised odds alone
    would ignore that (the label bias of Lafferty et al. 2001).
    """
    top = max(float(logs.max()) for logs in each)
    raised = [np.exp(logs - top) for logs in each]
    total = sum(share * one / np.sqrt(one.sum()) for share, one in zip(shares, raised, strict=True))
    return total / np.sum(total)


def possible(result: IntentResult, roles: Mapping[str, str]) -> dict[str, float]:
    """What a turn may have been about: role → chance, together 1; {} when only one is possible."""
    likely = [one for one in result.top[:MAYBE] if one.confidence >= POSSIBLE]
    whole = sum(one.confidence for one in likely)
    found: dict[str, float] = {}
    for one in likely:
        role = roles.get(one.label, one.label)
        found[role] = found.get(role, 0.0) + one.confidence / whole
    return found if len(found) > 1 else {}


def in_context(
    model: IntentModel,
    text: str,
    forms: frozenset[str],
    before: Sequence[str],
    roles: Mapping[str, str] | None = None,
    weights: Weights | None = None,
    perhaps: Mapping[str, float] | None = None,
) -> IntentResult:
    """The intent of ``text`` after turns with the intents ``before`` (by role, oldest first).

    ``roles`` maps the model's labels to ours. ``perhaps`` are the intents that the last of the turns before may have
    had, with their chances, if that is not certain (`possible`). The confidence is the probability; a text that the
    model calls unknown stays so unless the conversation speaks for the intent chosen. A first message of a shop that
    has not all of our roles is judged by the model alone.
    """
    names = [(roles or {}).get(label, label) for label in model.labels]
    heard = listen(model, text)
    if heard is None:
        return NOTHING
    own = heard.own
    if not before and not names_all_roles(names):
        return own
    pasts = {(*before[:-1], last): share for last, share in perhaps.items()} if perhaps else {tuple(before): 1.0}
    each = [odds(heard.after(past, forms, names), weights or shipped(), names) for past in pasts]
    found = chances(each, list(pasts.values()))
    order = np.argsort(-found)[:SHOWN]
    top = tuple(Candidate(model.labels[at], float(found[at])) for at in order)
    spoken_of = names[order[0]] in before
    source = "history" if spoken_of and top[0].label != own.label else own.source
    return replace(own, label=top[0].label, confidence=top[0].confidence, top=top, source=source,
                   unknown=own.unknown and not (spoken_of and top[0].confidence >= CARRIES))  # fmt: skip


def names_all_roles(names: Sequence[str]) -> bool:
    """Are the weights of the roles at home here? A shop with some of them has other odds for a first message."""
    return set(KNOWN) <= set(names)


@dataclass(frozen=True, slots=True)
class Listened:
    """What a text says by itself to the ``model`` (``heard``), and what it means alone (``own``)."""

    model: IntentModel
    heard: Heard
    own: IntentResult

    def after(self, before: Sequence[str], forms: frozenset[str], names: Sequence[str]) -> Inputs:
        """The inputs of the choice after turns with these intents."""
        model, heard = self.model, self.heard
        meaning = heard.meaning if model.encoder.meaning.language == LANGUAGE else heard.meaning[:0]
        last = tuple(before)[-LOOK_BACK:]
        return inputs_of(heard.scores, meaning, model.temperature, self.own.confidence, forms, names, last)


def listen(model: IntentModel, text: str) -> Listened | None:
    """What ``text`` means by itself; None for a text without content."""
    cleaned = clean(text)
    if not cleaned:
        return None
    heard = model.hear(cleaned)
    return Listened(model, heard, model.judge(heard))


def _marks(names: Sequence[str], wanted: str) -> Floats:
    return np.array([float(bool(wanted) and name == wanted) for name in names], np.float32)


def _known(name: str) -> str:
    return name if name in _ROLE_AT else "none"


def _log_softmax(values: Floats) -> Floats:
    shifted = values - values.max()
    return shifted - np.log(np.exp(shifted).sum())
