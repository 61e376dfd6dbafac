"""Words that stand for a value only among a product's other values: 大号 of S, M and L, 43码 of 43-46, 20斤 of 10kg."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

from kefu.core.catalogue.names.kinship import range_of
from kefu.core.catalogue.names.vocabulary import Said
from kefu.core.catalogue.words import SIZES, TIMES

Values = Mapping[tuple[str, str], str]
"""A product's pairs of attribute and value → the value in canonical form."""

_SIZE_SAID = re.compile(
    r"(?<![多特超加么老个巨最])(?P<end>[大小])(?:的|个的?|罐|瓶|支|盒|包|袋|份|桶|套|只|号的?|码|型|规格|容量)(?![小大])"
    r"|最(?P<most>[大小])(?:的|个|号|码|型|那|$)|(?<![个集])(?P<middle>中)(?:号|码|型|的(?![呀啊吗间])|等大小)"
)
_LETTERS = {"大": "l", "中": "m", "小": "s"}
_AMOUNT = re.compile(r"[^\d]?(\d+(?:\.\d+)?)(?:\*(\d+(?:\.\d+)?))?(ml|l|g|kg|斤|两|mm|cm|寸|t|片|mah|w)")
_CORRECTS = re.compile("不对|不是|算了|还是|错了|[哦噢啊]不")


def says_a_size(said: Said) -> bool:
    """Whether 大的, 中号 or 小个 is said, whatever it means."""
    return _SIZE_SAID.search(said.query.text) is not None


def by_size(values: Values, taken: Collection[str], said: Said) -> tuple[dict[str, set[str]], frozenset[str]]:
    """Attribute → the value that 大号, 中号 or 小的 means: L, M or S; 大型 of 小型, 中型 and 大型; the greatest, middle
    or least of amounts and measures of one unit; and the words that say so. {} if two attributes could be meant."""
    matches = list(_SIZE_SAID.finditer(said.query.text))
    ends = {match["end"] or match["middle"] or match["most"] for match in matches}
    if not matches or (len(ends) > 1 and not _CORRECTS.search(said.query.text, matches[0].end(), matches[-1].start())):
        return {}, frozenset()
    match = matches[-1]
    end = match["end"] or match["middle"] or match["most"]
    by_name: dict[str, dict[str, str]] = {}
    for (name, value), canonical in values.items():
        if name not in taken:
            by_name.setdefault(name, {})[canonical] = value
    several = {name: held for name, held in by_name.items() if len(held) > 1}
    found = {name: {meant} for name, held in several.items() if (meant := _of_size(end, held, match[0]))}
    lettered = {name: meant for name, meant in found.items() if meant == {_LETTERS[end]}}
    if len(lettered) == 1:  # L 9-14kg: the attribute with the letters
        found = lettered
    if len(found) > 1:  # 大果 80-85mm: the attribute that says so in words
        found = {name: meant for name, meant in found.items() if all(value[:1] in "大中小" for value in several[name])}
    if len(found) != 1:
        return {}, frozenset()
    return found, frozenset(hit.target for hit in said.values if hit.target in SIZES and hit.target.startswith(end))


def _of_size(end: str, held: Mapping[str, str], said: str) -> str:
    """The one of the values (canonical form → as written) that is the greatest, middle or least; "" if none is."""
    sized = [value for value in held if value[:1] in "大中小"]
    if len(sized) == len(held):
        return next((value for value in held if value.startswith(end)), "")
    if _LETTERS[end] in held and ("号" in said or "码" in said):
        return _LETTERS[end]
    sizes = {value: size for value, written in held.items() if (size := _size_of(value, written))}
    if len(sizes) < len(held) or len({unit for _, unit in sizes.values()}) != 1:
        return ""
    ordered = sorted(held, key=lambda value: sizes[value][0])
    if end == "中":
        return ordered[1] if len(ordered) == 3 else ""
    return ordered[-1] if end == "大" else ordered[0]


def _size_of(value: str, written: str) -> tuple[float, str] | None:
    """How much a value is, and in which unit; of a range its beginning."""
    if (span := range_of(written)) and span.unit:
        return span.low, span.unit
    amount = _AMOUNT.match(value)
    return (float(amount[1]) * float(amount[2] or 1), amount[3]) if amount else None


_UNIT_OF = re.compile(r"(\d+(?:\.\d+)?)(斤|kg|g|ml|l|mm|cm)")
_IN_UNITS = {
    "斤": (("kg", 0.5), ("g", 500)),
    "kg": (("斤", 2), ("g", 1000)),
    "g": (("kg", 0.001), ("斤", 0.002)),
    "ml": (("l", 0.001),),
    "l": (("ml", 1000),),
    "mm": (("cm", 0.1),),
    "cm": (("mm", 10),),
}


def same_amounts(amount: str) -> tuple[str, ...]:
    """An amount of weight, volume or length in other units, in canonical form: 10kg and 10000g of 20斤."""
    match = _UNIT_OF.fullmatch(amount)
    return tuple(f"{float(match[1]) * by:g}{unit}" for unit, by in _IN_UNITS[match[2]]) if match else ()


_OF_GOODS = re.compile(
    r"[^一-鿿]{0,2}(?:$|的(?:$|\W|有|还|多少|什么|啥|呢|怎|现|价|吗|来|要)|装|[大一两二三四五]?[袋包桶箱罐瓶份]|有|多少|还|呢|[\W\d])"
)
_OF_SOMEBODY = re.compile(r"(?:[狗猫犬兔我他她它崽人宝娃孩]|儿子|女儿|闺女|老公|老婆|身高|体重|净重|家)\D{0,3}$")
"""Before a measure that is the animal's, the child's or the customer's own: 我家狗30斤."""
ASKS_A_SIZE = re.compile(
    "[穿戴](?:多大|几|什么|啥|哪|得[下上]|不[下上])|[拿选买拍要](?:多大|几码|什么码|啥码|哪个?码)|(?:多大|什么|哪个?|啥)(?:尺?码|号)"
    "|够[长大]|合身|[会偏][大小]|能穿"
)
"""Which size is right for who shall wear it."""


def is_somebodys(said: Said, start: int) -> bool:
    """Whether the measure that begins there in ``said.query.folded`` is of who shall wear it: no size that is asked
    for."""
    text = said.query.folded
    return _asks_a_size(text) or _OF_SOMEBODY.search(text[max(0, start - 6) : start]) is not None


@lru_cache(maxsize=64)
def _asks_a_size(text: str) -> bool:
    """Kept: a message with many amounts asks for each of them and of each product."""
    return ASKS_A_SIZE.search(text) is not None


_THREAD_SAID = re.compile(r"(?<![a-z\d.*])(\d{1,2})\*(\d{1,3})(?![\d.*])")
"""4x16 of a screw M4*16mm."""


def in_its_unit(said: Said, held: Collection[str]) -> list[tuple[str, int, int]]:
    """The amounts said, in the unit in which the product has them (20斤 where it has 10kg)."""
    found = []
    for amount, start, end in said.amounts:
        text = said.query.folded
        if (
            amount not in held
            and _OF_GOODS.match(text, end)
            and not _OF_SOMEBODY.search(text[max(0, start - 6) : start])
        ):
            amount = next((same for same in same_amounts(amount) if same in held), amount)
        found.append((amount, start, end))
    threads = ((f"m{match[1]}*{match[2]}", *match.span()) for match in _THREAD_SAID.finditer(said.query.folded))
    return [*found, *(thread for thread in threads if thread[0] in held)]


def in_range(values: Values, taken: Collection[str], said: Said) -> tuple[dict[str, set[str]], frozenset[str]]:
    """Attribute → the range in which a number said lies (43 in 43-46, 8斤 in 2.5-7.5kg, 30kg in 25kg以上), and the
    numbers that lie in one."""
    found: dict[str, set[str]] = {}
    heeded: set[str] = set()
    counted = any(c.isdigit() for c in said.query.folded) or said.amounts
    for (name, value), canonical in values.items() if counted else ():
        span = range_of(value)
        if span is None or name in taken:
            continue
        for number, original in (*_numbers_in(said, span.unit), *_sides_in(said, name)):
            if span.low <= number <= span.high:
                found.setdefault(name, set()).add(canonical)
                heeded.add(original)
    return found, frozenset(heeded)


def _numbers_in(said: Said, unit: str) -> Iterable[tuple[float, str]]:
    """(number in ``unit``, as it was said)."""
    text = said.query.folded
    amounts = [
        amount
        for amount, start, _ in said.amounts
        if unit not in TIMES or not _PASSED.search(text[max(0, start - 4) : start])
    ]
    if not unit:
        bare = (*said.numbers, *(hit.target for hit in said.values), *amounts)
        yield from ((float(number), number) for number in bare if number.isdigit())
        return
    for amount in amounts:
        for one in (amount, *same_amounts(amount)):
            if one.endswith(unit) and one[: -len(unit)].replace(".", "", 1).isdigit():
                yield float(one[: -len(unit)]), amount


_PASSED = re.compile(r"[了过]$|[保期质]\D{0,2}$")
"""Before a time that is nobody's age: 用了3个月, 保质期12个月."""
_SIDE_SAID = re.compile(
    r"(?P<side>[宽厚高长深径重])(?:度|是|有|大概)?(?P<number>\d+(?:\.\d+)?)(?![\d.]|[a-z]| ?[斤厘毫公米])"
    r"|(?<![\d.*])(?P<before>\d+(?:\.\d+)?)(?P<after>[宽厚高长深])"
)


def _sides_in(said: Said, name: str) -> Iterable[tuple[float, str]]:
    """Numbers without a unit beside the word for what the attribute ``name`` measures (门厚38 of 适用门厚), and the
    amount that each was read as."""
    for match in _SIDE_SAID.finditer(said.query.folded):
        if (match["side"] or match["after"]) in name:
            read = (amount for amount, start, _ in said.amounts if match.start() <= start < match.end())
            number = match["number"] or match["before"]
            yield float(number), next(read, number)
