"""Questions about goods that sound like questions for the stock and that only an entry answers: which size to take, or
by a word that is neither a name nor a value of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kefu.core.catalogue.names.relative import ASKS_A_SIZE
from kefu.core.catalogue.values import Product
from kefu.core.decide.goods.listed import shown
from kefu.core.decide.hearing.questions import ASKS
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.wishes import gives_measures
from kefu.core.knowledge import Hit
from kefu.core.knowledge.terms import telling_words
from kefu.core.text import normalise

_IS_IT_THERE = re.compile(
    r"还有|有没有?|有[吗嘛么不货]|[现到补缺断]货|库存|卖不卖|在卖|[卖剩]|[要来拿买](?:[一两三四五六七八九十\d几])"
)
_OF_THE_DATA = re.compile(
    r"价格|价钱|单价|[总一]共|合计|加一?起|多少钱?|便宜|最贵|几块|几天|多久|什么时候|啥时候|哪天|[送寄发能]到|哪[款个种]|这些|包邮|免邮|[运邮]费"
)
_COUNTED = re.compile(r"[\d.]+ ?[a-z一-鿿]?")
_SIZE = re.compile(
    r"[拍买选拿穿要][大小]?(?:一|半|两)个?(?:码|号)|[拍买选拿](?:什么|啥|哪)[码号]?|[拍买选拿]\d{2,3}(?:\.5)?的?码?(?:就|可以|行|合适|够)"
)
"""Which size is to be taken (要拍大一码不, 拍啥, 拍42就行吗)."""
LEAST = 2
"""Characters of a word that is looked for in what is written."""


def asks_beyond_data(reading: Reading) -> bool:
    """Whether the message asks which size to take, or something besides whether the goods that it names are there."""
    text = reading.text.text
    if _IS_IT_THERE.search(text):
        return False
    return _asks_a_size(text) or (ASKS.search(text) is not None and bool(left_to_ask(reading)))


def _asks_a_size(text: str) -> bool:
    return bool(ASKS_A_SIZE.search(text) or (_SIZE.search(text) and (ASKS.search(text) or gives_measures(text))))


def answers_what_is_left(reading: Reading, hit: Hit, surely: bool) -> bool:
    """Whether an entry that was found, ``surely`` or not, speaks of what the message asks besides the data of the
    goods: of their sizes, if it is their own or was found surely, or of half of the words that are left."""
    entry, words = hit.entry, left_to_ask(reading)
    told = " ".join((entry.title, entry.question, entry.content, *entry.tags))
    if _asks_a_size(reading.text.text):
        return re.search("[码号大小]", told) is not None and bool(surely or entry.products)
    return surely and bool(words) and 2 * sum(word in told for word in words) >= len(words)


def left_to_ask(reading: Reading) -> list[str]:
    """The telling words of the message without the goods and values that it names and what asks for their price or
    delivery (黑色会透吗: 会透)."""
    catalogue = reading.parts.catalogue
    text = catalogue.in_plain_words(reading.asked.query)
    for slot in reading.all_slots:
        text = text.replace(slot.value, " ")
    rest = _COUNTED.sub(" ", _OF_THE_DATA.sub(" ", catalogue.words.besides_goods(text)))
    called = _called((*reading.alone.products, *shown(reading)))
    return [word for word in telling_words(rest) if len(word) >= LEAST and word not in called]


def _called(products: Sequence[Product]) -> str:
    """What the goods and their values are called."""
    names: Iterable[str] = (
        name
        for product in products
        for name in (
            *(product.name, product.category, *product.aliases),
            *(value for variant in product.variants for _, value in variant.attributes),
            *(alias for variant in product.variants for alias in variant.aliases),
        )
    )
    return normalise(" ".join(names), limit=100_000).text
