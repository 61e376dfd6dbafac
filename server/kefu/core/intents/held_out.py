"""How examples look to a model that has not seen them, or not even their intent: what confidence is learnt from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kefu.core.intents.ridge import Solver
from kefu.core.intents.rows import Floats

NEVER = -1.0
"""Score of an intent that the model does not know."""


@dataclass(frozen=True, slots=True)
class Round:
    """An order of the rows in which the last ``asked`` are held out, and the ``strange`` ones before these as well,
    together with all others of their intents (``unheard`` marks these intents)."""

    order: NDArray[np.int64]
    strange: int
    asked: int
    unheard: NDArray[np.bool_]

    @property
    def held(self) -> NDArray[np.int64]:
        """The rows asked."""
        return self.order[len(self.order) - self.asked :]

    @property
    def others(self) -> NDArray[np.int64]:
        return self.order[: len(self.order) - self.asked]


def rounds(
    folds: NDArray[np.int64], truth: NDArray[np.int64], kinds: NDArray[np.int64], count: int
) -> tuple[Round, ...]:
    """In round n fold n is held out, and the intents of kind n are (``kinds`` has a number for each intent)."""
    made = []
    for number in range(count):
        asked = folds == number
        strange = (kinds[truth] == number) & ~asked
        parts = tuple(np.flatnonzero(part) for part in (~asked & ~strange, strange, asked))
        made.append(Round(np.concatenate(parts), len(parts[1]), len(parts[2]), kinds == number))
    return tuple(made)


def scores_of(solver: Solver, plan: Round) -> tuple[Floats, Floats]:
    """Scores of the rows asked and of the strangers; ``solver`` has the rows in the plan's order."""
    asked = len(plan.others)
    strange = solver.ahead(asked - plan.strange, asked)
    strange[:, plan.unheard] = NEVER
    return solver.ahead(asked), strange
