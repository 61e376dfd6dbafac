"""Many sentences' features in columns: what is counted over all of them is counted by numpy, not one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kefu.core.intents.rows import Rows


@dataclass(frozen=True, slots=True)
class Bags:
    """``rows`` has how often each of the features ``names`` (in order) is in each sentence."""

    names: tuple[str, ...]
    rows: Rows

    @classmethod
    def of(cls, counted: Iterable[Mapping[str, int]]) -> Bags:
        """``counted`` has a sentence's features and how often each is in it."""
        number: dict[str, int] = {}
        features: list[int] = []
        counts: list[int] = []
        starts = [0]
        for bag in counted:
            features += [number.setdefault(name, len(number)) for name in bag]
            counts += bag.values()
            starts.append(len(features))
        names = sorted(number)
        rank = np.empty(len(names), np.int32)
        rank[[number[name] for name in names]] = np.arange(len(names))
        return cls(tuple(names), Rows(np.array(starts), rank[features], np.array(counts, np.float64), len(names)))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def spread(self) -> NDArray[np.int64]:
        """In how many sentences each feature is."""
        return np.bincount(self.rows.columns, minlength=len(self.names))

    def taken(self, chosen: NDArray[np.int64]) -> Bags:
        """The sentences ``chosen``, in that order."""
        return Bags(self.names, self.rows.taken(chosen))
