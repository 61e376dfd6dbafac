"""SKUs and barcodes: looked up whole, never as a part of a longer number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kefu.core.catalogue.values import Product
from kefu.core.catalogue.words import Query, key

_RUNS = re.compile(r"[a-z0-9.]+")
LONGEST = 6
"""A code is at most so many pieces between blanks and dashes (RAM-JL5-16 has three)."""


def code_key(code: str) -> str:
    """:func:`words.key`, faster for the plain ASCII that codes are."""
    plain = code.replace("-", "").replace("_", "")
    return plain.lower() if plain.isascii() and plain.isalnum() else key(code)


class Codes:
    """Code → (product number, variant number). Not changed after it is built."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._targets: dict[str, int] = {}
        for at, product in enumerate(products):
            for number, variant in enumerate(product.variants):
                target = at << 16 | number
                self._targets.setdefault(code_key(variant.sku), target)
                for barcode in variant.barcodes:
                    self._targets.setdefault(code_key(barcode), target)

    def get(self, code: str) -> tuple[int, int] | None:
        target = self._targets.get(code_key(code))
        return None if target is None else (target >> 16, target & 0xFFFF)

    def find(self, query: Query) -> list[tuple[int, int]]:
        """Variants whose code stands in the question as a word of its own, the longest reading of each place."""
        runs = [(match.start(), match.end()) for match in _RUNS.finditer(query.folded)]
        found: list[tuple[int, int]] = []
        at = 0
        while at < len(runs):
            taken = self._longest(query.folded, runs[at : at + LONGEST])
            if taken is not None:
                found.append((taken[0] >> 16, taken[0] & 0xFFFF))
            at += taken[1] if taken is not None else 1
        return list(dict.fromkeys(found))

    def _longest(self, text: str, runs: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
        """(target, runs used) of the longest code that begins with the first run and skips blanks only."""
        best: tuple[int, int] | None = None
        code = ""
        for used, (start, end) in enumerate(runs, start=1):
            if used > 1 and start - runs[used - 2][1] > 1:
                break
            code += text[start:end]
            target = self._targets.get(code) if len(code) > 3 else None
            if target is not None:
                best = (target, used)
        return best
