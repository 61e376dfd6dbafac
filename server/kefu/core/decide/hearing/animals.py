"""What a message means of goods for animals: those for the animal that it speaks of, and none of another's."""

from __future__ import annotations

import re
from dataclasses import replace

from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.names.for_whom import ANIMALS, animals_said, for_those_said, is_for
from kefu.core.catalogue.names.labels import which_product
from kefu.core.catalogue.values import Product, Resolution
from kefu.core.text import normalise

_GOODS = re.compile(r"子?(?:专?用|吃|住|穿|玩|睡)?的?(?P<word>[一-鿿]{1,2})")


def for_the_animal(found: Resolution, said: str, catalogue: Catalogue) -> Resolution:
    """``found`` without goods that are for other animals than the one ``said`` (我家金毛用哪个滴剂); nothing where all
    are (鹦鹉的笼子, of cages for dogs)."""
    text = normalise(said).text
    if found.how == "code" or not found.products or not animals_said(text):
        return found
    if unknown := _for_another(text, found.products):
        return Resolution("none", candidates=found.products[:5], how=found.how, unknown=unknown)
    left = for_those_said(text, found.candidates)
    if found.product or (found.kind == "none" and not _is_only_an_animal(found.unknown, left)):
        return found
    if found.kind == "ambiguous" and len(left) == len(found.candidates):
        return found
    if len(left) == 1:
        return replace(catalogue.chosen(left[0], said), how=found.how, category=found.category)
    return replace(found, kind="ambiguous", candidates=left, question=which_product(left), unknown="")


def _is_only_an_animal(unknown: str, products: tuple[Product, ...]) -> bool:
    """Whether words that nothing is called by are how customers call the animal that ``products`` are for, and what all
    of them are called (柯基除毛梳)."""
    said = animals_said(unknown)
    rest = unknown
    for name in said:
        rest = ANIMALS[name].said.sub("", rest)
    known = all(said & is_for(product) and _is_called(product, rest) for product in products)
    return bool(said and products) and known


def _for_another(text: str, products: tuple[Product, ...]) -> str:
    """The animal and the word for goods beside it, where all ``products`` so called are for others; "" if not."""
    said = animals_said(text)
    if not all(is_for(product) and not said & is_for(product) for product in products):
        return ""
    for animal in ANIMALS.values():
        for match in animal.said.finditer(text):
            goods = _GOODS.match(text, match.end())
            if goods and all(_is_called(product, goods["word"][0]) for product in products):
                word = goods["word"] if goods["word"][1:] == "子" else goods["word"][0]
                return text[match.start() : goods.start("word")] + word
    return ""


def _is_called(product: Product, word: str) -> bool:
    return any(word in name for name in (product.name, *product.aliases, product.category))
