"""Words that point at goods or variants: 鹅绒的, 刻字的那种, 气垫那个, 年货礼盒口红款."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from kefu.core.catalogue.names.choose import is_called
from kefu.core.catalogue.names.gazetteer import Hit
from kefu.core.catalogue.names.vocabulary import Said
from kefu.core.catalogue.values import Product, Variant
from kefu.core.catalogue.words import Query
from kefu.core.text import tokenise

_POINTS = re.compile("的(?!时候|话)|[那这][个条台种]|[那这]?款")
"""Follows a word that stands for a thing (鹅绒的, 鹅绒那款)."""
_BETWEEN = ("", "的", "里的", "那个", "要", "是")
"""Between a product and what one of its variants is called."""
_STANDS = re.compile("(?:的|[那这]?[个款种])+(?=$|[吧呢吗啊有还要来就多怎价几也,， ])")
"""Behind what a variant is called: it stands for it (口红的吧, 气垫那个多少钱)."""
_CHANGED_TO = re.compile("(?:还是|换成?|改成|改要)$")


def points_at(word: str, query: Query) -> bool:
    """Whether something is pointed at by the word (鹅绒的冬天那款)."""
    return any(query.text[: match.start()].endswith(word) for match in _POINTS.finditer(query.text))


def pointing_words(said: Said) -> list[str]:
    """The words outside values by which something is pointed at, small talk included (刻字的那种)."""
    text = said.query.text
    if not _POINTS.search(text):
        return []
    for start, end in said.spans:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    words = dict.fromkeys(tokenise(text))
    return [word for word in words if len(word) > 1 and not word.isascii() and points_at(word, said.query)]


_MATERIAL = "金银铜铁钢铝钛锡木竹藤棉麻丝绒皮瓷陶石玉"
_MADE_OF = re.compile(rf"(?:^|[那要是买拿换,， ])([{_MATERIAL}])(?=的)")


def by_material(products: Sequence[Product]) -> dict[str, list[int]]:
    """The materials that stand in what products are called, with the places of those products."""
    found: dict[str, list[int]] = {}
    for at, product in enumerate(products):
        names = "".join((*product.aliases, "" if product.is_titled else product.name))
        for material in {*names}.intersection(_MATERIAL):
            found.setdefault(material, []).append(at)
    return found


def material_pointing(query: Query) -> str:
    """The material of one character by which a thing is meant (钛的那个多少钱); "" if none."""
    found = _MADE_OF.search(query.text)
    return found[1] if found else ""


def stand_for_variants(query: Query, names: Sequence[Hit[object]], variants: Sequence[Variant]) -> bool:
    """Whether each of the ``names`` in ``query`` is what one of the variants is called, and points at it."""
    pointing: dict[str, bool] = {}
    for hit in names:
        stands = _STANDS.match(query.text, hit.end) or _CHANGED_TO.search(query.text[: hit.start])
        word = query.text[hit.start : hit.end]
        pointing[word] = pointing.get(word, False) or stands is not None
    return bool(pointing) and all(stands and is_called([word], variants) for word, stands in pointing.items())


def but_variants[T, N](
    query: Query, hits: list[Hit[T]], named: Sequence[Hit[N]], variants_of: Callable[[N], Sequence[Variant]]
) -> list[Hit[T]]:
    """Those of ``hits`` that are not what a variant is called of the product ``named`` right before them (the 口红 of
    年货礼盒口红款)."""
    left = []
    for hit in hits:
        word = query.text[hit.start : hit.end]
        before = (one for one in named if one.end <= hit.start and query.text[one.end : hit.start] in _BETWEEN)
        if not any(is_called([word], variants_of(one.target)) for one in before):
            left.append(hit)
    return left
