"""Goods that are taken back (蒸架不要了 换成锅盖), and whether it is still known what is wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.values import Resolution

UNSURE = "not sure what is wanted"
"""The name under which a conversation remembers that something was changed in a way that nobody can follow."""
_END = r"[^ 　,，。、;；!！?？\n]"
_REFUSED = re.compile(
    rf"{_END}{{1,16}}?(?:就|都|先|也)?(?:不要|不买|不拿|不用|不加)了(?![吗么嘛没不])|(?:去掉|不要){_END}{{1,12}}?了(?![吗么嘛没不])"
)
FEW = 4
"""Characters besides (算了, 那个吧)."""
_INSTEAD = re.compile("换成?个?|改成|改要")
_CHANGES = re.compile(
    r"不要[了吧]|不买|不用了|算了|换成|换个|去掉|不对|搞错|说错|^(?:那就?|嗯|好|,| )*还是(?!.{0,12}[吗呢?？])"
)
_ALL = re.compile("都(?:要|拿|来)(?!求)")


def refused_in(catalogue: Catalogue, query: str) -> tuple[str, ...]:
    """The words of ``query`` by which goods of the shop are taken back; () where it names no goods but those."""
    said = tuple(match[0] for match in _REFUSED.finditer(query) if catalogue.words.naming_goods(match[0]))
    return said if catalogue.words.naming_goods(_without(query, said)) else ()


def is_refused(text: str) -> bool:
    """Whether a message says of something that it is not wanted, and hardly more."""
    found = _REFUSED.search(text)
    return found is not None and len(text) - len(found[0]) <= FEW


def takes_instead(query: str, refused: tuple[str, ...]) -> bool:
    """Whether what ``query`` names besides is taken in the place of what is ``refused``."""
    return bool(refused) and _INSTEAD.search(_without(query, refused)) is not None


def changed(text: str, query: str, refused: tuple[str, ...], told_several: bool) -> dict[str, str]:
    """What the conversation keeps of whether it is known what is wanted; 两个都要 of what was told settles it."""
    if _ALL.search(text):
        return {UNSURE: ""} if told_several else {}
    rest = _without(query, refused)
    rest = _INSTEAD.sub(" ", rest) if refused else rest
    return {UNSURE: "1"} if _CHANGES.search(rest if refused else text) else {}


def forgotten(meant: Resolution, wanted: Mapping[str, str]) -> list[str]:
    """Which of the things ``wanted``, by SKU or product, are those ``meant`` by what was taken back."""
    if meant.variant:
        names = {meant.variant.sku, *(product.id for product in meant.products)}
    else:
        names = {name for one in meant.products for name in (one.id, *(v.sku for v in one.variants))}
    return [name for name in wanted if name in names]


def _without(query: str, said: tuple[str, ...]) -> str:
    for words in said:
        query = query.replace(words, " ")
    return query
