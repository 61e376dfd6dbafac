"""How much an example tells of a message: more than in proportion when nearly all of it is the same.

exp((similarity − full) / 2) weighs combinations of features without naming them; a linear model must learn each alone.
"""

from __future__ import annotations

import numpy as np

from kefu.core.intents.encoder import Encoded
from kefu.core.intents.rows import Floats
from kefu.core.intents.solving import blocks

SHARPNESS = np.float32(0.5)
"""How fast an example tells less as it is less alike. Smoother kernels hear more examples of a sentence that is like
none of them; from 0.25 to 0.7 they are within 0.01 of each other, 1 and more is worse."""


def kernel(similarity: Floats, full: float) -> Floats:
    """Of similarities, which are written over; 1 for the same sentence."""
    similarity -= np.float32(full)
    similarity *= SHARPNESS
    return np.exp(similarity, out=similarity)


def added(similarity: Floats, sense: Floats) -> Floats:
    """``similarity`` of sentences with each other and what their senses add, written over it a few rows at a time."""
    for low, high in blocks(len(sense)):
        similarity[low:high] += sense[low:high] @ sense.T
    return similarity


def crossed(one: Encoded, other: Encoded) -> Floats:
    """Similarities of the sentences of ``one`` (down) with those of ``other`` (across)."""
    columns = other.rows.by_column()
    own = np.stack([columns.times(*one.rows.row(i)) for i in range(len(one))])
    return own + one.sense @ other.sense.T
