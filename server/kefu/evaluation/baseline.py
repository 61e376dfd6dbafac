"""What search is measured against: rank-bm25 with the IDF that stays positive, and jieba."""

from __future__ import annotations

import gc
import importlib
import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from kefu.errors import Unavailable


def positive_bm25(documents: Iterable[Sequence[str]]) -> Any:
    """rank-bm25's Okapi over ``documents`` with ``ln(1 + (N - df + 0.5) / (df + 0.5))``; all else is its own.

    Raises Unavailable without the test extras.
    """
    return type("PositiveBm25", (_extra("rank_bm25").BM25Okapi,), {"_calc_idf": _positive_idf})(list(documents))


def _positive_idf(okapi: Any, frequencies: dict[str, int]) -> None:
    size = okapi.corpus_size
    okapi.idf = {word: float(np.log1p((size - n + 0.5) / (n + 0.5))) for word, n in frequencies.items()}


def jieba_cut() -> Callable[[str], list[str]]:
    """jieba's cut, its dictionary loaded. Raises Unavailable without the test extras."""
    jieba = _extra("jieba")
    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()
    return jieba.lcut


def _extra(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Unavailable(
            f"The baseline {name} is not installed.", "Install the test extras: ./kefu test does."
        ) from error


def resident_mib() -> float:
    """Resident memory of this process after a collection; 0 where the system does not tell."""
    gc.collect()
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20
    except OSError:
        return 0.0
