"""Model numbers: the word of letters and digits that only one product's name holds (X7, Q104, H7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kefu.core.catalogue.values import Product
from kefu.core.catalogue.words import STANDARD, Query, Span, fold, measures
from kefu.core.makes import MAKES

FEW = 3
"""A number of more products names none of them: it is a standard or a series."""
_NUMBER = re.compile(r"(?<![a-z0-9.])[a-z]{1,8}\d{1,5}[a-z]{0,3}(?![a-z0-9.])")
_OF_A_MAKE = re.compile(rf"(?:{MAKES})$")
"""戴尔G5 is no mouse of that number."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """Where in the text of a `Query` a number stands, and the products (by number) that have it."""

    start: int
    end: int
    products: tuple[int, ...]

    @property
    def span(self) -> Span:
        return self.start, self.end


class ModelNumbers:
    """Number → products. Not changed after it is built."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._products: dict[str, tuple[int, ...]] = {}
        for at, product in enumerate(products):
            for number in _numbers_of(product):
                known = self._products.get(number, ())
                if len(known) <= FEW and at not in known:
                    self._products[number] = (*known, at)

    def find(self, query: Query) -> list[Numbered]:
        """The numbers said, in their order; none that follows the make of a device."""
        found, start = [], 0
        for word in query.folded.split():
            for match in _NUMBER.finditer(word):
                products = self._products.get(match[0], ())
                at = start + match.start()
                if 0 < len(products) <= FEW and not _OF_A_MAKE.search(query.text[:at]):
                    found.append(Numbered(at, start + match.end(), products))
            start += len(word)
        return found


def _numbers_of(product: Product) -> Iterator[str]:
    names = " ".join((product.name, *product.aliases))
    if any(character.isdigit() for character in names):
        folded = fold(names)
        amounts = {folded[start:end] for _, start, end in measures(folded)}
        for number in dict.fromkeys(_NUMBER.findall(folded)):
            if number not in amounts and not STANDARD.fullmatch(number):
                yield number
