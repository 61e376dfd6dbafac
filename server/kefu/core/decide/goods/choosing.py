"""Between which goods a message asks to choose, and whether the compatibility data can tell."""

from __future__ import annotations

import re

from kefu.core.catalogue.names.shop_words import words_sought
from kefu.core.catalogue.several.several_things import things_in
from kefu.core.catalogue.values import Product
from kefu.core.decide.goods.listed import shown
from kefu.core.decide.hearing.reading import Reading
from kefu.core.text import normalise

_WHICH = (
    r"区别|差别|差在?哪|好在哪|有(?:什么|啥|何)不[同一]|"
    r"(?:好看|合适|显白|百搭|耐看|大气)还是|"
    r"哪[个款种].{0,4}(?:好|适合|值|快|强|耐用|耐磨|结实|清楚|清晰|省电|轻|大|安静|稳|推荐|[划合]算|实惠)"
)
_ASKS_WHICH = re.compile(_WHICH)
_COMPARES = re.compile(f"{_WHICH}|不同|对比|比较|比(?:起来)?(?:咋样|怎么样|怎样|如何)")


def compared_goods(reading: Reading) -> tuple[Product, ...]:
    """The products between which the message asks to choose: those that it names, by a code too (x7和x9哪个快), else
    those just shown; also one, of whose values it asks (青轴和红轴). () if it compares nothing."""
    if not _COMPARES.search(reading.text.text):
        return ()
    catalogue, ignore = reading.parts.catalogue, reading.no_product_words
    things = things_in(catalogue, reading.asked.query, ignore)
    if len(things) < 2:
        things = things_in(catalogue, _COMPARES.sub(" ", reading.asked.query), ignore, search=True) or things
    named = tuple(dict.fromkeys(product for thing in things for product in thing.meant.products))
    if len(named) > 1:
        return named
    return (named or shown(reading)) if _ASKS_WHICH.search(reading.text.text) else ()  # 我比较急 compares nothing


_ADVICE = re.compile(
    r"推荐(?!码|人|官|来的|购)|[用买选](?:什么|啥|哪)(?!时候).{0,6}(?:好|合适)(?![急多评慢难久])|[用买选]哪[个款种一](?!口|门)|怎么[选挑]|帮.{0,3}[选挑]|[搭配]个?(?:什么|啥)(?!时候)"
)


def advised_goods(reading: Reading) -> tuple[Product, ...]:
    """The products among which the message asks for advice (推荐个办公用的键盘), those whose data hold most of its
    words first; () if it asks for none, or for what must fit a device first."""
    if not _ADVICE.search(reading.text.text):
        return ()
    found = reading.resolution.products if reading.resolution.is_named else shown(reading)
    if any(reading.parts.compatibility.concerns(p) for p in found):
        return ()
    words = words_sought(reading.asked.query)
    pairs = {word[at : at + 2] for word in words for at in range(max(len(word) - 1, 1))}
    return tuple(sorted(found, key=lambda p: -sum(pair in normalise(p.name + p.description).text for pair in pairs)))


def asks_what_fits(reading: Reading) -> bool:
    """Whether the shop's compatibility data can answer: not how goods differ, nor what the data say nothing of."""
    if _COMPARES.search(reading.text.text):
        return False
    compatibility, meant, catalogue = reading.parts.compatibility, reading.resolution, reading.parts.catalogue
    category = meant.category or catalogue.category_in(reading.asked.query)
    products = meant.products or (catalogue.in_category(category) if category else shown(reading))
    if not category and not products:
        return True
    return category in compatibility.categories or any(compatibility.concerns(product) for product in products)
