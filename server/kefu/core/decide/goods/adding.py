"""Whether a message adds things, takes them, or asks what they cost together."""

from __future__ import annotations

import re

from kefu.core.decide.hearing.reading import Reading

BOTH = r"[两俩][个样款件种支条套双瓶盒把]?(?:一[起块]儿?|[一总]共)(?=多少|[几啥]|什么价|[买拍拿要下算])"


_ADDED_UP = rf"加(?:在)?(?:一[起块]|起来)|[都全]算上|算(?:在)?一[起块]|{BOTH}"


_SUM = (
    rf"[总一]共|合计|总价|一起算|(?:打?完折|折[后完]|减[完后]|优惠[完后])(?:[一总]共)?(?:是|要)?(?=多少|几)|{_ADDED_UP}"
)


_ASKS_SUM = re.compile(_SUM)


ADDS_UP = re.compile(_ADDED_UP)
"""What things cost together that were only asked about one after the other."""


TOGETHER = re.compile(rf"{_SUM}|总计|一起|一块儿?[买拍拿要下算]|[两俩三][个样款件]?都|都要|俩|[各每]")


ONE_MORE = re.compile(r"再[加来要配拿买]|加[个一上]")


ADDS = re.compile(rf"{ONE_MORE.pattern}|配[个一]|还要|也(?:要|带|来|拿|加|买|给)|另外[要来拿买]")


JOINS = re.compile(
    r"^(?:那|要是|如果|再|就)*(?:和|跟|与|同|连|加上|配上?)(?!.{0,2}[我你他她][们]?).{2,}(?:(?:一起|一块儿?|一并|一道)(?:[买拍拿要下算]|多少|几|什么价|$)|[一总]共)"
)
"""What is named is taken together with what was spoken of (和灰的那条一起买)."""


TAKES = re.compile(rf"(?:^|[^不需主只重想])(?:要|来|拿|买|订)(?!不要|求|是)|{ADDS.pattern}")


def asks_the_sum(text: str) -> bool:
    """Whether a message asks what things cost together."""
    return _ASKS_SUM.search(text) is not None


def adds_to_prices(reading: Reading) -> bool:
    """Whether a thing is added while prices are spoken of (一共多少 … 再加一瓶面霜), or what is taken off them."""
    return reading.state.topic in ("price_query", "promotion") and ADDS.search(reading.text.text) is not None


def adds_to_a_sum(text: str) -> bool:
    """Whether a message adds a thing to others, and asks what all cost (底盒也要两个 一起算)."""
    return asks_the_sum(text) and ADDS.search(text) is not None
