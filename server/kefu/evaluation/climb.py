"""Put a set of questions to one means after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from kefu.evaluation.measured import Measured, Row

Progress = Callable[[str, int, int], None]
"""Called with the rung's name, how many questions are answered, and of how many."""


@dataclass(frozen=True, slots=True)
class Rung[T]:
    """``ask`` answers one question; its second argument tells repetitions apart. ``model``: "" = no model."""

    section: str
    name: str
    model: str
    ask: Callable[[T, int], Row]


@dataclass(frozen=True, slots=True)
class Pace:
    """``workers`` questions at once (more than one makes latencies those of a busy server). The first
    ``repeated`` questions are asked ``repeat`` times in all."""

    workers: int = 1
    repeat: int = 1
    repeated: int = 0


def climb[T](rung: Rung[T], questions: Sequence[T], pace: Pace, progress: Progress) -> Measured:
    """All questions to one rung. Raises UpstreamError where a model gives no answer."""
    asked = [(number, turn) for number in range(len(questions)) for turn in _turns(number, pace)]
    rows: dict[tuple[int, int], Row] = {}
    name = f"{rung.section}: {rung.name}"
    with ThreadPoolExecutor(max(1, pace.workers)) as pool:
        try:
            for key, row in zip(asked, pool.map(lambda k: _timed(rung, questions[k[0]], k[1]), asked), strict=True):
                rows[key] = row
                progress(name, len(rows), len(asked))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return Measured(rung.section, rung.name, rung.model, tuple(_first(rows, n, pace) for n in range(len(questions))))


def _turns(number: int, pace: Pace) -> range:
    return range(pace.repeat if number < pace.repeated else 1)


def _first(rows: dict[tuple[int, int], Row], number: int, pace: Pace) -> Row:
    turns = _turns(number, pace)
    again = tuple(rows[number, turn].right for turn in turns) if len(turns) > 1 else ()
    return replace(rows[number, 0], again=again)


def _timed[T](rung: Rung[T], question: T, turn: int) -> Row:
    """A model's time is its answer's, also where that was known already; the others are timed here."""
    started = time.perf_counter()
    row = rung.ask(question, turn)
    return row if row.calls else replace(row, ms=(time.perf_counter() - started) * 1000)
