"""Personal data out of what is learnt; the same value is replaced by the same made-up one everywhere."""

from __future__ import annotations

import hashlib
import json
import re
import string
from collections.abc import Callable, Sequence
from typing import Any

from kefu.core.privacy import mask_personal
from kefu.finetune.sample import Message

_WORTH_A_LOOK = re.compile(r"\d{8}|\d{4}[- ]\d{4}|@")
_NUMBERED = re.compile(
    r"(?P<mail>[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4})"
    r"|(?P<phone>(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d))"
    r"|(?P<order>(?<![A-Za-z0-9])[A-Za-z]{0,4}\d{9,24}(?![A-Za-z0-9]))"
)
_MARK = re.compile("\ue000(\\d+)\ue001")


class Scrubber:
    """Replaces phones, e-mails and order numbers by made-up ones, other personal data by its kind.

    The same value becomes the same everywhere, so a target stays a span of its dialogue. ``salt`` keeps the mapping
    from being undone by trying numbers.
    """

    def __init__(self, salt: str) -> None:
        self._salt = salt
        self.replaced = 0

    def text(self, text: str) -> str:
        """Numbers and mails by made-up ones, which stand as marks while the rest is masked by its kind."""
        made: list[str] = []

        def mark(found: re.Match[str]) -> str:
            made.append(self._made(str(found.lastgroup), found[0]))
            return f"\ue000{len(made) - 1}\ue001"

        text = _MARK.sub("", text) if "\ue000" in text else text
        marked = _NUMBERED.sub(mark, text) if _WORTH_A_LOOK.search(text) else text
        masked = mask_personal(marked)
        self.replaced += len(made) + (masked != marked)
        return _MARK.sub(lambda m: made[int(m[1])], masked) if made else masked

    def name(self, value: str) -> str:
        """A short name that stands for ``value`` and does not tell it: of a conversation, or of a group of rows."""
        return hashlib.sha256(f"{self._salt}\0{value}".encode()).hexdigest()[:16]

    def messages(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        return tuple(self._message(message) for message in messages)

    def _message(self, message: Message) -> Message:
        row: dict[str, Any] = {**message, "content": self.text(str(message.get("content") or ""))}
        if "tool_calls" in row:
            row["tool_calls"] = json.loads(self.text(json.dumps(row["tool_calls"], ensure_ascii=False)))
        return row

    def _made(self, kind: str, value: str) -> str:
        bare = value.replace("-", "").replace(" ", "") if kind == "phone" else value
        return _MADE[kind](bare, hashlib.sha256(f"{self._salt}\0{bare}".encode()).hexdigest())


def _digits(digest: str, count: int) -> str:
    return str(int(digest, 16))[-count:].zfill(count)


def _mail(_value: str, digest: str) -> str:
    return f"user{_digits(digest, 4)}@example.com"


def _phone(_value: str, digest: str) -> str:
    return f"199{_digits(digest, 8)}"


def _order(value: str, digest: str) -> str:
    letters = len(value) - len(value.lstrip(string.ascii_letters))
    return f"{value[:letters]}9{_digits(digest, len(value) - letters - 1)}"


_MADE: dict[str, Callable[[str, str], str]] = {"mail": _mail, "phone": _phone, "order": _order}
