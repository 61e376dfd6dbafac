"""Personal data out of what is learnt; the same value is replaced by the same made-up one everywhere."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from kefu.core.privacy import mask_personal
from kefu.finetune.sample import Message

_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_ORDER = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{0,4}\d{9,24}(?![A-Za-z0-9])")
_MAIL = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")


class Scrubber:
    """Replaces phones, e-mails and order numbers by made-up ones, other personal data by its kind.

    The same value becomes the same everywhere, so a target stays a span of its dialogue. ``salt`` keeps the mapping
    from being undone by trying numbers.
    """

    def __init__(self, salt: str) -> None:
        self._salt = salt
        self.replaced = 0

    def text(self, text: str) -> str:
        """Mail and phone first: what is left of digits may be an order. Values already made up stay as they are."""
        for pattern, made in _KINDS:
            text = self._swapped(text, pattern, made)
        held = dict.fromkeys(m[0] for pattern, _ in _KINDS for m in pattern.finditer(text))
        marks = {value: f"\ue000{number}\ue001" for number, value in enumerate(held)}
        for value, mark in marks.items():
            text = text.replace(value, mark)
        masked = mask_personal(text)
        self.replaced += masked != text
        for value, mark in marks.items():
            masked = masked.replace(mark, value)
        return masked

    def messages(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        return tuple(self._message(message) for message in messages)

    def _message(self, message: Message) -> Message:
        row: dict[str, Any] = {**message, "content": self.text(str(message.get("content") or ""))}
        if "tool_calls" in row:
            row["tool_calls"] = json.loads(self.text(json.dumps(row["tool_calls"], ensure_ascii=False)))
        return row

    def _swapped(self, text: str, pattern: re.Pattern[str], made: Callable[[str, str], str]) -> str:
        return pattern.sub(lambda m: self._swap(m[0], made), text)

    def _swap(self, value: str, made: Callable[[str, str], str]) -> str:
        self.replaced += 1
        bare = re.sub(r"[- ]", "", value)
        return made(bare, hashlib.sha256(f"{self._salt}\0{bare}".encode()).hexdigest())


def _digits(digest: str, count: int) -> str:
    return str(int(digest, 16))[-count:].zfill(count)


def _mail(_value: str, digest: str) -> str:
    return f"user{_digits(digest, 4)}@example.com"


def _phone(_value: str, digest: str) -> str:
    return f"199{_digits(digest, 8)}"


def _order(value: str, digest: str) -> str:
    if re.fullmatch(r"199\d{8}", value):
        return value
    letters = value[: len(value) - len(value.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))]
    rest = len(value) - len(letters)
    return letters + "9" + _digits(digest, rest - 1)


_KINDS: tuple[tuple[re.Pattern[str], Callable[[str, str], str]], ...] = (
    (_MAIL, _mail),
    (_PHONE, _phone),
    (_ORDER, _order),
)
