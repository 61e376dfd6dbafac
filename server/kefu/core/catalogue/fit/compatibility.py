"""Which parts fit which device: explicit pairs, otherwise attribute rules; a missing fact is never a fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz, process

from kefu.core.catalogue.fit.years import NAMES as YEARS
from kefu.core.catalogue.fit.years import DatedName, Years, YearSaid, covers, dated, read_years, said_year, say_years
from kefu.core.catalogue.names.gazetteer import Gazetteer, Hit
from kefu.core.catalogue.values import CompatibilityPair, CompatibilityRule, Device, Product, Variant
from kefu.core.catalogue.words import Query, canonical_value, key
from kefu.errors import BadInput

CLOSE = 85.0
"""rapidfuzz ratio from which a model name nobody knows is taken for a slip worth asking about."""

_OF_ITS_OWN = re.compile(r"(?:pro|max|plus|ultra|mini|lite|turbo)(?![a-z])|promax")
"""Behind a model's name that does not hold it: another model."""
_EDITION = re.compile(r"20\d\d|gen\d+|g\d+|(?:\d+|[一二三四五六七八九十]+)代")
"""What tells the years of one model apart; compared in the form of `words.key`."""

_FACTORS = {"g": 1.0, "t": 1024.0, "mb": 1 / 1024, "": 1.0}


@dataclass(frozen=True, slots=True)
class DeviceMatch:
    """``exact``: one device. ``ambiguous``: ask which of ``candidates``. ``none``: no known model is named.

    ``unknown``: with ``none``, the words for an edition that the shop's data do not have (小新pro16 2021).
    ``by_year``: with ``ambiguous``, the name that all candidates have, which differ in their years; ``device`` is then
    the one that the shop calls just so, if any.
    """

    kind: Literal["exact", "ambiguous", "none"]
    device: Device | None = None
    candidates: tuple[Device, ...] = ()
    unknown: str = ""
    by_year: str = ""


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
        self._served: dict[str, list[tuple[str, bool]]] = {}
        for (device_key, part), pair in self._pairs.items():
            self._served.setdefault(part, []).append((device_key, pair.fits))
        names: dict[str, tuple[Device, ...]] = {}
        stems: dict[str, tuple[Device, ...]] = {}
        self._dated: dict[str, DatedName] = {}
        for device in self.devices:
            by_key = {key(name): dated(name) for name in (device.model, *device.aliases)}
            self._dated |= by_key
            for name in by_key:
                names[name] = (*names.get(name, ()), device)
            for stem in dict.fromkeys(name.stem for name in by_key.values()):
                stems[stem] = (*stems.get(stem, ()), device)
        self._stems = {stem: found for stem, found in stems.items() if stem and len(found) > 1}
        self._names = names
        self._gazetteer = Gazetteer({**self._stems, **names})

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories that rules speak of."""
        return tuple(self._rules)

    def concerns(self, product: Product) -> bool:
        """Whether a rule is about its category, or a pair about it or one of its variants."""
        parts = {product.id, *(variant.sku for variant in product.variants)}
        return product.category in self._rules or not self._served.keys().isdisjoint(parts)

    def must_fit(self, product: Product) -> bool:
        """Whether it is for certain devices: not where pairs only say what it does not fit."""
        served = any(self.serves(product, variant) for variant in product.variants)
        return product.category in self._rules or served

    def device(self, model: str) -> Device | None:
        """The device of that model, as an answer named it before."""
        return next((device for device in self.devices if device.model == model), None)

    def years(self, device: Device) -> tuple[Years, ...]:
        """The device's years: those given, else those in its names (15款朗逸); () if nothing tells them."""
        return _given_years(device) or tuple(
            years for name in (device.model, *device.aliases) for years in dated(name).years
        )

    def called(self, device: Device) -> str:
        """The model, with its years where the data give them besides: 大众朗逸（2018款至今）."""
        years = "" if dated(device.model).years else say_years(_given_years(device))
        return f"{device.model}（{years}）" if years else device.model

    def of_one_name(self, device: Device) -> tuple[Device, ...]:
        """The devices that share a name with this one but for years and words like 老款, itself among them."""
        stems = {dated(name).stem for name in (device.model, *device.aliases)}
        return tuple(dict.fromkeys((device, *(one for stem in stems for one in self._stems.get(stem, ())))))

    def serves(self, product: Product, variant: Variant) -> frozenset[str]:
        """The models for which pairs say that it fits: it is made for these, not for others."""
        ruled = {device: fits for part in (product.id, variant.sku) for device, fits in self._served.get(part, ())}
        return frozenset(device.model for name, fits in ruled.items() if fits for device in self._names.get(name, ()))

    def find_device(self, text: str, year: YearSaid | None = None) -> DeviceMatch:
        """The model that ``text`` names, of the ``year`` said apart from it or of the one in the text; a slip of the
        pen is asked about, never assumed."""
        found = self.named_in(text, year)
        query = Query.of(text)
        if found.kind != "none" or found.unknown or not any(character.isdigit() for character in query.text):
            return found
        close = process.extract(query.text, self._names.keys(), scorer=fuzz.ratio, score_cutoff=CLOSE, limit=3)
        near = tuple(dict.fromkeys(device for name, _, _ in close for device in self._names[name]))
        return DeviceMatch("ambiguous", candidates=near) if near else DeviceMatch("none")

    def named_in(self, text: str, year: YearSaid | None = None) -> DeviceMatch:
        """`find_device` without slips."""
        query = Query.of(text)
        hits = self._gazetteer.find(query)
        if not hits:
            return DeviceMatch("none")
        year = year or said_year(_without(query, hits))
        found = [self._of_hit(query, hit, year) for hit in hits]
        if unknown := next((one for one in found if one.unknown), None):
            return unknown
        devices = tuple(dict.fromkeys(d for one in found for d in (one.candidates or (one.device,)) if d))
        if len(devices) == 1:
            return DeviceMatch("exact", devices[0])
        return found[0] if len(found) == 1 else DeviceMatch("ambiguous", candidates=devices[:6])

    def of_year(self, device: Device, year: YearSaid) -> DeviceMatch:
        """Of the devices of this one's name that of the ``year``."""
        return self._chosen(self.of_one_name(device), year, device.model, device)

    def _of_hit(self, query: Query, hit: Hit[tuple[Device, ...]], year: YearSaid | None) -> DeviceMatch:
        said, words = query.text[hit.start : hit.end], " ".join(query.words(hit.start, hit.end))
        name, alike = self._dated.get(said), hit.target
        if name is None or name.is_whole:
            alike = tuple(dict.fromkeys(one for device in hit.target for one in self.of_one_name(device)))
        only = hit.target[0] if len(hit.target) == 1 else None
        in_the_name = name is not None and name.years != ()
        if any(self.years(device) for device in alike) and not in_the_name:
            return self._chosen(alike, year, words, only)
        if year and len(alike) > 1:  # 15年的翠鸟, of 翠鸟 and 老款翠鸟 without any years
            return DeviceMatch("ambiguous", candidates=alike[:6])
        if own := _OF_ITS_OWN.match(query.text, hit.end):
            return DeviceMatch("none", unknown=" ".join(query.words(hit.start, own.end())))  # S9pro is no S9
        if other := _other_edition(query, hit):
            edition, unknown = other
            known = self._editions(said, edition)
            return DeviceMatch("exact", known[0]) if len(known) == 1 else DeviceMatch("none", unknown=unknown)
        return DeviceMatch("exact", only) if only else DeviceMatch("ambiguous", candidates=hit.target[:6])

    def _chosen(
        self, alike: Sequence[Device], year: YearSaid | None, name: str, only: Device | None = None
    ) -> DeviceMatch:
        """The one of several devices called ``name`` that was built in the ``year``."""
        if year is None and len(alike) == 1:
            return DeviceMatch("exact", alike[0])
        fitting = [device for device in alike if year is None or covers(self.years(device), year.years)]
        if not fitting:
            return DeviceMatch("none", unknown=f"{year.words if year else ''}{name}")
        if len(fitting) == 1:
            return DeviceMatch("exact", fitting[0])
        fitting.sort(key=lambda device: min(self.years(device), default=(0, 0)))
        differ = len({self.years(device) for device in fitting}) == len(fitting)
        return DeviceMatch("ambiguous", only, tuple(fitting[:6]), by_year=name if differ else "")

    def without_devices(self, text: str) -> str:
        """The text without the models that it names: what is left names the part (iPhone 15 in 充电器 … iPhone 15)."""
        query = Query.of(text)
        hits = self._gazetteer.find(query)
        return _without(query, hits) if hits else text

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


def _given_years(device: Device) -> tuple[Years, ...]:
    """The years in the device's attributes; () if they cannot be read, like none at all."""
    given = next((value for name, value in device.attributes if name.lower() in YEARS), "")
    try:
        return read_years(given) if given else ()
    except BadInput:
        return ()


def _without(query: Query, hits: Sequence[Hit[tuple[Device, ...]]]) -> str:
    parts: list[str] = []
    at = 0
    for hit in hits:
        parts.extend(query.words(at, hit.start))
        at = hit.end
    return " ".join((*parts, *query.words(at, len(query.text))))


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


def fit_alike(compatibility: Compatibility, devices: Sequence[Device], products: Sequence[Product]) -> bool:
    """Whether each variant of ``products`` fits all the devices or none: which of them it is need not be asked."""
    return all(
        len({compatibility.fits(device, product, variant) for device in devices}) == 1
        for product in products
        for variant in product.variants
    )


def not_told_apart(devices: Sequence[Device]) -> list[tuple[str, ...]]:
    """The models of one name (翠鸟 and 老款翠鸟) of which some have no years, for the owner to give them."""
    compatibility = Compatibility(devices)
    groups = {frozenset(one.model for one in compatibility.of_one_name(device)) for device in devices}
    years = {device.model: compatibility.years(device) for device in devices}
    return sorted(tuple(sorted(group)) for group in groups if len(group) > 1 and not all(map(years.get, group)))
