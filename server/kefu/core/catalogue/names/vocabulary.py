"""The sizes, colours, capacities … of a shop: what a question says of them, and which product has which."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kefu.core.catalogue.names.gazetteer import Gazetteer, Hit
from kefu.core.catalogue.names.kinship import codes_of, leading, looser, parts_of, range_of, said_for, shorter
from kefu.core.catalogue.values import Product
from kefu.core.catalogue.words import (
    COLOURS,
    ENGLISH_COLOURS,
    SIZES,
    Query,
    canonical_value,
    counts,
    fold,
    is_free,
    measures,
    value_key,
)

_BARE = re.compile(
    r"(?<![a-z0-9.*])(?:[a-z]|\d{1,4})(?![a-z0-9.*%个件条双只台套张盒箱包袋根块元毛折天点分秒月日年岁斤倍人次遍层楼栋])"
)
_ALONE = re.compile(
    r"(?<![a-z0-9.*])(?:\d{1,5}(?:\.\d+)?(?=的|呢|$|个[的装])"
    r"|\d\.\d{1,2}(?= |[一-鿿])(?! ?[元块折倍米公英寸斤升毫万千百点折]))"
)
_PIECES = "枚只粒颗片包支袋"
"""What 个 may stand for (30个的 of 30枚)."""
_PLAIN_COLOUR = re.compile(r"[黑白红蓝绿黄紫灰粉橙棕](?=的|那)")
_BEFORE_COLOUR = frozenset("就要那这来买有换个是还吧和或的拿拍选订跟比")
NOTHING = np.zeros(0, dtype=np.uint32)
AMOUNTS = 40
"""Amounts of a message that are read; nobody means more, and each is compared with every value of many goods."""
REMEMBERED = 500
"""Questions of which it is kept what they say of values: a turn reads the same one many times."""


@dataclass(frozen=True, slots=True)
class Said:
    """A question read once: words that are values of the shop (or common sizes and colours), and amounts with units.

    ``amounts`` are (canonical form, start, end) in ``query.folded``; ``numbers`` stand there without a unit (30的);
    ``parts`` are words of longer values (三人位 of 三人位2.1米).
    """

    query: Query
    values: tuple[Hit[str], ...]
    amounts: tuple[tuple[str, int, int], ...]
    numbers: tuple[str, ...]
    parts: tuple[Hit[str], ...] = ()

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where values and parts of values stand in ``query.text``: words that name no product."""
        return [hit.span for hit in (*self.values, *self.parts)]


class Vocabulary:
    """Every attribute value of the shop in canonical form. Not changed after it is built."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._attributes: dict[str, set[str]] = {}
        postings: dict[str, array[int]] = {}
        names: set[str] = {value_key(value) for value in (*COLOURS, *SIZES)}
        named: dict[str, str] = {f"{value}色": value for value in COLOURS if not value.endswith("色")}
        words: dict[str, str] = {}
        canonical: dict[tuple[str, str], str] = {}
        finer: dict[str, set[str]] = {}
        for at, product in enumerate(products):
            for variant in product.variants:
                for pair in variant.attributes:
                    value = canonical.get(pair)
                    if value is None:
                        value = canonical[pair] = canonical_value(pair[1])
                        self._attributes.setdefault(value, set()).add(pair[0])
                        postings.setdefault(value, array("I"))
                        names.add(value)
                        if "色" in pair[0] or value_key(pair[1]).endswith("色"):
                            named[f"{value}色"] = value
                        numbered = codes_of(pair[1])
                        parts = parts_of(pair[1])
                        words |= {part: part for part in parts if "一" <= part[:1] <= "鿿" and not pair[1].isalpha()}
                        if numbered:
                            named |= {value_key(said): canonical_value(said) for said in said_for(pair[1])}
                        within = span.whole_numbers if (span := range_of(pair[1])) else ()
                        for loose in {
                            looser(*pair),
                            leading(*pair),
                            *within,
                            *numbered,
                            *(p for p in parts if len(p) > 1 or numbered),
                        }:
                            if loose:
                                finer.setdefault(loose, set()).add(value)
                                self._attributes.setdefault(loose, set()).add(pair[0])
                    posting = postings[value]
                    if not posting or posting[-1] != at:
                        posting.append(at)
        self._postings = {value: np.frombuffer(found, dtype=np.uint32) for value, found in postings.items()}
        for loose, values in finer.items():
            every = [self._postings[value] for value in values | ({loose} & self._postings.keys())]
            self._postings[loose] = np.unique(np.concatenate(every))
        said = {short: name for name in names if (short := shorter(name))} | ENGLISH_COLOURS | named
        self._names = Gazetteer({n: t for n, t in {**said, **{n: n for n in names}}.items() if not n.isdigit()})
        self._words = Gazetteer(words)
        self._amounts = {
            part: pair[0] for pair in canonical for part in (canonical[pair], *parts_of(pair[1])) if part[:1].isdigit()
        }
        self._bare = frozenset(
            value for value in self._postings if value.isascii() and (value.isdigit() or len(value) == 1)
        )
        self.read = lru_cache(REMEMBERED)(self._read)

    def _read(self, query: Query) -> Said:
        values = self._names.find(query)
        values += [
            Hit(*match.span(), f"{match[0]}色")
            for match in _PLAIN_COLOUR.finditer(query.text)
            if _begins(query, match.start()) and is_free(match.span(), (hit.span for hit in values))
        ]
        if self._bare:
            values += self._bare_values(query, values)
        amounts = [*measures(query.folded), *(count for count in counts(query.folded) if count[0] in self._amounts)]
        numbers = tuple(_ALONE.findall(query.folded))
        return Said(query, tuple(values), tuple(amounts[:AMOUNTS]), numbers, tuple(self._words.find(query)))

    def _bare_values(self, query: Query, found: Sequence[Hit[str]]) -> list[Hit[str]]:
        """Sizes of one letter and numbers without a unit (那M呢, 41的有吗) that this shop sells."""
        return [
            Hit(match.start(), match.end(), match[0])
            for match in _BARE.finditer(query.text)
            if match[0] in self._bare
            and query.is_word(match.start(), match.end())
            and is_free(match.span(), (hit.span for hit in found))
        ]

    def attributes_of(self, value: str) -> set[str]:
        """Names of the attributes that have this canonical value, or a finer one, somewhere in the shop."""
        return self._attributes.get(value, set())

    def attribute_of_amount(self, said: str) -> tuple[str, str] | None:
        """The attribute of whose values 十斤, 30包 is or holds the amount, and the amount in canonical form."""
        folded = fold(said)
        amounts = [
            canonical_value(said.rstrip("的装")),
            *(amount for amount, _, _ in measures(folded)),
            *(count for count, _, _ in counts(folded)),
        ]
        if amounts[0].endswith("个"):
            amounts += [amounts[0][:-1] + unit for unit in _PIECES]
        return next(((name, amount) for amount in amounts if (name := self._amounts.get(amount))), None)

    def products_with(self, value: str) -> np.ndarray:
        """Numbers of the products that have a variant with this canonical value or a finer one, ascending."""
        return self._postings.get(value, NOTHING)


def _begins(query: Query, at: int) -> bool:
    """Whether a word may begin there: 灰的, 要灰的; not 明白的."""
    return at == 0 or not query.joined[at] or query.text[at - 1] in _BEFORE_COLOUR or query.text[at - 1].isascii()


def common(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """What two ascending lists of different numbers share."""
    small, big = (one, other) if len(one) <= len(other) else (other, one)
    if not len(small):
        return small
    at = np.minimum(np.searchsorted(big, small), len(big) - 1)
    return small[big[at] == small]
