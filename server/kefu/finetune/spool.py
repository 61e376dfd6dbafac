"""Rows on their way to the training files: kept on disk until it is known which repeat and which would leak.

Memory stays the same whatever comes in: one bit for each row, and a 256th of the keys at a time.
"""

from __future__ import annotations

import hashlib
import marshal
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kefu.errors import Conflict
from kefu.finetune import frameworks
from kefu.finetune.sample import Sample
from kefu.finetune.splits import SPLITS

FOREIGN = ("own", "dialogue", "intent")
"""Kinds whose rows people wrote: customers say 你好 in every conversation, so one side of the split does without."""
_KEY = struct.Struct("<12sBBQ")
"""Digest of a key, what it is, split and number of its row."""
_ROW, _GROUP, _QUESTION, _OURS = range(4)
"""``_OURS`` is added to group and question of a row that people did not write."""
_HELD = 1 << 20
"""Bytes of keys that wait in memory."""
_BARE = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Spooled:
    """A row as it will be written: canonical line and LLaMA-Factory's."""

    kind: str
    form: str
    split: str
    group: str
    length: int
    line: bytes
    dataset_line: bytes


class Spool:
    """Takes samples, then gives back those that repeat and leak nothing. Uses files in ``folder`` until `close`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._rows: IO[bytes] = (folder / "rows").open("w+b")
        self._buckets = [bytearray() for _ in range(256)]
        self._held = 0
        self._out = bytearray()
        self.count = self.repeated = self.leaking = 0

    def add(self, sample: Sample, split: str) -> None:
        """The next row. What is replayed in training may be asked in the test, too: it teaches none of its kinds."""
        length = sum(len(str(m.get("content") or "")) for m in sample.messages)
        line, dataset_line = sample.line(), frameworks.dataset_line(sample)
        marshal.dump((sample.kind, sample.form, split, sample.group, length, line, dataset_line), self._rows)
        self._note(_ROW, frameworks.digest(sample), split)
        if sample.kind != "replay":
            ours = 0 if sample.kind in FOREIGN else _OURS
            self._note(_GROUP + ours, sample.group.encode(), split)
            self._note(_QUESTION + ours, f"{sample.kind}\0{sample.form}\0{_asked(sample)}".encode(), split)
        self.count += 1

    def _note(self, what: int, value: bytes, split: str) -> None:
        key = hashlib.blake2b(value, digest_size=12).digest()
        self._buckets[key[0]] += _KEY.pack(key, what, SPLITS.index(split), self.count)
        self._held += _KEY.size
        if self._held > _HELD:
            self._flush()

    def _flush(self) -> None:
        for number, bucket in enumerate(self._buckets):
            if bucket:
                with (self._folder / f"{number:02x}").open("ab") as file:
                    file.write(bucket)
                bucket.clear()
        self._held = 0

    def settle(self) -> Iterator[Spooled]:
        """The rows in the order they came, each once. One that people wrote is left out where its conversation or its
        question is in another split before it. Raises Conflict where that happens to a row of our own making."""
        self._flush()
        self._out = bytearray(self.count // 8 + 1)
        files = sorted(self._folder.glob("[0-9a-f][0-9a-f]"))
        for path in files:
            self._leave_out_repeated(path.read_bytes())
        self.repeated = self._count_out()
        for path in files:
            self._leave_out_leaking(path.read_bytes())
        self.leaking = self._count_out() - self.repeated
        return self._read()

    def _leave_out_repeated(self, keys: bytes) -> None:
        seen: set[bytes] = set()
        for key, what, _, number in _KEY.iter_unpack(keys):
            if what == _ROW:
                if key in seen:
                    self._leave_out(number)
                seen.add(key)

    def _leave_out_leaking(self, keys: bytes) -> None:
        first: dict[tuple[bytes, int], int] = {}
        for key, what, place, number in _KEY.iter_unpack(keys):
            if what == _ROW or self._is_out(number) or first.setdefault((key, what), place) == place:
                continue
            if what > _OURS:
                raise Conflict("Rows of our own making stand on both sides of the split.", "Take another --seed.")
            self._leave_out(number)

    def _leave_out(self, number: int) -> None:
        self._out[number >> 3] |= 1 << (number & 7)

    def _is_out(self, number: int) -> bool:
        return bool(self._out[number >> 3] >> (number & 7) & 1)

    def _count_out(self) -> int:
        return sum(byte.bit_count() for byte in self._out)

    def _read(self) -> Iterator[Spooled]:
        self._rows.seek(0)
        for number in range(self.count):
            row = Spooled(*marshal.load(self._rows))
            if not self._is_out(number):
                yield row

    def close(self) -> None:
        self._rows.close()


def _asked(sample: Sample) -> str:
    """All that the user said, without punctuation and blanks."""
    said = "\0".join(str(m["content"]) for m in sample.messages if m["role"] == "user")
    return _BARE.sub("", said).casefold()
