"""The trained intent model: a value. Classifying is a few sparse rows of a matrix added up (under a millisecond)."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kefu.core.intent_file import FORMAT
from kefu.core.intents import meaning as meanings
from kefu.core.intents.calibration import Logistic, signals, softmax
from kefu.core.intents.encoder import Encoder
from kefu.core.intents.features import Sentence, clean, features
from kefu.core.intents.follow_up import leans_on_the_past, points_back
from kefu.core.intents.kernel import kernel
from kefu.core.intents.nearest import ExampleIndex, Neighbour
from kefu.core.intents.prior import Prior
from kefu.core.intents.report import TrainingReport
from kefu.core.intents.rows import Columns, Floats
from kefu.core.intents.values import NOTHING, Candidate, Example, IntentResult
from kefu.core.intents.vocabulary import Vocabulary
from kefu.errors import BadInput

TOP = 5
UNSURE = 0.5
"""Confidence under which a short message may take the intent of the one before."""
SURE = 0.8
"""The same for a message whose wording points back, like “那…呢”."""
LOOK_BACK = 3
REMEMBERED = 1_000
"""Sentences whose scores are kept: customers say the same, and what was said before is asked for again."""
FADING = 0.85
"""Factor on the confidence of an intent that is carried over."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Raw class scores of a sentence (about 0 = not this, 1 = surely this), the likeness (0–1) of its own features to
    the nearest example's, and its meaning."""

    scores: Floats
    nearest: float
    meaning: Floats


@dataclass(frozen=True, slots=True)
class IntentModel:
    """``dual`` is examples × intents; ``right`` gives the confidence, ``known`` against ``threshold`` the unknown, and
    so is what is no more alike to any example than ``least`` (0–1).

    ``temperature`` times the scores are the logits of a calibrated softmax.
    """

    labels: tuple[str, ...]
    encoder: Encoder
    dual: Floats
    right: Logistic
    known: Logistic
    threshold: float
    least: float
    temperature: float
    report: TrainingReport
    index: ExampleIndex
    hear: Callable[[str], Heard] = field(init=False, repr=False, compare=False)
    """What a cleaned sentence says by itself, for `judge`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "hear", lru_cache(REMEMBERED)(self._listen))

    def _listen(self, cleaned: str) -> Heard:
        message = self.encoder.message(Sentence.of(cleaned))
        similarity, nearest = self.index.similarity(message)
        return Heard(kernel(similarity, self.encoder.full) @ self.dual, nearest, message.meaning)

    def classify(self, text: str, history: tuple[str, ...] = ()) -> IntentResult:
        """The intent of ``text``; ``history`` holds the customer's earlier messages, oldest first."""
        cleaned = clean(text)
        if not cleaned:
            return NOTHING
        own = self.judge(self.hear(cleaned))
        limit = SURE if points_back(cleaned) else UNSURE
        if history and (own.unknown or own.confidence < limit) and leans_on_the_past(cleaned):
            return self._carried_over(cleaned, history, own) or own
        return own

    def candidates(self, text: str, count: int) -> tuple[Candidate, ...]:
        """The ``count`` likeliest intents, best first; none for a text without content."""
        cleaned = clean(text)
        return self.judge(self.hear(cleaned), count).top if cleaned else ()

    def nearest(self, text: str, count: int = 3) -> tuple[Neighbour, ...]:
        """The examples most like ``text``, best first."""
        cleaned = clean(text)
        return self.index.nearest(*self.encoder.vocabulary.row(features(cleaned)).row(0), count) if cleaned else ()

    def _carried_over(self, cleaned: str, history: tuple[str, ...], own: IntentResult) -> IntentResult | None:
        """The intent of the last full message, if the short one does not speak against it."""
        for message in reversed(history[-LOOK_BACK:]):
            before = clean(message)
            topic = self.judge(self.hear(before)) if before else NOTHING
            if topic.unknown or topic.confidence < UNSURE:
                if before and not leans_on_the_past(before):
                    return None  # a full message about something else
                continue
            both = self.judge(self.hear(f"{before} {cleaned}"))
            if not (own.unknown or both.label == topic.label):
                return None
            return replace(topic, confidence=topic.confidence * FADING, source="history")
        return None

    def judge(self, heard: Heard, count: int = TOP) -> IntentResult:
        """What a sentence comes to: the best intents, how sure that is, known or not."""
        scores = heard.scores
        marks = signals(scores[None])
        confidence = float(self.right(marks)[0])
        known = float(self.known(marks)[0])
        order = np.argsort(-scores)[:count]
        chances = softmax(scores * self.temperature)[order]
        rest = (1 - confidence) / max(1e-9, 1 - float(chances[0]))
        top = [Candidate(self.labels[order[0]], confidence)]
        top += [
            Candidate(self.labels[at], min(confidence, float(chances[i]) * rest)) for i, at in enumerate(order) if i
        ]
        unknown = known < self.threshold or heard.nearest < self.least
        return IntentResult(top[0].label, confidence, unknown, tuple(top))

    def to_bytes(self) -> bytes:
        """A zip of one JSON header and arrays; never a pickle. Equal models give equal bytes."""
        header = {
            "format": FORMAT, "labels": self.labels, "right": asdict(self.right), "known": asdict(self.known),
            "threshold": self.threshold, "least": self.least, "temperature": self.temperature,
            "report": self.report.to_dict(),
            "examples": [[example.text, example.label] for example in self.index.examples],
            "meaning": [self.encoder.meaning.language, self.encoder.meaning.digest],
        }  # fmt: skip
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            _put(archive, "header.json", json.dumps(header, ensure_ascii=False).encode())
            halves = {
                "dual": self.dual, "values": self.index.features.values, "sense": self.index.sense,
                "directions": self.encoder.directions,
            }  # fmt: skip
            for name, array in halves.items():
                _put(archive, f"{name}.npy", _array_bytes(array.astype(np.float16)))
            _put(archive, "starts.npy", _array_bytes(self.index.features.starts.astype(np.int32)))
            _put(archive, "owners.npy", _array_bytes(self.index.features.owners))
            _put(archive, "vocabulary", _vocabulary_bytes(self.encoder.vocabulary))
            if self.encoder.prior:
                _put(archive, "prior.vocabulary", _vocabulary_bytes(self.encoder.prior.vocabulary))
                _put(archive, "prior.npy", _array_bytes(self.encoder.prior.weights))
                _put(archive, "prior.meaning.npy", _array_bytes(self.encoder.prior.of_meaning))
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> IntentModel:
        """Raises BadInput for anything that `to_bytes` did not write."""
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                header = json.loads(archive.read("header.json"))
                if header["format"] != FORMAT:
                    raise BadInput(f"This intent model has format {header['format']}, not {FORMAT}.", "Train it again.")
                known = "prior.npy" in archive.namelist()
                stored = ("prior.vocabulary", "prior.npy", "prior.meaning.npy")
                prior = _prior(*map(archive.read, stored)) if known else None
                dual, values, sense, directions = (
                    _array(archive.read(f"{name}.npy")).astype(np.float32)
                    for name in ("dual", "values", "sense", "directions")
                )
                encoder = Encoder(
                    _vocabulary(archive.read("vocabulary")), _meaning(*header["meaning"]), prior, directions
                )
                starts, owners = (_array(archive.read(f"{name}.npy")) for name in ("starts", "owners"))
                examples = tuple(Example(text, label) for text, label in header["examples"])
                index = ExampleIndex(examples, Columns(starts.astype(np.int64), owners, values, len(dual)), sense)
                return cls(
                    tuple(header["labels"]), encoder, dual, _logistic(header["right"]), _logistic(header["known"]),
                    header["threshold"], header["least"], header["temperature"],
                    TrainingReport.from_dict(header["report"]), index,
                )  # fmt: skip
        except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, EOFError) as error:
            raise BadInput("This file is no intent model.", "Make one with `./kefu train`.") from error


def compact(array: Floats) -> Floats:
    """Rounded to what a file keeps, so that a model answers the same before and after it was stored.

    Column by column in memory: a message's products with ten thousand examples take half the time so.
    """
    return np.asfortranarray(array.astype(np.float16).astype(np.float32))


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 6)  # ZipInfo has a fixed date


def _array_bytes(array: NDArray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _array(content: bytes) -> NDArray:
    return np.load(io.BytesIO(content), allow_pickle=False)


def _vocabulary_bytes(vocabulary: Vocabulary) -> bytes:
    """Names on one line each (features have no line ends), a blank line, then the weights."""
    return "\n".join(vocabulary.names).encode() + b"\n\n" + _array_bytes(vocabulary.weight)


def _vocabulary(content: bytes) -> Vocabulary:
    at = content.index(b"\n\n", 1)
    return Vocabulary.of(content[:at].decode().split("\n"), _array(content[at + 2 :]))


@lru_cache(maxsize=2)
def _prior(vocabulary: bytes, weights: bytes, of_meaning: bytes) -> Prior:
    """Models of many shops share one prior in memory."""
    return Prior(_vocabulary(vocabulary), _array(weights), _array(of_meaning))


def _meaning(language: str, digest: str) -> meanings.Meaning:
    """The shipped encoder, if it is the one that the model was trained with; raises BadInput if not."""
    shipped = meanings.shipped(language) if language in meanings.LANGUAGES else None
    if shipped is None or shipped.digest != digest:
        raise BadInput("This intent model was trained with another sentence encoder.", "Train it again.")
    return shipped


def _logistic(fields: dict) -> Logistic:
    return Logistic(float(fields["bias"]), tuple(fields["weights"]))
