"""What the customer has and wants goods for (12的钻头有吗 我用手电钻): it is asked whether they fit."""

from __future__ import annotations

import re
from dataclasses import replace

from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.decide.hearing.questions import ASKS
from kefu.core.decide.values import Asked

_MINE = re.compile(
    r"(?P<before>.{2,}[吗么嘛没不?？,， ])\s*我(?:家|这)?(?:里|边)?(?:用的?是?|有一?[个台把]?|的?是)"
    r"(?P<thing>[^,，。?？!！]{2,12}?)[的呢啊哦]?\W*$"
)


def with_what_is_meant(asked: Asked, catalogue: Catalogue) -> Asked:
    """``asked`` with the question that its last words leave out, where they name a thing of another kind than the goods
    asked about; else as it is."""
    said = _MINE.search(asked.query)
    if said is None or not ASKS.search(said["before"]) or ASKS.search(said["thing"]):
        return asked
    mine, wanted = (_kinds(catalogue, said[part]) for part in ("thing", "before"))
    if not mine or not wanted or mine & wanted:
        return asked
    return replace(asked, query=f"{said['before']}{said['thing']}能用吗")


def _kinds(catalogue: Catalogue, text: str) -> frozenset[str]:
    """The kinds of the goods that a text names."""
    found = catalogue.named(text)
    return frozenset(product.category or product.id for product in found.products) if found.is_named else frozenset()
