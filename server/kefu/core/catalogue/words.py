"""How names and questions are compared: one folded form, boundaries, measures, and words that name no product."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kefu.core.text import normalise


class _Folding(dict[int, str]):
    """``str.translate`` table made as characters are seen: the normal form, a blank for what is no letter or digit."""

    def __missing__(self, code: int) -> str:
        folded = "*" if chr(code) in "×✕✖" else normalise(chr(code)).text
        folded = "".join(c if c.isalnum() or c in ".+*" else " " for c in folded) or " "
        self[code] = folded
        return folded


_FOLDING = _Folding()
_STRAY_DOT = re.compile(r"(?<!\d)\.|\.(?!\d)")
_BY = re.compile(r"(?<=[\d米m]) ?[*x乘] ?(?=[宽长高深]?\d)")
_STRAY_BY = re.compile(r"\*(?![宽长高深]?\d)|(?<![\d米m])\*")
_PLUS = re.compile(r"(?<=[a-z0-9])\+(?![a-z0-9])")


def fold(text: str) -> str:
    """Letters and digits in normal form, blanks between; a dot only inside a number, a closing ``+`` as ``plus``,
    160x230 and 160乘230 as 160*230."""
    folded = text.translate(_FOLDING)
    if "." in folded:
        folded = _STRAY_DOT.sub(" ", folded)
    if "+" in folded:
        folded = _PLUS.sub("plus", folded).replace("+", " ")
    if "*" in folded or "x" in folded or "乘" in folded:
        folded = _STRAY_BY.sub(" ", _BY.sub("*", folded))
    return folded


def key(text: str) -> str:
    """The form under which a name is found: folded, without blanks."""
    return fold(text).replace(" ", "")


Span = tuple[int, int]
"""Where something stands in a text: start, end."""


def is_free(span: Span, taken: Iterable[Span]) -> bool:
    """Whether no span in ``taken`` shares a character with it."""
    return all(span[1] <= start or span[0] >= end for start, end in taken)


@dataclass(frozen=True, slots=True)
class Query:
    """A question without blanks. ``joined[i]`` is 1 where characters i-1 and i stood side by side as it was written."""

    text: str
    folded: str
    joined: bytes

    @classmethod
    @lru_cache(maxsize=256)
    def of(cls, text: str) -> Query:
        """The question read; kept, because one turn reads the same text many times."""
        words = fold(text).split()
        joined = bytearray()
        for word in words:
            joined += b"\0"
            joined += b"\1" * (len(word) - 1)
        return cls("".join(words), " ".join(words), bytes(joined))

    def is_word(self, start: int, end: int) -> bool:
        """Whether ``text[start:end]`` does not tear a Latin word or a number apart (D5 is not in DDR5)."""
        return not self._tears(start) and not self._tears(end)

    def after_a_digit(self, at: int) -> bool:
        """Whether a Latin letter there goes on after a digit (the XL of 3XL)."""
        return at > 0 and self.joined[at] == 1 and self.text[at - 1].isdigit() and _class(self.text[at]) == 2

    def _tears(self, at: int) -> bool:
        if at <= 0 or at >= len(self.text) or not self.joined[at]:
            return False
        return _class(self.text[at - 1]) == _class(self.text[at]) != 0

    def words(self, start: int, end: int) -> list[str]:
        """The pieces of ``text[start:end]`` as the customer separated them."""
        pieces: list[str] = []
        for at in range(start, end):
            if pieces and self.joined[at] and at > start:
                pieces[-1] += self.text[at]
            else:
                pieces.append(self.text[at])
        return pieces


def _class(character: str) -> int:
    if character.isdigit() or character == ".":
        return 1
    return 2 if "a" <= character <= "z" else 0


STANDARD = re.compile(
    r"(?:wi-?fi|usb|l?p?ddr|d(?=[345]$)|pcie|sata|hdmi|dp|win(?:dows)?|m|am|lga|pd|qc|cat|rj|ipx?|mp)[-. ]?\d[\d.]*x?",
    re.IGNORECASE,
)
"""What devices have in common and is no device itself."""

UNITS: dict[str, str] = {
    "gb": "g", "g": "g", "克": "g", "tb": "t", "t": "t", "mb": "mb", "kg": "kg", "公斤": "kg", "千克": "kg", "斤": "斤",
    "英寸": "寸", "寸": "寸", "吋": "寸", "mm": "mm", "毫米": "mm", "cm": "cm", "厘米": "cm", "公分": "cm",
    "m": "m", "米": "m",
    "m2": "平方", "平方毫米": "平方", "平方米": "平方", "平方": "平方", "平米": "平方", "平": "平方",
    "ml": "ml", "毫升": "ml", "l": "l", "升": "l", "w": "w", "瓦": "w", "mah": "mah", "毫安": "mah", "毫安时": "mah",
    "mhz": "mhz", "hz": "hz", "码": "", "号": "", "口": "口",
    "天": "天", "个月": "月", "月": "月", "年": "年", "岁": "岁",
}  # fmt: skip
"""Unit as written → one name for it. 码 and 号 add nothing to a shoe size."""

_UNIT = "|".join(sorted(UNITS, key=lambda unit: (-len(unit), unit))).replace("|平|", "|平(?![板均安日时台整衡价果面])|")
_MEASURE = re.compile(rf"(?<![\d.])(\d+(?:\.\d+)?) ?({_UNIT})(?![a-z])(?!(?<=w)\d\d)")
_SPOKEN = {character: str(number) for number, character in enumerate("一二三四五六七八九十", start=1)} | {"两": "2"}
_DIGITS = "".join(_SPOKEN)
_SPOKEN_MEASURE = re.compile(
    rf"(?<![{_DIGITS}\d第])([{_DIGITS}])(g|gb|t|tb|w|m|米|寸|英寸|瓦|升|斤|厘米|公分|毫米|岁)(?![a-z{_DIGITS}])"
)
"""一T, 两米: one spoken digit before a unit that is seldom anything else."""
_METRES_AND_MORE = re.compile(
    rf"(?<![\d.{_DIGITS}第])([\d一二两]) ?米 ?(\d{{1,2}}|[一二三四五六七八九])(?![\d.{_DIGITS}])"
)
"""1米2, 1米75, 一米二: heights, in centimetres."""


_COUNTED = re.compile(rf"(?<![{_DIGITS}\d第])([{_DIGITS}])([包片粒袋支只枚颗瓶罐盒卷张双块条串]|[个斤](?=[的装]))")


def counts(folded: str) -> Iterator[tuple[str, int, int]]:
    """Numbers of pieces in words as values write them: 3支 of 三支."""
    for match in _COUNTED.finditer(folded):
        yield f"{_SPOKEN[match[1]]}{match[2]}", match.start(), match.end()


_SIDE = r"(?:[宽长高深] ?)?(?:(\d) ?米 ?(\d{1,2})|(\d+(?:\.\d+)?) ?(mm|毫米|cm|厘米|公分|m|米)?)"
_SIDES = re.compile(rf"(?<![\d.]){_SIDE}\*{_SIDE}")
_SIDED = re.compile(r"(?<![\d.*])(\d{1,3}(?:\.\d+)?)(?=[宽厚高长](?![\d一二两三四]))")
"""20厚, 80宽的: a length without its unit."""
_IN_CM = {"mm": 0.1, "毫米": 0.1, "cm": 1.0, "厘米": 1.0, "公分": 1.0, "m": 100.0, "米": 100.0}


_THREAD = re.compile(r"(?<![a-z0-9.])m ?(\d{1,2}(?:\.\d)?)\*(\d{1,3})(?![\d.]) ?(?:mm|毫米)?")


def measures(folded: str) -> Iterator[tuple[str, int, int]]:
    """Every amount with a unit in ``folded``: (canonical form such as ``16g``, ``160*230cm`` or the ``m4*25`` of a
    screw, start, end)."""
    taken: list[Span] = []
    for match in _THREAD.finditer(folded) if "*" in folded else ():
        taken.append(match.span())
        yield f"m{match[1]}*{match[2]}", match.start(), match.end()
    for match in _SIDES.finditer(folded) if "*" in folded else ():
        if is_free(match.span(), taken) and (sides := _in_cm(match)):
            taken.append(match.span())
            yield f"{sides[0]:g}*{sides[1]:g}cm", match.start(), match.end()
    for match in _METRES_AND_MORE.finditer(folded) if "米" in folded else ():
        if is_free(match.span(), taken):
            taken.append(match.span())
            yield f"{_digits(match[1])}{_digits(match[2]):0<2}cm", match.start(), match.end()
    for match in _MEASURE.finditer(folded):
        if is_free(match.span(), taken):
            yield canonical_measure(match[1], match[2]), match.start(), match.end()
    for match in _SPOKEN_MEASURE.finditer(folded):
        if is_free(match.span(), taken):
            yield canonical_measure(_SPOKEN[match[1]], match[2]), match.start(), match.end()
    for match in _SIDED.finditer(folded):
        if is_free(match.span(), taken):
            yield f"{_guessed_cm(float(match[1])):g}cm", match.start(), match.end()


def _in_cm(match: re.Match[str]) -> tuple[float, float] | None:
    """The two sides of 1.8*2.0m, 1500*2000mm, 1米6*2米3, 180*200; None for 16*2, which has no unit that fits both."""
    sides = []
    for metres, more, number, unit in (match.groups()[:4], match.groups()[4:]):
        unit = unit or match[8] or match[4]
        if metres:
            sides.append(float(f"{metres}{more:0<2}"))
        elif unit:
            sides.append(float(number) * _IN_CM[unit])
        else:
            sides.append(float(number))
    if match[1] or match[5] or match[4] or match[8]:
        return sides[0], sides[1]
    low, high = sorted(sides)
    scale = 100.0 if high <= SPOKEN_IN_METRES else 1.0 if low >= 30 and high < 1000 else 0.1 if low >= 500 else 0.0
    return (sides[0] * scale, sides[1] * scale) if scale else None


SPOKEN_IN_METRES = 5
"""A length without a unit up to this is in metres (1.8的床), a greater one in centimetres."""


def _guessed_cm(number: float) -> float:
    return number * 100 if number <= SPOKEN_IN_METRES else number


def in_cm(number: str) -> str:
    """The length that a bare number may be, in canonical form: 150cm of 1.5."""
    return f"{_guessed_cm(float(number)):g}cm"


def _digits(said: str) -> str:
    return _SPOKEN.get(said, said)


def canonical_measure(number: str, unit: str) -> str:
    if UNITS[unit] == "m":  # lengths in one unit: 1.2米 = 120cm
        number, unit = f"{float(number) * 100:.4f}", "cm"
    shown = number.rstrip("0").rstrip(".") if "." in number else number.lstrip("0") or "0"
    return shown + UNITS[unit]


@lru_cache(maxsize=65_536)
def value_key(value: str) -> str:
    """:func:`key` of something short that comes again and again: an attribute's value, a variant's alias."""
    return key(value)


_LETTERED = re.compile("(nb|f|xs|[2-6]?x{0,4}[sml])[码号]?")


@lru_cache(maxsize=65_536)
def canonical_value(value: str) -> str:
    """The form under which attribute values are equal: 16GB = 16 g, 1米5 = 150cm, 墨绿色 = 墨绿, L码 = L."""
    folded = key(value)
    if lettered := _LETTERED.fullmatch(folded):
        return lettered[1]
    if any(c.isdigit() for c in folded) or folded[:1] in _SPOKEN:
        amount = next(measures(folded), None)
        return amount[0] if amount and amount[1:] == (0, len(folded)) else folded
    return _short_colour(folded)


def _short_colour(folded: str) -> str:
    """墨绿 of 墨绿色, and 黑色 of 黑, which is too short to be looked for."""
    if len(folded) == 1 and folded in _OF_ONE:
        return f"{folded}色"
    return folded[:-1] if len(folded) > 2 and folded.endswith("色") else folded


_OF_ONE = frozenset("黑白红蓝绿黄紫粉灰银金橙棕青咖米")


_COLOURS = """
    黑色 白色 红色 蓝色 绿色 黄色 紫色 粉色 灰色 银色 金色 橙色 棕色 青色 咖色 米色 卡其色 玫瑰金 深灰色 浅灰色
    深蓝色 浅蓝色 天蓝色 藏青色 酒红色 香槟金 太空灰 午夜黑 米白色 墨绿色 军绿色 粉红色 透明 彩色
""".split()  # noqa: SIM905 (a list a person can read)
COLOURS = frozenset(_short_colour(colour) for colour in _COLOURS)
"""Common colours in canonical form."""
SIZES = frozenset(
    """大号 中号 小号 特大号 加大号 超大号 特小号 均码 大码 中码 小码 加大码 特大码
    xs s m l xl xxl xxxl 2xl 3xl 4xl""".split()  # noqa: SIM905
)
TIMES = ("天", "月", "年", "岁")
"""Units that a question also uses for waiting or for somebody: never taken for a variant the shop lacks."""

_OF_SIZES = frozenset("特加超最中迷")
_OF_COLOURS = frozenset("深浅亮暗淡粉玫")


def changes(before: str, value: str) -> bool:
    """Whether the character ``before`` a size or colour makes it another one: 特 大号, 浅 蓝色; not 米粉 原味."""
    if value in SIZES:
        return before in _OF_SIZES
    return before in _OF_COLOURS and (value.endswith("色") or f"{value}色" in COLOURS)


ENGLISH_COLOURS = {
    "black": "黑色", "white": "白色", "red": "红色", "blue": "蓝色", "green": "绿色", "yellow": "黄色",
    "purple": "紫色", "pink": "粉色", "gray": "灰色", "grey": "灰色", "silver": "银色", "gold": "金色",
    "brown": "棕色", "orange": "橙色",
}  # fmt: skip

SMALL_TALK = frozenset((Path(__file__).parent / "small_talk.csv").read_text(encoding="utf-8").split()[1:])
"""Words of a question that name no product; whatever else stands before a product word must be known to the shop."""
