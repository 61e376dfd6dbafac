"""What is meant where another value of the goods spoken of is denied beside it (不是promax 就普通16): the first says
nothing of what is wanted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.names.choose import is_called
from kefu.core.catalogue.values import Variant
from kefu.core.catalogue.words import key
from kefu.core.decide.values import Asked
from kefu.core.dialogue import State
from kefu.core.text import normalise

_NOT = "(?:我?(?:说|要|问|用|买|拍|讲)?的?)(?<!是)不(?:是|要)(?:那个|这个|什么)?"
_WHAT = r"(?P<denied>[^ ,，。吗么嘛?？]{1,10}?)(?:的|那个|那款)?"
_FIRST = re.compile(rf"^(?:哎|唉|哦|那|不对|[ ,，])*{_NOT}{_WHAT}[ ,，。]+(?P<meant>[^吗么嘛?？].*)$")
_LAST = re.compile(rf"^(?P<meant>.*[^ ,，。])[ ,，。]+{_NOT}{_WHAT}(?:[啊哦哈呀!！。]|了)*$")
_LEADS_IN = re.compile("^(?:我?(?:说|要|问|用|买|拍|讲)的)?(?:就|而|只)?(?:是|要)?(?:那个|这个|个)?")


def without_what_is_denied(asked: Asked, state: State, catalogue: Catalogue) -> Asked:
    """``asked`` without a clause that denies a word of what variants of the goods spoken of are called, where another
    value is said; else as it is."""
    text = normalise(asked.query).text
    said = _FIRST.fullmatch(text) or _LAST.fullmatch(text)
    if said is None:
        return asked
    variants, meant = _variants_spoken_of(state, catalogue), _LEADS_IN.sub("", said["meant"])
    if not is_called(["普通"], variants):
        meant = meant.removeprefix("普通").removeprefix("的")
    denied, read = key(said["denied"]), catalogue.read(meant)
    says_a_value = bool(read.values or read.amounts or read.numbers or read.parts)
    if len(denied) < 2 or not (says_a_value and is_called([denied], variants)) or denied in key(meant):
        return asked
    return replace(asked, query=meant)


def _variants_spoken_of(state: State, catalogue: Catalogue) -> Sequence[Variant]:
    things = (*state.products, *((state.product,) if state.product else ()))
    products = dict.fromkeys(product for thing in things if (product := catalogue.thing(thing.id)))
    return [variant for product in products for variant in product.variants]
