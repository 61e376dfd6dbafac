"""Which parts fit which device: explicit pairs, otherwise attribute rules; a missing fact is never a fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz, process

from kefu.core.catalogue.gazetteer import Gazetteer, Hit
from kefu.core.catalogue.values import CompatibilityPair, CompatibilityRule, Device, Product, Variant
from kefu.core.catalogue.words import Query, canonical_value, key

CLOSE = 85.0
"""rapidfuzz ratio from which a model name nobody knows is taken for a slip worth asking about."""

_EDITION = re.compile(r"20\d\d|gen\d+|g\d+|(?:\d+|[一二三四五六七八九十]+)代")
"""What tells the years of one model apart; compared in the form of `words.key`."""

_FACTORS = {"g": 1.0, "t": 1024.0, "mb": 1 / 1024, "": 1.0}


@dataclass(frozen=True, slots=True)
class DeviceMatch:
    """``exact``: one device. ``ambiguous``: ask which of ``candidates``. ``none``: no known model is named.

    ``unknown``: with ``none``, the words for an edition that the shop's data do not have (小新pro16 2021).
    """

    kind: Literal["exact", "ambiguous", "none"]
    device: Device | None = None
    candidates: tuple[Device, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """``unknown``: the shop's data do not say. ``note`` is the reason or a caution, from the data."""

    verdict: Literal["yes", "no", "unknown"]
    note: str = ""


class Compatibility:
    """Devices, rules and pairs, compiled. Not changed after it is built."""

    def __init__(
        self,
        devices: Iterable[Device] = (),
        rules: Iterable[CompatibilityRule] = (),
        pairs: Iterable[CompatibilityPair] = (),
    ) -> None:
        self.devices = tuple(devices)
        self._rules: dict[str, list[CompatibilityRule]] = {}
        # Conditions on the device alone first: "soldered, no slot" says more than any mismatch of the part.
        for rule in sorted(rules, key=lambda rule: not rule.value):
            self._rules.setdefault(rule.category, []).append(rule)
        self.decisive = {
            category: frozenset(rule.part_attribute for rule in found if rule.operator == "=" and not rule.value)
            for category, found in self._rules.items()
        }
        """Category → attributes that must be the device's own: goods that differ in one fit other devices."""
        self._pairs = {(key(pair.device), pair.sku or pair.product): pair for pair in pairs}
        self._paired = frozenset(part for _, part in self._pairs)
        names: dict[str, tuple[Device, ...]] = {}
        for device in self.devices:
            for name in dict.fromkeys(key(name) for name in (device.model, *device.aliases)):
                names[name] = (*names.get(name, ()), device)
        self._names = names
        self._gazetteer = Gazetteer(names)

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories that rules speak of."""
        return tuple(self._rules)

    def speaks_of(self, categories: Iterable[str], parts: Iterable[str]) -> bool:
        """Whether a rule is about one of the categories, or a pair about one of the products or SKUs."""
        return not self._rules.keys().isdisjoint(categories) or not self._paired.isdisjoint(parts)

    def find_device(self, text: str) -> DeviceMatch:
        """The model that ``text`` names; a slip of the pen is asked about, never assumed."""
        query = Query.of(text)
        hits = self._gazetteer.find(query)
        for hit in hits:
            if other := _other_edition(query, hit):
                edition, words = other
                known = self._editions(query.text[hit.start : hit.end], edition)
                return DeviceMatch("exact", known[0]) if len(known) == 1 else DeviceMatch("none", unknown=words)
        found = tuple(dict.fromkeys(device for hit in hits for device in hit.target))
        if len(found) == 1:
            return DeviceMatch("exact", found[0])
        if found:
            return DeviceMatch("ambiguous", candidates=found[:6])
        if not any(character.isdigit() for character in query.text):
            return DeviceMatch("none")
        close = process.extract(query.text, self._names.keys(), scorer=fuzz.ratio, score_cutoff=CLOSE, limit=3)
        near = tuple(dict.fromkeys(device for name, _, _ in close for device in self._names[name]))
        return DeviceMatch("ambiguous", candidates=near) if near else DeviceMatch("none")

    def without_devices(self, text: str) -> str:
        """The text without the models that it names: what is left names the part (iPhone 15 in 充电器 … iPhone 15)."""
        query = Query.of(text)
        parts: list[str] = []
        at = 0
        for hit in self._gazetteer.find(query):
            parts.extend(query.words(at, hit.start))
            at = hit.end
        return " ".join((*parts, *query.words(at, len(query.text)))) if at else text

    def _editions(self, name: str, edition: str) -> list[Device]:
        """The devices one of whose names holds both, the one after the other (小新Pro14 … 2021)."""
        found = re.compile(f"{re.escape(key(name))}.*{re.escape(edition)}")
        return [d for d in self.devices if any(found.search(key(one)) for one in (d.model, *d.aliases))]

    def fits(self, device: Device, product: Product, variant: Variant) -> Fit:
        """Pair of the SKU, then of the product, then the category's rules: all must hold."""
        for part in (variant.sku, product.id):
            if pair := self._pairs.get((key(device.model), part)):
                return Fit("yes" if pair.fits else "no", pair.note)
        rules = self._rules.get(product.category, [])
        results = [(_holds(rule, device, variant), rule) for rule in rules]
        for held, rule in results:
            if held is False:
                return Fit("no", rule.note or _because(rule, device, variant))
        if not rules or any(held is None for held, _ in results):
            return Fit("unknown")
        return Fit("yes")


def _other_edition(query: Query, hit: Hit[tuple[Device, ...]]) -> tuple[str, str] | None:
    """The year or generation beside the model's name, and both as written, if this model is not that edition."""
    text = query.text
    after = _EDITION.match(text, hit.end)
    before = re.search(rf"({_EDITION.pattern})款?$", text[: hit.start])
    said = after[0] if after else before[1] if before else ""
    names = (key(name) for device in hit.target for name in (device.model, *device.aliases))
    if not said or any(said in name for name in names):
        return None
    start, end = (hit.start, after.end()) if after else (before.start() if before else 0, hit.end)
    return said, " ".join(query.words(start, end))


def _holds(rule: CompatibilityRule, device: Device, variant: Variant) -> bool | None:
    """Whether the rule holds; None when one side is missing or is no number where one is compared."""
    theirs = device.attribute(rule.device_attribute)
    if not theirs:
        return None
    if rule.value:
        return _compare(theirs, rule.operator, rule.value)
    ours = variant.attribute(rule.part_attribute)
    return _compare(ours, rule.operator, theirs) if ours else None


def _compare(left: str, operator: str, right: str) -> bool | None:
    if operator in ("=", "in"):
        lefts, rights = ({canonical_value(one) for one in side.split("/")} for side in (left, right))
        return bool(lefts & rights) if operator == "in" else lefts <= rights
    low, high = _number(left), _number(right)
    if low is None or high is None:
        return None
    return low <= high if operator == "<=" else low >= high


def _number(value: str) -> float | None:
    """An amount in one unit (GB for storage), None if it is no single amount or has another unit."""
    canonical = canonical_value(value)
    unit = canonical.lstrip("0123456789.")
    digits = canonical[: len(canonical) - len(unit)]
    if not digits or digits.count(".") > 1:
        return None
    return float(digits) * _FACTORS.get(unit, 1.0)


def _because(rule: CompatibilityRule, device: Device, variant: Variant) -> str:
    theirs = device.attribute(rule.device_attribute)
    if rule.value:
        return f"这款机型的{rule.device_attribute}是{theirs}"
    ours = variant.attribute(rule.part_attribute)
    return f"这款机型的{rule.device_attribute}是{theirs}，而它的{rule.part_attribute}是{ours}"


def fitting(compatibility: Compatibility, device: Device, products: Sequence[Product]) -> list[tuple[Product, Variant]]:
    """Every variant of ``products`` that fits for sure."""
    return [
        (product, variant)
        for product in products
        for variant in product.variants
        if compatibility.fits(device, product, variant).verdict == "yes"
    ]
