"""Which of the shop's intents a class text of Dify's classifier node stands for.

People type whole sentences there (“催发货：客户问什么时候发货”), several names (“售后/退换货”) or a plain name.
A text that matches nothing is listed as unmapped, so that `doctor` can show it; it is never guessed into some intent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kefu.core.intents.features import clean, features

ALIKE = 0.5
"""Share of a class text's characters pairs that an intent's words must cover to stand for it."""

REST = ("其他", "其它", "其余", "以上都不是", "无法识别", "other", "others", "unknown", "none", "else")
"""Words by which people name the class for everything else; it takes all intents that no other class takes."""

_PARTS = re.compile(r"[/／、,，;；|｜:：()（）\[\]【】\n]|\s+-+\s+|\bor\b|或者?|以及|[与和及]")


@dataclass(frozen=True, slots=True)
class IntentNames:
    """An intent as people call it: its id, its name, other names, and some of its examples."""

    id: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassMapping:
    """``classes`` gives each mapped class text its intents; ``rest`` are the class texts for everything else."""

    classes: dict[str, frozenset[str]]
    rest: tuple[str, ...]
    unmapped: tuple[str, ...]

    def class_of(self, intent: str) -> str | None:
        """The class text for an intent: the class that names it, else the class for the rest, else None."""
        for text, intents in self.classes.items():
            if intent in intents:
                return text
        return self.rest[0] if self.rest else None


def map_classes(
    class_texts: Sequence[str],
    intents: Iterable[IntentNames],
    chosen: Mapping[str, Iterable[str]] | None = None,
) -> ClassMapping:
    """Map every class text to a set of intents by exact names first, then by names within it, then by likeness.

    ``chosen`` holds class texts the owner mapped by hand; it wins.
    """
    known = list(intents)
    classes: dict[str, frozenset[str]] = {}
    rest, unmapped = [], []
    for text in dict.fromkeys(class_texts):
        found = frozenset(chosen[text]) if chosen and text in chosen else _by_name(text, known)
        if found:
            classes[text] = found
        if _is_rest(text):
            rest.append(text)
        elif not found:
            alike = _by_likeness(text, known)
            if alike:
                classes[text] = alike
            else:
                unmapped.append(text)
    return ClassMapping(classes, tuple(rest), tuple(unmapped))


def _is_rest(text: str) -> bool:
    return any(_key(part).startswith(REST) for part in _PARTS.split(text) if _key(part))


def _key(text: str) -> str:
    return clean(text).replace(" ", "").replace("_", "")


def _by_name(text: str, intents: Sequence[IntentNames]) -> frozenset[str]:
    """Intents one of whose names is the text, one of its parts, or stands in its first part."""
    parts = [key for key in (_key(part) for part in [text, *_PARTS.split(text)]) if key]
    exact = frozenset(i.id for i in intents for name in _names(i) if name in parts)
    if exact:
        return exact
    return frozenset(i.id for i in intents for name in _names(i) if len(name) >= 2 and parts and name in parts[0])


def _names(intent: IntentNames) -> list[str]:
    return [key for key in (_key(name) for name in (intent.id, intent.name, *intent.aliases)) if key]


def _by_likeness(text: str, intents: Sequence[IntentNames]) -> frozenset[str]:
    """The one intent whose names and examples cover most of the text, if that is most of it and clearly more."""
    wanted = {
        name
        for name in features(clean(text))
        if name[0] == "c" and len(name) > 2 and "^" not in name and "$" not in name
    }
    if not wanted:
        return frozenset()
    ranked = sorted(((_cover(wanted, intent), intent.id) for intent in intents), reverse=True)
    if not ranked or ranked[0][0] < ALIKE or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < 0.1):
        return frozenset()
    return frozenset({ranked[0][1]})


def _cover(wanted: set[str], intent: IntentNames) -> float:
    best = 0.0
    for phrase in (intent.name, *intent.aliases, *intent.examples):
        best = max(best, len(wanted & features(clean(phrase)).keys()) / len(wanted))
    return best
