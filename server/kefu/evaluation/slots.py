"""Extract slots from a file of sentences, and score predictions against marked sentences."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from kefu.core.places import resolve_place
from kefu.core.slots import EMPTY, Lexicon, Schema, Slot, current, extract
from kefu.errors import BadInput

ROUTE_TYPES = ("from_city", "to_city", "from_area", "to_area")
SMP_NAMES = {
    "datetime_date": "date",
    "startDate_date": "date",
    "datetime_time": "time",
    "startDate_time": "time",
    "Src": "from_city",
    "Dest": "to_city",
    **{
        f"{where}_{level}": f"{ours}{level}"
        for where, ours in (("location", ""), ("startLoc", "from_"), ("endLoc", "to_"))
        for level in ("city", "area", "province")
    },
}
"""SMP-ECDT's slot names → ours."""
CITY_TYPES = ("city", "from_city", "to_city")


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that could not be read: ``where`` is FILE:LINE."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Extracted:
    """How many rows were answered and which lines were not."""

    rows: int
    broken: tuple[Broken, ...]


def read_rows(path: Path) -> Iterator[dict[str, object] | Broken]:
    """The rows of a JSON-lines file; a line that is no object with a string ``text`` is a Broken. Blank lines pass."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", "Name a JSON-lines file with --data.") from error
    with file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _row(f"{path}:{number}", line)


def _row(where: str, line: bytes) -> dict[str, object] | Broken:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return Broken(where, f"not JSON in UTF-8 ({error})")
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        return Broken(where, 'no object with a "text"')
    return row


def predict(text: str, *, now: datetime, schema: Schema | None = None, lexicon: Lexicon = EMPTY) -> dict[str, object]:
    """One prediction row: the slots that the text still means, only of the schema's types if one is given."""
    types = None if schema is None else schema.types()
    slots = current(extract(text, now=now, lexicon=lexicon, types=types))
    return {"text": text, "slots": [_plain(slot) for slot in slots]}


def _plain(slot: Slot) -> dict[str, object]:
    return {
        "type": slot.type,
        "value": slot.value,
        "start": slot.start,
        "end": slot.end,
        "normalised": slot.normalised,
    }


def extract_file(
    data: Path,
    out: IO[str],
    *,
    now: datetime,
    schema: Schema | None = None,
    lexicon: Lexicon = EMPTY,
    progress: Callable[[int], None] = lambda done: None,
) -> Extracted:
    """Write one prediction for each readable row of ``data``; ``progress`` hears how many are done after each."""
    broken: list[Broken] = []
    done = 0
    for row in read_rows(data):
        if isinstance(row, Broken):
            broken.append(row)
            continue
        prediction = predict(str(row["text"]), now=now, schema=schema, lexicon=lexicon)
        out.write(json.dumps(prediction, ensure_ascii=False) + "\n")
        done += 1
        progress(done)
    return Extracted(done, tuple(broken))


@dataclass(slots=True)
class Tally:
    """Right, spurious and overlooked slots."""

    right: int = 0
    spurious: int = 0
    overlooked: int = 0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 where there was nothing to find and nothing was found."""
        total = 2 * self.right + self.spurious + self.overlooked
        return 2 * self.right / total if total else 1.0

    def add(self, gold: set[object], found: set[object]) -> None:
        self.right += len(gold & found)
        self.spurious += len(found - gold)
        self.overlooked += len(gold - found)


@dataclass(slots=True)
class SlotScore:
    """F1 by slot type over exact spans, of all cities together, and whole from+to pairs right out of all: as they are
    marked, and by the divisions that they mean (西安 and 西安市 are one)."""

    types: dict[str, Tally] = field(default_factory=dict)
    cities: Tally = field(default_factory=Tally)
    pairs: int = 0
    pairs_right: int = 0
    pairs_meant: int = 0


def score(rows: Iterable[Mapping[str, object]], *, now: datetime, types: Iterable[str]) -> SlotScore:
    """Score ``extract`` on marked rows ``{"text", "slots": [{"type", "norm" or "name", "start", "end"}]}``, once for
    each text. Only slots of ``types`` count. ``cities`` pools city, from_city and to_city by span; a pair is
    right when both places have the right span and direction, and meant when they have the right division."""
    result = SlotScore({name: Tally() for name in types})
    seen: set[str] = set()
    for row in rows:
        text = str(row["text"])
        if text not in seen:
            seen.add(text)
            _score_row(result, text, _gold(row), current(extract(text, now=now)))
    return result


def _gold(row: Mapping[str, object]) -> set[tuple[str, int, int]]:
    slots = row["slots"]
    if not isinstance(slots, list):
        raise BadInput('a marked row has no list "slots"', "Check the evaluation file.")
    return {(_type_of(s), int(s["start"]), int(s["end"])) for s in slots}


def _type_of(slot: Mapping[str, object]) -> str:
    name = str(slot.get("type") or slot.get("norm") or slot.get("name"))
    return SMP_NAMES.get(name, name)


def _score_row(result: SlotScore, text: str, gold: set[tuple[str, int, int]], slots: tuple[Slot, ...]) -> None:
    found = {(s.type, s.start, s.end) for s in slots}
    for name, tally in result.types.items():
        tally.add({g for g in gold if g[0] == name}, {f for f in found if f[0] == name})
    result.cities.add(_city_spans(gold), _city_spans(found))
    pair = {g for g in gold if g[0] in ROUTE_TYPES}
    if {g[0].partition("_")[0] for g in pair} == {"from", "to"}:
        result.pairs += 1
        result.pairs_right += pair <= found
        meant = {(name, _division(text[start:end])) for name, start, end in pair}
        result.pairs_meant += meant <= {(slot.type, slot.normalised) for slot in slots}


def _division(name: str) -> str:
    """The code that our slots of places have; the words themselves where no division is called so."""
    place = resolve_place(name)
    return place.code if place else name


def _city_spans(marks: set[tuple[str, int, int]]) -> set[object]:
    return {(start, end) for name, start, end in marks if name in CITY_TYPES}


def progress_line(stream: IO[str] = sys.stderr, every: int = 2_000) -> Callable[[int], None]:
    """A progress callback that prints a line after each ``every`` rows."""

    def tell(done: int) -> None:
        if done % every == 0:
            print(f"{done} rows", file=stream, flush=True)

    return tell
