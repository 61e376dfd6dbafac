"""Numbers as people write them: 12, 十二, 两百五, 1.5万."""

from __future__ import annotations

import re

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3, "几": 3, "壹": 1}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10_000, "亿": 100_000_000}

_CHINESE = "零〇一二两三四五六七八九十百千万"
NUMBER = (
    rf"(?:(?<![\d.])\d{{1,9}}(?:\.\d{{1,4}})?[万千百亿]?(?!\d)|(?<![{_CHINESE}])[{_CHINESE}]{{1,12}}(?![{_CHINESE}]))"
)
"""A whole number as written, in a pattern over normalised text. Bounded: a long run of digits costs no time."""

_DECIMAL = re.compile(r"(\d+(?:\.\d+)?)([百千万亿]?)")
_READ_OUT = re.compile(r"[零〇一二三四五六七八九]{2,}")


def parse_number(text: str) -> float | None:
    """The number that ``text`` writes, or None. 两百五 is 250, 二〇二六 is read digit by digit."""
    if match := _DECIMAL.fullmatch(text):
        return float(match[1]) * (_UNITS | _BIG | {"": 1}).get(match[2], 1)
    if _READ_OUT.fullmatch(text):
        return float("".join(str(_DIGITS[c]) for c in text))
    return _parse_chinese(text)


def _parse_chinese(text: str) -> float | None:
    total = section = 0
    digit: int | None = None
    last_unit = 1
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
            if digit == 0:
                last_unit = 1
        elif character in _UNITS:
            last_unit = _UNITS[character]
            section += (1 if digit is None else digit) * last_unit
            digit = None
        elif character in _BIG:
            last_unit = _BIG[character]
            total += (section + (digit or 0) or 1) * last_unit
            section, digit = 0, None
        else:
            return None
    if not text:
        return None
    if digit is not None and last_unit >= 100:
        digit *= last_unit // 10
    return float(total + section + (digit or 0))


def parse_int(text: str) -> int | None:
    """``parse_number`` where only a whole number makes sense."""
    number = parse_number(text)
    return int(number) if number is not None and number == int(number) else None


def show(number: float) -> str:
    """A number without needless zeros: 250, 1.5."""
    return str(int(number)) if number == int(number) else repr(round(number, 6))
