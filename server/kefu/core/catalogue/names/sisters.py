"""Other goods of a kind, by what tells them from those spoken of: 磁吸 of 磁吸壳, 100w of 100W充电器, 蓝牙 of 蓝牙耳机
after an earphone of another kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

from kefu.core.catalogue.names.facets import content_words
from kefu.core.catalogue.names.vocabulary import Said
from kefu.core.catalogue.names.wording import has_words
from kefu.core.catalogue.values import Product
from kefu.core.catalogue.words import Span, key

_CHOOSING = re.compile("算了|普通|正常|一般|刚[才刚]|之前|前面|换成?|改成?|来着|相?差")
"""Words of a choice that name no thing and are no small talk."""
_POINTS = re.compile("的|呢|吧|款|[那这]|有(?!线)|还有|多少|几|$")
_DENIES = re.compile("(?:[不没别非无]|没有|除了)[要带用是有]?$")
LEAST = 2
"""Characters that a word must have to tell goods of a kind apart."""


def pointed_at(said: Said, spoken_of: Sequence[Product], alike: Iterable[Product]) -> tuple[Product, ...]:
    """Those of ``alike`` that the one word of ``said`` besides values and small talk tells from ``spoken_of``; () where
    another word is said, or what was spoken of may be called so too."""
    ends = {key(name) for one in spoken_of for name in (*one.aliases, one.category)}
    found: dict[str, list[Product]] = {}
    for product in alike:
        for word in _telling(product, ends):
            if word in said.query.text:
                found.setdefault(word, []).append(product)
    for word in sorted(found, key=len, reverse=True):
        alone = len(spoken_of) == 1 and has_words(spoken_of[0], [word])
        if not alone and any(_is_all_that_is_said(said, span) for span in _places(said, word)):
            return tuple(dict.fromkeys(found[word]))
    return ()


def told_by(text: str, products: Sequence[Product]) -> tuple[Product, ...]:
    """Those of several ``products`` of a kind of which ``text`` has a word that tells them from the others."""
    folded, ends = key(text), {key(name) for one in products for name in (*one.aliases, one.category)}
    found = tuple(product for product in products if any(word in folded for word in _telling(product, ends)))
    return found if len(found) < len(products) else ()


def _telling(product: Product, ends: Iterable[str]) -> frozenset[str]:
    """What names of the product have before an ending that they share with one of ``ends``, or with its kind."""
    shared = {*ends, key(product.category)}
    names = [key(name) for name in (*product.aliases, product.category)]
    words = {name[:-many] for name in names for end in shared for many in range(1, _in_common(name, end) + 1)}
    return frozenset(word for word in words if len(word) >= LEAST and not word.replace(".", "").isdigit())


def _in_common(name: str, end: str) -> int:
    """How many characters the two end in together."""
    pairs = zip(reversed(name), reversed(end), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _places(said: Said, word: str) -> list[Span]:
    """Where ``word`` stands for a thing."""
    text, places, start = said.query.text, [], said.query.text.find(word)
    while start >= 0:
        end = start + len(word)
        apart = end < len(text) and not said.query.joined[end]
        stands = said.query.is_word(start, end) and not _DENIES.search(text[:start])
        if stands and (apart or _POINTS.match(text, end)):
            places.append((start, end))
        start = text.find(word, end)
    return places


def _is_all_that_is_said(said: Said, span: Span) -> bool:
    choosing = [match.span() for match in _CHOOSING.finditer(said.query.text)]
    return not content_words(said.query, [*said.spans, *choosing, span])
