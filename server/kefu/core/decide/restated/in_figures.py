"""Amounts and letters as the value that they are: 1升5 is 1.5升, 10到20公斤 10-20kg, 十来斤 10斤, 双A AA."""

from __future__ import annotations

import re
from dataclasses import replace

from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.words import UNITS
from kefu.core.decide.values import Asked
from kefu.core.slots.numbers import parse_number, show

_SPOKEN = {character: str(number) for number, character in enumerate("一二三四五六七八九", start=1)} | {"两": "2"}
_UNIT = "公升|公斤|千克|kg|升|斤"
_IN_TWO_PARTS = re.compile(
    rf"(?<![\d.一二两三四五六七八九十百第])(?P<whole>\d{{1,2}}|[一二两三四五六七八九])(?P<unit>{_UNIT})"
    r"(?:(?P<half>半)(?![价天月年小个升斤袋盒包瓶份])|"
    r"(?P<tenths>[1-9一二三四五六七八九])(?![\d.一二两三四五六七八九十百千万a-zA-Z*×%‰折~-]|"
    r"[件个台部条双只支瓶盒箱包袋套本张把份块顶副对枚根桶罐听壶片卷捆组打枝棵盆粒颗口升斤公千克毫两钱米厘寸元毛角人天号月年日岁点分度成级档层代种款样次位起共并直律]))"
)
"""What follows the unit is its tenths only where nothing counts it (2升5个, 3升5升, 两斤三两)."""


_FROM_TO = re.compile(
    r"(?<![\d.])(?P<low>\d+(?:\.\d+)?)[到至~～](?P<high>\d+(?:\.\d+)?) ?(?P<unit>[a-zA-Z]+|[一-鿿]{1,2})"
)


_TENS = re.compile(
    r"(?<![\d.一二两三四五六七八九十百第])(?:(?P<number>[二三四五六七八九]十[一二三四五六七八九]?|十[一二三四五六七八九])"
    r"|(?P<about>[二三四五六七八九]?十|[1-9]0)来)(?P<unit>公斤|千克|kg|斤|[个只枚颗包片支粒袋])(?![半月])"
)
"""十二个, 二十斤; 十来斤: about so much."""
_REPEATED = re.compile(r"(?<![a-zA-Z\d.一二两双三四])(?P<times>[双两二三四2-4])(?P<letter>[a-zA-Z])(?![a-zA-Z\d])")
"""双A, 3A: so many times one letter."""
_TIMES = {"双": 2, "两": 2, "二": 2, "三": 3, "四": 4}


def in_figures(asked: Asked, catalogue: Catalogue) -> Asked:
    """``asked`` with each such amount as one number; a variant that is called so in the shop keeps its name."""
    query = _IN_TWO_PARTS.sub(
        lambda said: said[0] if catalogue.words.calls_a_variant(said[0]) else _number(said), asked.query
    )
    query = _FROM_TO.sub(lambda said: _value_of(said, catalogue), query)
    query = _TENS.sub(lambda said: _if_sold(_amount(said), said, catalogue), query)
    query = _REPEATED.sub(lambda said: _if_sold(_letters(said), said, catalogue), query)
    return asked if query == asked.query else replace(asked, query=query)


def _value_of(said: re.Match[str], catalogue: Catalogue) -> str:
    """The value of the shop's goods that is meant by a number up to another; the words as they are if it has none."""
    unit = said["unit"]
    for length in range(len(unit), 0, -1):
        spelt, rest = unit[:length], unit[length:]
        value = f"{said['low']}-{said['high']}{UNITS.get(spelt.lower(), spelt)}"
        if catalogue.words.has_value(value):
            return value + rest
    return said[0]


def _if_sold(value: str, said: re.Match[str], catalogue: Catalogue) -> str:
    """``value`` where goods of the shop come in it, else what was ``said``."""
    sold = catalogue.words.has_value(value) or catalogue.words.attribute_of_amount(value) is not None
    return value if sold else said[0]


def _amount(said: re.Match[str]) -> str:
    return f"{show(parse_number(said['number'] or said['about']) or 0)}{said['unit']}"


def _letters(said: re.Match[str]) -> str:
    times = _TIMES.get(said["times"]) or int(said["times"])
    return said["letter"].upper() * times


def _number(said: re.Match[str]) -> str:
    tenths = "5" if said["half"] else _SPOKEN.get(said["tenths"], said["tenths"])
    return f"{_SPOKEN.get(said['whole'], said['whole'])}.{tenths}{said['unit']}"
