"""Which features there are, how rare each is, and how a sentence becomes a sparse row of unit length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from kefu.core.intents.features import features
from kefu.core.intents.rows import Floats, Ints, Rows

BLOCK_WEIGHTS = {"c": 0.5, "w": 0.25, "p": 0.1, "s": 0.15}
"""Share of each block in the similarity of two sentences (characters, words, neighbours, any two words)."""

COUNT_UNSEEN = "cw"
"""Blocks in which unseen features count; nearly all pairs of words are unseen, so there it would only be noise."""

BIAS = 0
"""Column 0 is in every row: no row is empty, and each class has its own base rate."""
BIAS_VALUE = 0.1


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``names[i]`` is the feature of column ``i`` (``names[0]`` is the bias), ``rarity[i]`` its weight."""

    names: tuple[str, ...]
    rarity: Floats
    column: dict[str, int] = field(repr=False)

    @classmethod
    def of(cls, names: Sequence[str], rarity: Floats) -> Vocabulary:
        return cls(tuple(names), rarity, {name: i for i, name in enumerate(names)})

    @classmethod
    def learn(cls, cleaned: Iterable[str], most: int) -> Vocabulary:
        """The ``most`` commonest features of the sentences, with inverse document frequency as rarity."""
        spread: Counter[str] = Counter()
        total = 0
        for sentence in cleaned:
            spread.update(features(sentence).keys())
            total += 1
        kept = sorted(name for name, _ in sorted(spread.items(), key=lambda item: (-item[1], item[0]))[:most])
        rarity = [1.0] + [float(np.log((1 + total) / (1 + spread[name])) + 1) for name in kept]
        return cls.of(["", *kept], np.array(rarity, np.float32))

    def row(self, cleaned: str) -> tuple[Ints, Floats]:
        """Columns and values of one sentence; each block has the length its weight gives it.

        Characters and words that were never seen take their part of the length: a sentence of which only one
        character is known must not look like a sentence of just that character.
        """
        columns, values, blocks = [BIAS], [BIAS_VALUE], [""]
        unseen = dict.fromkeys(COUNT_UNSEEN, 0.0)
        rarest = float(self.rarity.max())
        for name, count in features(cleaned).items():
            at = self.column.get(name)
            if at is not None:
                columns.append(at)
                values.append((1 + np.log(count)) * self.rarity[at] if count > 1 else self.rarity[at])
                blocks.append(name[0])
            elif name[0] in unseen:
                unseen[name[0]] += rarest * rarest
        return np.array(columns, np.int32), _scaled(np.array(values, np.float32), blocks, unseen)

    def rows(self, cleaned: Sequence[str]) -> Rows:
        return Rows.of([self.row(sentence) for sentence in cleaned], len(self.names))


def _scaled(values: Floats, blocks: list[str], unseen: dict[str, float]) -> Floats:
    names = np.array(blocks)
    for block, weight in BLOCK_WEIGHTS.items():
        own = names == block
        length = float(np.sqrt(np.square(values[own]).sum() + unseen.get(block, 0.0)))
        if length:
            values[own] *= np.sqrt(weight) / length
    return values
