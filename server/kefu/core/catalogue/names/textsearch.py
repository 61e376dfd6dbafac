"""Products by the words of a question when it holds no name and no kind: BM25, then character similarity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from kefu.core.catalogue.names.facets import content_words
from kefu.core.catalogue.values import Product
from kefu.core.catalogue.words import Query, key
from kefu.core.textindex import TextIndex

SURE_SHARE = 0.75
"""Share of the question's information that a product's text must hold to be meant for sure."""

CLOSE = 80.0
"""rapidfuzz partial ratio from which a misspelt name is worth asking about."""


@dataclass(frozen=True, slots=True)
class TextMatch:
    """``sure``: the products hold nearly all words said. Otherwise they are only worth asking about."""

    products: tuple[int, ...] = ()
    sure: bool = False
    unknown: str = ""


_AFTER = re.compile(r"(?:这款|那款|的|款)?(?:有|还|现货|库存|存货|多少|什么价|价格|卖|呢|吗)")
_BEFORE = re.compile(r"(?:有没有|有无|卖|想买|要买|买|想要|来|查|看)(?:一下|下|个|一个|条|件|台|把|块|张)?$")


_FIRST = re.compile("(?<![一-鿿])[一-鿿]$|(?<=[有没无卖买要想来查看个件条台把块张只双的了那这还])[一-鿿]$")
"""One character before a word that may be its first."""
_NO_FIRST = frozenset(
    "有没无卖买要想来查看个件条台把块张只双盒瓶支包的了吗呢啊那这还再请问下一二两三几我你他她它您咱们谁家店里也都就很太真好能会可爱给跟和"
)
_LAST = re.compile(
    r"[件机器线架套盒罩壳板头芯片盖垫带管条杆扣圈轮篮布贴膜座泵阀锁灯](?=的?(?:有[吗没货]|多少|什么价|价格|怎么卖|几块))"
)
"""One character behind a word that may be its last."""
_WISH = re.compile(r"^(?:我?想?要?买|想要|来)(?:一下|下|个|一个|条|件|台|把|块|张)?")
_ACT = re.compile(r"(?:能|可以|可否|可不可以|支持|接受|会|带|自带|送)(?:不能|不会|不带)?$")
_IS_ACT = re.compile(r"[这那它他她你]?(?:能|送)|.*(?:行|可以)$")
"""What a shop or a thing does rather than what is sold (能开专票吗, 送礼物吗, 这能治关节炎吗, 发顺丰行吗): before the
words, at their start or their end."""


_PER = re.compile("(?:多少钱?|怎么卖|什么价|啥价|几块钱?)(?P<unit>[一每][一-鿿]{1,2})[呢啊呀]?$")
"""The unit for which a price is asked is no part of the thing."""


def thing_asked_for(query: Query, words: Sequence[str]) -> str:
    """The words, if the sentence asks for a thing by them (有没有X, X有货吗); ``""`` for 几点下班 and 能刻字吗."""
    if per := _PER.search(query.text):  # 雨伞多少钱一把
        words = [word for word in words if query.text.find(word) < per.start("unit")]
    start = query.text.find(words[0]) if words else -1
    before = _FIRST.search(query.text[:start]) if start > 0 else None
    begun = (
        before[0] if before and query.joined[start] and before[0] not in _NO_FIRST else ""
    )  # 电竞椅 may be read as 电 and 竞椅
    said = _WISH.sub("", begun + "".join(words)).removesuffix("有")
    start -= len(begun)
    end = query.text.rfind(words[-1]) + len(words[-1]) if words else -1
    if "".join(words) not in query.text:
        return ""  # 要是我穿毛衣呢: words from here and there
    if words and (last := _LAST.match(query.text, end)) and query.joined[end]:
        said, end = said + last[0], end + 1  # 转接件 may be read as 转接 and 件
    if start < 0 or end > start + 2 * len(said) + 4 or _ACT.search(query.text[:start]) or _IS_ACT.match(said):
        return ""
    if start == 0 and end == len(query.text):
        return said
    asked = _AFTER.match(query.text, end) or _BEFORE.search(query.text[:start])
    return said if asked else ""


class ProductSearch:
    """One document a product: brand, name, aliases, category; indexed by pairs of characters."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._products = products
        self._index = TextIndex.of_bigrams([_text(product) for product in products])

    def find(self, query: Query, values: Sequence[tuple[int, int]] = ()) -> TextMatch:
        """``sure`` when the products hold nearly all that was said, weighed by how rare the words are.

        ``values`` are spans that tell variants apart (黑色, 175) and no product, unless they are all that was said.
        """
        words = content_words(query, values) or content_words(query, ())
        said = "".join(words)
        if not words or all(word.isdigit() for word in words):
            return TextMatch()  # 差多少到99 names no 99草莓
        hits = self._index.search(_bigrams(said), top_k=20)
        if not hits:
            return TextMatch(unknown=thing_asked_for(query, words))
        weights = {word: self._weight(word) for word in words}
        shares = [(self._share(weights, at), at) for at, _ in hits]
        best = max(share for share, _ in shares)
        if best >= SURE_SHARE * sum(weights.values()):
            return TextMatch(tuple(at for share, at in shares if share >= best - 1e-9), True)
        close = [at for at, _ in hits if self._is_close(said, weights, at)]
        return TextMatch(tuple(close[:3]), False, thing_asked_for(query, words))

    def holding(self, word: str, most: int) -> tuple[int, ...]:
        """The products with that word in their texts; none where they are more than ``most``."""
        found = [at for at, _ in self._index.search(_bigrams(word), top_k=20) if word in self._text(at)]
        return tuple(found) if len(found) <= most else ()

    def _is_close(self, said: str, weights: dict[str, float], at: int) -> bool:
        """Whether this product may be meant: by nearly all letters, or by all words but for one wrong character."""
        text = self._text(at)
        if any(code not in text for code in _CODE.findall(said)):
            return False  # 0w20 is not 2026
        if len(said) > 2 and fuzz.partial_ratio(said, text) >= CLOSE:
            return True
        held = sum(weight for word, weight in weights.items() if word in text or _misspells(word, text))
        return held >= SURE_SHARE * sum(weights.values()) and any(_misspells(word, text) for word in weights)

    def _weight(self, word: str) -> float:
        """How much a word tells: as much as its rarest pair of characters."""
        return max((self._index.idf_of(pair) for pair in _bigrams(word)), default=1.0)

    def _share(self, weights: dict[str, float], at: int) -> float:
        text = self._text(at)
        return sum(weight for word, weight in weights.items() if word in text)

    def _text(self, at: int) -> str:
        return _text(self._products[at])


def _text(product: Product) -> str:
    return key(" ".join((product.brand, product.name, *product.aliases, product.category)))


_CODE = re.compile(r"[a-z]*\d[a-z\d]*")
"""A number, or letters with one: another one is another thing."""


def _misspells(word: str, text: str) -> bool:
    """One wrong character inside a word of three or more (羽戎服 for 羽绒服); its ends are as they should be."""
    inner = range(1, len(word) - 1)
    return word not in text and any(
        re.search(f"{re.escape(word[:at])}.{re.escape(word[at + 1 :])}", text) for at in inner
    )


def _bigrams(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(len(text) - 1)]
