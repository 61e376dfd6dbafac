"""Which variants of a product a question leaves, and how to ask which one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kefu.core.catalogue.names.gazetteer import Hit
from kefu.core.catalogue.names.kinship import begins, leading, looser, parts_of
from kefu.core.catalogue.names.occurring import Spans, is_changed, occurs, take
from kefu.core.catalogue.names.relative import by_size, in_its_unit, in_range
from kefu.core.catalogue.names.unknown_values import unknown_value
from kefu.core.catalogue.names.vocabulary import Said, Vocabulary
from kefu.core.catalogue.values import Product, Variant
from kefu.core.catalogue.words import (
    COLOURS,
    SPOKEN_IN_METRES,
    Query,
    canonical_value,
    fold,
    in_cm,
    is_free,
    key,
    value_key,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """``variants`` that fit every word said; ``unknown`` is a size, colour or amount that the product does not have,
    ``unheeded`` a colour that the product's data do not speak of. ``near`` are the variants that fit the
    other words, ``told`` the attributes of which a value was said."""

    variants: tuple[Variant, ...]
    mentioned: bool = False
    unknown: str = ""
    unheeded: str = ""
    near: tuple[Variant, ...] = ()
    told: frozenset[str] = frozenset()


def choose(
    product: Product, said: Said, vocabulary: Vocabulary, spans: Spans = (), words: Sequence[str] = ()
) -> Choice:
    """The variants that a question leaves; ``spans`` of it are the product's own name and choose nothing. ``words`` of
    it name no other thing: they may be a part of what one of the variants is called (特大 of 特大果2斤)."""
    said = _with_the_colour_before(product, said, spans)
    values: dict[tuple[str, str], str] = {}
    for variant in product.variants:
        for pair in variant.attributes:
            if pair not in values:
                values[pair] = canonical_value(pair[1])
    if said.amounts or "*" in said.query.folded:
        held = {*values.values(), *(part for pair in values for part in parts_of(pair[1]))}
        said = replace(said, amounts=tuple(in_its_unit(said, held)))
    wanted, taken = _wanted(values, said, spans)
    wanted |= _finer(values, wanted, said, spans)
    ranges, in_one = in_range(values, wanted, said)
    wanted |= ranges
    wanted |= _numbered(values, wanted, said)
    partly, apart = _partly(values, wanted, said, spans)
    wanted |= partly
    sizes, sized = by_size(values, wanted, said)
    wanted |= sizes
    if apart:
        return Choice((), True, apart, near=_near(product, wanted))
    unknown = unknown_value(product, values, said, vocabulary, spans, in_one | sized)
    if unknown:
        of_colour = canonical_value(unknown) in COLOURS
        others = {name: options for name, options in wanted.items() if ("色" in name) != of_colour}
        return Choice((), bool(wanted), unknown, near=_near(product, others))
    called = {v: alias for v in product.variants if (alias := _called(v, said.query, spans, taken))}
    if not called and not wanted and (counted := _numbers_called(product)):
        numbers = _WITHOUT_A_UNIT.findall(said.query.folded)
        said_of = [number for number in numbers if len(number) in {len(one) for one in counted}]
        called = {v: number for number in said_of for v in counted.get(number, ())}
        if said_of and not called:
            return Choice((), True, said_of[0])
    named = list(called) or ([] if wanted else _by_a_word(product, words))
    unheeded = _unheeded_colour(product, said, spans)
    if not wanted and not named:
        return Choice(product.variants, unheeded=unheeded)
    left = [v for v in product.variants if all(_has(v, name, options) for name, options in wanted.items())]
    if named:
        left = [v for v in left if v in named] or (named if not wanted else [])
    if not left:
        unknown = " ".join((*dict.fromkeys(called.values()), _as_it_is_called(product, wanted)))
        return Choice((), True, unknown, unheeded, _near(product, wanted))
    return Choice(tuple(left), True, "", unheeded, told=frozenset(wanted))


_COLOUR = frozenset("黑白红蓝绿黄紫灰粉橙棕")


def _with_the_colour_before(product: Product, said: Said, spans: Spans) -> Said:
    """The question with the colour that is said right before the product's name (红玫瑰, of roses in 红色 and 粉色)."""
    text = said.query.text
    before = [at - 1 for at, _ in spans if at > 0 and text[at - 1] in _COLOUR and text[at - 1] not in product.name]
    if not before or not any("色" in name for variant in product.variants for name, _ in variant.attributes):
        return said
    taken = [hit.span for hit in said.values]
    colours = (Hit(at, at + 1, f"{text[at]}色") for at in before if is_free((at, at + 1), taken))
    return replace(said, values=(*said.values, *colours))


def _near(product: Product, wanted: dict[str, set[str]]) -> tuple[Variant, ...]:
    """Those with all of what was said, else those with some of it; () where nothing was said that there is."""
    told = [sum(_has(variant, *one) for one in wanted.items()) for variant in product.variants]
    best = len(wanted) if len(wanted) in told else 1
    return tuple(v for v, many in zip(product.variants, told, strict=True) if many >= best) if wanted else ()


def _as_it_is_called(product: Product, wanted: dict[str, set[str]]) -> str:
    """What was wanted together and does not exist together, in the shop's own words and order: 藏青 3XL."""
    called: dict[str, dict[str, None]] = {}
    for name, value in (pair for variant in product.variants for pair in variant.attributes):
        said = called.setdefault(name, {})
        if canonical_value(value) in wanted.get(name, ()):
            said[value] = None
    return " ".join("、".join(values) for values in called.values() if values)


def _unheeded_colour(product: Product, said: Said, spans: Spans) -> str:
    """A colour said of a product whose data hold no colour at all."""
    if any(
        "色" in name or name in ("color", "colour") for variant in product.variants for name, _ in variant.attributes
    ):
        return ""
    text = key("".join((product.name, *product.aliases, *(alias for v in product.variants for alias in v.aliases))))
    return next(
        (
            hit.target
            for hit in said.values
            if hit.target in COLOURS and hit.target not in text and is_free(hit.span, spans)
        ),
        "",
    )


def _has(variant: Variant, name: str, options: set[str]) -> bool:
    return any(pair[0] == name and canonical_value(pair[1]) in options for pair in variant.attributes)


def _is_said(query: Query, alias: str, spans: Spans, taken: Spans) -> bool:
    """Whether the alias is said, and not as a part of a value (全套 of 五座全套)."""
    at = occurs(query, alias, spans)
    return at is not None and not any(start <= at[0] and at[1] <= end and (start, end) != at for start, end in taken)


def _called(variant: Variant, query: Query, spans: Spans, taken: Spans) -> str:
    """The alias by which the question calls the variant, "" if by none."""
    return next((alias for alias in variant.aliases if _is_said(query, value_key(alias), spans, taken)), "")


def is_called(words: Sequence[str], variants: Sequence[Variant]) -> bool:
    """Whether a value or alias of one of the variants holds one of the words (双层脚垫 of mats in 双层丝圈)."""
    names = [key(name) for v in variants for name in (*(value for _, value in v.attributes), *v.aliases)]
    return any(word in name for word in words for name in names)


_WITHOUT_A_UNIT = re.compile(
    r"(?<![\d.a-z*/-])\d{2,5}(?![\d.a-z*/%-])(?! ?[元块个件条双只台套张盒箱包袋根片毛斤])(?![折天点分秒月日年岁倍])"
)
_NUMBER_AND_UNIT = re.compile(r"(\d{2,5})([一-鿿]{1,2})")


def _numbers_called(product: Product) -> dict[str, list[Variant]]:
    """Number → the variants that an alias calls so with one unit for all (300 of 300度), which customers leave out."""
    found: dict[str, list[Variant]] = {}
    units = set()
    for variant in product.variants:
        for match in filter(None, map(_NUMBER_AND_UNIT.fullmatch, variant.aliases)):
            found.setdefault(match[1], []).append(variant)
            units.add(match[2])
    return found if len(units) == 1 and len(found) > 1 else {}


def _by_a_word(product: Product, words: Sequence[str]) -> list[Variant]:
    """The variants with one of the words in a value or an alias, if not all have it."""
    called = [key(" ".join((*(value for _, value in v.attributes), *v.aliases))) for v in product.variants]
    for word in words:
        having = [v for v, text in zip(product.variants, called, strict=True) if len(word) > 1 and word in text]
        if 0 < len(having) < len(product.variants):
            return having
    return []


def _wanted(
    values: dict[tuple[str, str], str], said: Said, spans: Spans
) -> tuple[dict[str, set[str]], list[tuple[int, int]]]:
    """Attribute → the values of it that the question mentions, the longest reading first; and where they stand."""
    amounts = {amount for amount, _, _ in said.amounts}
    wanted: dict[str, set[str]] = {}
    taken = list(spans)
    text = said.query.text
    spoken = {
        hit.target: (hit.start, hit.end)
        for hit in said.values
        if not is_changed(said.query, hit.start, hit.target, spans)
    }
    said_of = [
        item
        for item in values.items()
        if item[1] in amounts or item[1] in text or item[1] in spoken or value_key(item[0][1]) in text
    ]
    if len(said_of) > 1:
        said_of.sort(key=lambda item: (-len(item[0][1]), item[0]))
    for (name, value), canonical in said_of:
        found = canonical in amounts or take(said.query, (canonical, value_key(value)), taken)
        if found or (canonical in spoken and is_free(spoken[canonical], taken)):
            wanted.setdefault(name, set()).add(canonical)
    return wanted, taken[len(spans) :]


def _finer(
    values: dict[tuple[str, str], str], wanted: dict[str, set[str]], said: Said, spans: Spans
) -> dict[str, set[str]]:
    """Attribute → its values that a looser word stands for, where the question has none of them whole."""
    exact = set(values.values())
    words = {
        hit.target
        for hit in said.values
        if hit.target not in exact
        and not is_changed(said.query, hit.start, hit.target, spans)
        and is_free(hit.span, spans)
    }
    for stands_for in (looser, leading) if words else ():
        found: dict[str, set[str]] = {}
        for (name, value), canonical in values.items():
            if name not in wanted and stands_for(name, value) in words:
                found.setdefault(name, set()).add(canonical)
        if found:
            return found
    return {}


def _numbered(values: dict[tuple[str, str], str], wanted: dict[str, set[str]], said: Said) -> dict[str, set[str]]:
    """Attribute → its one value of the amount that is said without its unit (30的多少钱 of 30ml and 50ml)."""
    found: dict[str, set[str]] = {}
    for number in (*said.numbers, *_SIDES.findall(said.query.folded)):
        fitting: dict[str, set[str]] = {}
        for pair, value in values.items():
            if value != number and any(
                _is_number_of(number, one) for one in (value, begins(pair[1]), fold(pair[1]), *parts_of(pair[1]))
            ):
                fitting.setdefault(pair[0], set()).add(value)
        if len(fitting) == 1:
            ((name, held),) = fitting.items()
            held = {value for value in held if _is_number_of(number, value)} or held  # 16 of iphone16 and iphone16pro
            if name not in wanted and (len(held) == 1 or ("*" not in number and float(number) <= SPOKEN_IN_METRES)):
                found.setdefault(name, set()).update(held)
    return found


_SIDES = re.compile(r"(?<![\d.*])\d+(?:\.\d+)?\*\d+(?:\.\d+)?(?![\d.*a-z])")
"""60乘40 of a label in 60*40mm."""


def _is_number_of(number: str, value: str) -> bool:
    """30 of 30ml, 15 of iphone15, 1.5 of 150cm, 60*40 of 60*40mm, 100 of 100*100mm; a value's number whole."""
    if "*" in value or "*" in number:
        told = number if "*" in number else f"{number}*{number}"
        return value.startswith(told) and value[len(told) :].isalpha()
    if value.endswith("cm") and value == in_cm(number):
        return True
    if value[:1].isdigit():
        return value.startswith(number) and value[len(number) :].isalpha()
    return value.endswith(number) and value[: -len(number)].isalpha()


def _partly(
    values: dict[tuple[str, str], str], wanted: dict[str, set[str]], said: Said, spans: Spans
) -> tuple[dict[str, set[str]], str]:
    """Attribute → its longer values of which most is said (大果5斤 of 大果5斤装（果径80-85mm）); and a word and an
    amount said of which no value of one attribute has both (大果 9斤), else ``""``."""
    amounts = {amount for amount, _, _ in said.amounts}
    spoken = {hit.target for hit in said.values if is_free(hit.span, spans)}
    parts = {part for name, value in values if name not in wanted for part in parts_of(value)}
    at = {part: span for part in parts if not part.isdigit() and (span := occurs(said.query, part, spans))}
    whole = {part for part in at if not any(_lies_in(at[part], span) for span in at.values())}  # 特大果 is no 大果
    said_of = (parts & (amounts | spoken) - (at.keys() - whole)) | whole
    told: dict[str, dict[str, frozenset[str]]] = {}
    for (name, value), canonical in values.items():
        if name not in wanted and (some := parts_of(value) & said_of):
            told.setdefault(name, {})[canonical] = some
    found: dict[str, set[str]] = {}
    for name, held in told.items():
        best = max(map(len, held.values()))
        found[name] = {canonical for canonical, parts in held.items() if len(parts) == best}
        if best == 1 and (apart := _apart(set().union(*held.values()))):
            return found, apart
    return found, ""


def _lies_in(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return span != other and other[0] <= span[0] and span[1] <= other[1]


def _apart(parts: set[str]) -> str:
    """One word and one amount, in that order; ``""`` where several of either are said."""
    words = [part for part in parts if not part[0].isdigit()]
    amounts = [part for part in parts if part[0].isdigit()]
    return f"{words[0]} {amounts[0]}" if len(words) == len(amounts) == 1 else ""


ASKS_WHICH = re.compile("[哪啥]|什么|[几多]少?[种个色款]|都|还有(?:别|其)")
"""Asks what there is (大号有哪些颜色), and does not change one thing of what was chosen (那大号的呢)."""


OTHERS = re.compile("有(?:没有?)?(?:别的?|其[他它]|另外)的?(?:颜?色|尺[码寸]|大小|规格|口?味|型号|款)")
"""Asks for other values than the one chosen (有其它颜色没)."""


def likest(variants: Sequence[Variant], chosen: Variant) -> tuple[Variant, ...]:
    """Of several variants those that share most with the one spoken of (1.8米 after 1.5米 20cm: 1.8米 20cm)."""
    shared = [len({*variant.attributes} & {*chosen.attributes}) for variant in variants]
    return tuple(v for v, many in zip(variants, shared, strict=True) if many == max(shared))
