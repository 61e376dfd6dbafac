"""A size, colour, code or amount that a question says and a product does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from kefu.core.catalogue.names.kinship import leading, looser, parts_of
from kefu.core.catalogue.names.occurring import Spans, is_changed
from kefu.core.catalogue.names.relative import is_somebodys
from kefu.core.catalogue.names.vocabulary import Said, Vocabulary
from kefu.core.catalogue.values import Product
from kefu.core.catalogue.words import (
    COLOURS,
    SIZES,
    TIMES,
    fold,
    is_free,
    key,
    value_key,
)


def unknown_value(
    product: Product,
    pairs: dict[tuple[str, str], str],
    said: Said,
    vocabulary: Vocabulary,
    spans: Spans,
    heeded: frozenset[str],
) -> str:
    """A value said that the product should have a variant for, by its attributes, and has not; else ``""``. What is
    ``heeded`` stands for a value that it has."""
    values = {*pairs.values(), *heeded}
    hits = [
        hit for hit in said.values if hit.target not in values or is_changed(said.query, hit.start, hit.target, spans)
    ]
    amounts = [one for one in said.amounts if one[0] not in values and not is_somebodys(said, one[1])]
    if amounts:
        held = {part for pair in pairs for part in parts_of(pair[1])}
        amounts = [amount for amount in amounts if amount[0] not in held]
        units = {_unit(value) for value in values if value[:1].isdigit()} - {"", *TIMES}
        if units & SIZES_OF_STORES:
            units |= SIZES_OF_STORES
        bare = any(value.isdigit() for value in values)
        amounts = [
            a for a in amounts if _unit(a[0]) in units or (bare and said.query.folded[a[1] : a[2]].endswith("码"))
        ]
    if hits:
        values |= {loose for pair in pairs for loose in (looser(*pair), leading(*pair))} | {
            part for pair in pairs for part in parts_of(pair[1])
        }
        hits = [hit for hit in hits if hit.target not in values or is_changed(said.query, hit.start, hit.target, spans)]
    if not hits and not amounts:
        return _unknown_code(product, pairs, said) or _unknown_size(pairs, said, heeded)
    text = key(product.name + "".join(product.aliases))
    aliases = [value_key(alias) for variant in product.variants for alias in variant.aliases]
    attributes = {name for name, _ in pairs}
    for hit in hits:
        value = hit.target
        if not is_free(hit.span, spans):
            continue
        if is_changed(said.query, hit.start, hit.target, spans) and value in values:
            return said.query.text[hit.start - 1] + value
        if value in text or any(alias in value or value in alias for alias in aliases):
            continue
        alike = COLOURS if value in COLOURS else SIZES if value in SIZES else frozenset()
        if vocabulary.attributes_of(value) & attributes or alike & values:
            return value
    return next((said.query.folded[start:end] for amount, start, end in amounts if amount not in text), "")


_CODE = re.compile(r"(?<![a-z0-9])([a-z]{1,8})\d{1,3}(?![a-z0-9])")


_CODED = re.compile(r"(?<![a-z0-9])([a-z]{1,8})\d")


def _unknown_code(product: Product, pairs: Iterable[tuple[str, str]], said: Said) -> str:
    """A code said of the shape of those in the product's values, and none of them (M3 of M4*25mm); else ``""``."""
    codes = list(_CODE.finditer(said.query.folded))
    if not codes:
        return ""
    held = " ".join(fold(value) for _, value in pairs)
    aliases = (alias for variant in product.variants for alias in variant.aliases)
    called = key(" ".join((product.name, *product.aliases, held, *aliases)))
    shapes = {one[1] for one in _CODED.finditer(held)}
    return next((one[0] for one in codes if one[1] in shapes and one[0] not in called), "")


_SIZE_SAID = re.compile(r"(?<![\da-z.*/+-])\d{2,3}(?:\.5)?(?=码|的|[有没还呢吗多到和跟也都,， ]|$)(?! ?[点折块元])")


_OF_SIZES = re.compile("码|尺|size")


SIZES_APART = 3
"""A number so many steps outside a product's sizes is still one of a size."""


def _unknown_size(pairs: Mapping[tuple[str, str], str], said: Said, heeded: frozenset[str]) -> str:
    """A number among or near the sizes of the product and none of them (37.5 of 37, 38 and 38.5); else ``""``."""
    numbers = [one for one in _SIZE_SAID.finditer(said.query.folded) if not is_somebodys(said, one.start())]
    if not numbers:
        return ""
    held: dict[str, set[float]] = {}
    for (name, value), canonical in pairs.items():
        if _OF_SIZES.search(name):
            loose = looser(name, value) or canonical
            held.setdefault(name, set()).update({float(loose)} if _is_number(loose) else ())
    for sizes in filter(lambda sizes: len(sizes) >= SIZES_APART, held.values()):
        ordered = sorted(sizes)
        room = SIZES_APART * max(high - low for low, high in pairwise(ordered))
        for number in numbers:
            near = ordered[0] - room <= float(number[0]) <= ordered[-1] + room
            if near and float(number[0]) not in sizes and number[0] not in heeded:
                return number[0]
    return ""


def _is_number(value: str) -> bool:
    return value.replace(".", "", 1).isdigit()


SIZES_OF_STORES = frozenset({"g", "t"})
"""931G asked of a disk that comes in terabytes is a size that it has not."""


def _unit(amount: str) -> str:
    return amount.lstrip("0123456789.")
