"""The user's own training files: JSON Lines or a JSON list; alpaca, sharegpt, query/response, messages or labelled
sentences. Streamed."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kefu.errors import BadInput, NotFound
from kefu.finetune.sample import Message, turn

_PIECE = 1 << 20
_ROLES = {
    **{"human": "user", "user": "user", "customer": "user", "gpt": "assistant", "assistant": "assistant"},
    **{"bot": "assistant", "system": "system", "observation": "tool", "tool": "tool"},
}
_FORMS = "alpaca (instruction, output), sharegpt (conversations), query/response, messages, or text/label"
_BLANK = re.compile(r"[ \t\r\n]*")
_BLANK_OR_COMMA = re.compile(r"[ \t\r\n,]*")
_LONGEST_ROW = 64 * _PIECE


@dataclass(frozen=True, slots=True)
class OwnRow:
    """``where`` is file and line; ``conversation`` and ``day`` are "" where the file says nothing. A labelled sentence
    has its intent in ``label`` and stands after ``messages``, which are then what was said before it."""

    where: str
    messages: tuple[Message, ...]
    conversation: str = ""
    day: str = ""
    text: str = ""
    label: str = ""


def read_own(path: Path) -> Iterator[OwnRow]:
    """The rows of ``path``, one at a time: a file of a gigabyte takes no more memory than one of a kilobyte.

    Raises NotFound, and BadInput with file and line for broken JSON, an unknown form or text in no known encoding.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path}.", "Check the path.")
    encoding = encoding_of(path)
    with path.open(encoding=encoding) as text:
        start = text.read(4096).lstrip()
    rows = _list_rows(path, encoding) if start.startswith("[") else _line_rows(path, encoding)
    for number, row in rows:
        where = f"{path.name} line {number}"
        if not isinstance(row, dict):
            raise BadInput(f"{where} is no object.", f"One row each: {_FORMS}.")
        conversation = str(row.get("conversation_id") or row.get("conversation") or row.get("id") or "")
        day = str(row.get("date") or row.get("day") or "")[:10]
        if "label" in row and "text" in row:
            yield _labelled(row, where, conversation, day)
        else:
            yield OwnRow(where, messages_of(row, where), conversation, day)


def _labelled(row: Mapping[str, Any], where: str, conversation: str, day: str) -> OwnRow:
    text, label = str(row["text"] or "").strip(), str(row["label"] or "").strip()
    if not text or not label:
        raise BadInput(
            f"{where} has an empty text or label.", "Write both; the label “other” is for none of the intents."
        )
    return OwnRow(where, tuple(_history(row)), conversation, day, text, label)


def encoding_of(path: Path) -> str:
    """UTF-8 (with or without BOM) if the whole file is, else GB 18030, which covers GBK. Raises BadInput."""
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as raw:
                while piece := raw.read(_PIECE):
                    decoder.decode(piece)
                decoder.decode(b"", final=True)
            return encoding
        except UnicodeDecodeError:
            continue
    raise BadInput(f"{path.name} is neither UTF-8 nor GBK text.", "Save it as UTF-8 and try again.")


def _line_rows(path: Path, encoding: str) -> Iterator[tuple[int, Any]]:
    with path.open(encoding=encoding) as file:
        lines = iter(lambda: file.readline(_LONGEST_ROW), "")
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            if len(line) == _LONGEST_ROW:
                raise BadInput(f"{path.name} line {number} is longer than a row can be.", "One JSON object a line.")
            try:
                yield number, json.loads(line)
            except (json.JSONDecodeError, RecursionError) as error:
                raise _broken(path, number, error) from error


def _list_rows(path: Path, encoding: str) -> Iterator[tuple[int, Any]]:
    """The items of one big list, read piece by piece."""
    decoder, line = json.JSONDecoder(), 1
    with path.open(encoding=encoding) as text:
        buffer = text.read(_PIECE)
        at = _skip(_BLANK, buffer, 0)
        line += buffer.count("\n", 0, at)
        at += 1  # the bracket
        while True:
            start = _skip(_BLANK_OR_COMMA, buffer, at)
            line += buffer.count("\n", at, start)
            at = start
            if buffer.startswith("]", at):
                return
            try:
                item, end = decoder.raw_decode(buffer, at)
            except (json.JSONDecodeError, RecursionError) as error:
                piece = (
                    "" if isinstance(error, RecursionError) or len(buffer) - at > _LONGEST_ROW else text.read(_PIECE)
                )
                if not piece:
                    place = line + buffer.count("\n", at, getattr(error, "pos", at))
                    raise _broken(path, place, error) from error
                buffer, at = buffer[at:] + piece, 0
                continue
            yield line, item
            line += buffer.count("\n", at, end)
            at = end


def _skip(blank: re.Pattern[str], text: str, at: int) -> int:
    found = blank.match(text, at)
    return found.end() if found else at


def _broken(path: Path, number: int, error: Exception) -> BadInput:
    return BadInput(
        f"{path.name} line {number}: not JSON ({error}).", "Correct that line; nothing was written meanwhile."
    )


def messages_of(row: Mapping[str, Any], where: str) -> tuple[Message, ...]:
    """The row's dialogue as messages. Raises BadInput when it is in none of the known forms."""
    if isinstance(row.get("messages"), list):
        found = [_message(m, "role", "content", where) for m in row["messages"]]
    elif isinstance(row.get("conversations"), list):
        found = [_message(m, "from", "value", where) for m in row["conversations"]]
        found = ([turn("system", str(row["system"]))] if row.get("system") else []) + found
    elif "instruction" in row and "output" in row:
        asked = "\n".join(part for part in (str(row["instruction"]), str(row.get("input") or "")) if part)
        found = _dialogue(row, asked, str(row["output"]))
    elif "query" in row and "response" in row:
        found = _dialogue(row, str(row["query"]), str(row["response"]))
    else:
        raise BadInput(f"{where} is in no known form.", f"Use {_FORMS}.")
    spoken = [m for m in found if m["role"] != "system"]
    if len(spoken) < 2 or spoken[0]["role"] != "user" or spoken[-1]["role"] != "assistant":
        raise BadInput(f"{where} is no dialogue.", "It begins with the user and ends with the assistant.")
    if not str(spoken[-1]["content"]).strip():
        raise BadInput(f"{where} has an empty answer.", "Write it, or leave the row out.")
    return tuple(found)


def _dialogue(row: Mapping[str, Any], asked: str, answer: str) -> list[Message]:
    system = [turn("system", str(row["system"]))] if row.get("system") else []
    return [*system, *_history(row), turn("user", asked), turn("assistant", answer)]


def _history(row: Mapping[str, Any]) -> Iterator[Message]:
    for before in row.get("history") or ():
        said, reply = (*before, "")[:2]
        yield turn("user", str(said))
        yield turn("assistant", str(reply))


def _message(message: Any, role: str, content: str, where: str) -> Message:
    if not isinstance(message, dict) or message.get(role) not in _ROLES:
        raise BadInput(f"{where} has a message without a known {role}.", f"One of {', '.join(_ROLES)}.")
    return turn(_ROLES[message[role]], str(message.get(content) or ""))
