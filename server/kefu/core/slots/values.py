"""The values that slots are made of: what was said, where, and what it means."""

from __future__ import annotations

from dataclasses import dataclass, replace

SOURCES = ("turn", "earlier", "profile", "default")


@dataclass(frozen=True, slots=True)
class Slot:
    """``value`` is the original text at ``start:end``; ``normalised`` is its meaning (division code, ISO date, number).

    ``name`` is the attribute's name for ``type`` attribute (颜色, 尺码), else the type. A ``negated`` slot was
    excluded by the customer (不要红色的) or taken back (不对，是苏州). ``source`` is one of SOURCES.
    """

    type: str
    name: str
    value: str
    start: int
    end: int
    normalised: str
    confidence: float = 1.0
    source: str = "turn"
    negated: bool = False

    def from_source(self, source: str) -> Slot:
        """The same slot as it is remembered from elsewhere."""
        return replace(self, source=source)

    def to_json(self) -> dict[str, object]:
        """Every field, JSON-ready."""
        return {
            "type": self.type,
            "name": self.name,
            "value": self.value,
            "start": self.start,
            "end": self.end,
            "normalised": self.normalised,
            "confidence": self.confidence,
            "source": self.source,
            "negated": self.negated,
        }


@dataclass(frozen=True, slots=True)
class Found:
    """A finder's result in normalised coordinates, before overlaps, negation and corrections are settled."""

    type: str
    start: int
    end: int
    normalised: str
    confidence: float = 0.95
    name: str = ""
