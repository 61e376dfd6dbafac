"""The trained intent model: a value. Classifying is a few sparse rows of a matrix added up (under a millisecond)."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict, dataclass

import numpy as np

from kefu.core.intents.calibration import Logistic, signals, softmax
from kefu.core.intents.features import clean
from kefu.core.intents.report import TrainingReport
from kefu.core.intents.rows import Floats
from kefu.core.intents.values import NOTHING, Candidate, IntentResult
from kefu.core.intents.vocabulary import Vocabulary
from kefu.errors import BadInput

FORMAT = 1
TOP = 5


@dataclass(frozen=True, slots=True)
class IntentModel:
    """``weights`` is columns × intents; ``right`` gives the confidence, ``known`` against ``threshold`` the unknown."""

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    weights: Floats
    right: Logistic
    known: Logistic
    threshold: float
    temperature: float
    report: TrainingReport

    def scores(self, cleaned: str) -> Floats:
        """Raw class scores (about 0 = not this, 1 = surely this) of a cleaned sentence."""
        columns, values = self.vocabulary.row(cleaned)
        return values @ self.weights[columns].astype(np.float32)

    def classify(self, text: str, history: tuple[str, ...] = ()) -> IntentResult:
        """The intent of ``text``; ``history`` holds the customer's earlier messages, oldest first."""
        cleaned = clean(text)
        if not cleaned:
            return NOTHING
        return self._result(self.scores(cleaned))

    def _result(self, scores: Floats) -> IntentResult:
        marks = signals(scores[None])
        confidence = float(self.right(marks)[0])
        known = float(self.known(marks)[0])
        order = np.argsort(-scores)[:TOP]
        chances = softmax(scores * self.temperature)[order]
        rest = (1 - confidence) / max(1e-9, 1 - float(chances[0]))
        top = [Candidate(self.labels[order[0]], confidence)]
        top += [
            Candidate(self.labels[at], min(confidence, float(chances[i]) * rest)) for i, at in enumerate(order) if i
        ]
        return IntentResult(top[0].label, confidence, known < self.threshold, tuple(top))

    def to_bytes(self) -> bytes:
        """A zip of one JSON header and two arrays; never a pickle."""
        header = {
            "format": FORMAT, "labels": self.labels, "names": self.vocabulary.names, "right": asdict(self.right),
            "known": asdict(self.known), "threshold": self.threshold, "temperature": self.temperature,
            "report": self.report.to_dict(),
        }  # fmt: skip
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            _put(archive, "header.json", json.dumps(header, ensure_ascii=False).encode())
            for name, array in (("rarity.npy", self.vocabulary.rarity), ("weights.npy", self.weights)):
                buffer = io.BytesIO()
                np.save(buffer, array, allow_pickle=False)
                _put(archive, name, buffer.getvalue())
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> IntentModel:
        """Raises BadInput for anything that `to_bytes` did not write."""
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                header = json.loads(archive.read("header.json"))
                rarity, weights = (_load(archive, name) for name in ("rarity.npy", "weights.npy"))
            if header["format"] != FORMAT:
                raise BadInput(f"This intent model has format {header['format']}, not {FORMAT}.", "Train it again.")
            return cls(
                tuple(header["labels"]), Vocabulary.of(header["names"], rarity), weights,
                _logistic(header["right"]), _logistic(header["known"]), header["threshold"],
                header["temperature"], TrainingReport.from_dict(header["report"]),
            )  # fmt: skip
        except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError) as error:
            raise BadInput("This file is no intent model.", "Make one with `./kefu train`.") from error


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)  # fixed date: equal models, equal bytes


def _load(archive: zipfile.ZipFile, name: str) -> Floats:
    return np.load(io.BytesIO(archive.read(name)), allow_pickle=False)


def _logistic(fields: dict) -> Logistic:
    return Logistic(float(fields["bias"]), tuple(fields["weights"]))
