"""What customers leave out once it was spoken of: 新疆也包吗 asks whether postage is paid, after 满多少包邮; 我要哪根
of the kind that was written of for their phone."""

from __future__ import annotations

import re
from dataclasses import replace

from kefu.core.catalogue.fit.compatibility import Compatibility
from kefu.core.decide.values import Asked
from kefu.core.dialogue import State
from kefu.core.places import resolve_place
from kefu.core.text import normalise

_OF_POSTAGE = re.compile("包邮|[邮运]费")
_PAYS = re.compile(r"(?<![面钱书背挎腰提手红打承])包(?=(?:不包|[吗么嘛不没])\W*$)")


_TO_ANOTHER_PLACE = re.compile(r"^(?:那|要是|如果|[ ,])*(?:[寄发送]到?|到)?(?P<place>[一-鿿]{2,8}?)呢?\W*$")


_WHICH = re.compile("哪一?[根条款个种支只双张台件套]")


def with_what_is_left_out(asked: Asked, state: State, compatibility: Compatibility) -> Asked:
    """``asked`` with 包邮 for a 包 that asks on about postage, or for a place alone (包邮不 … 寄乌鲁木齐呢), and with
    the kind of which it asks which one; else as it is."""
    if _WHICH.search(asked.query) and (kind := _kind_written_of(state, compatibility)):
        return replace(asked, query=_WHICH.sub(lambda said: f"{kind}{said[0]}", asked.query, count=1))
    before = state.last_turn
    if not _OF_POSTAGE.search(normalise(f"{before.said} {before.reply}").text):
        return asked
    query = _PAYS.sub("包邮", asked.query)
    elsewhere = _TO_ANOTHER_PLACE.match(normalise(asked.query).text)
    if elsewhere and _OF_POSTAGE.search(before.said) and resolve_place(elsewhere["place"]):
        query = f"{elsewhere['place']}包邮吗"
    return asked if query == asked.query else replace(asked, query=query)


def _kind_written_of(state: State, compatibility: Compatibility) -> str:
    """The one kind of goods that must fit the customer's device of which the last answer told; "" where goods are
    spoken of, or no device is known."""
    if state.product or state.products or not state.attributes.get("device"):
        return ""
    told = [kind for kind in compatibility.categories if kind in state.last_turn.reply]
    return told[0] if len(told) == 1 else ""
