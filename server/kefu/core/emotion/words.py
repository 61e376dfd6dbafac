"""The word lists of `words.yaml`, read once at import."""

from __future__ import annotations

from importlib.resources import files

import yaml

_DATA = yaml.safe_load((files(__package__) / "words.yaml").read_text("utf-8"))


def _weighted(name: str) -> dict[str, float]:
    return {word: float(weight) for weight, words in _DATA[name].items() for word in words.split()}


ANGER = _weighted("anger")
DISCONTENT = _weighted("discontent")
URGENCY = _weighted("urgency")
CALMING = dict.fromkeys(_DATA["calming"].split(), 1.0)
HARMLESS = dict.fromkeys(_DATA["harmless"].split(), 0.0)
INTENSIFIERS = tuple(_DATA["intensifiers"].split())
NEGATIONS = tuple(_DATA["negations"].split())
COMPLAINTS = {pattern: float(weight) for weight, patterns in _DATA["complaints"].items() for pattern in patterns}
EXCUSES = _DATA["excuses"]
