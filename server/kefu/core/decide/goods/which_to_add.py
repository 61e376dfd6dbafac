"""What things cost together is asked after they were changed so that nobody can follow: which of them is asked back."""

from __future__ import annotations

from kefu.core.catalogue.phrases import opening
from kefu.core.decide.goods.adding import asks_the_sum
from kefu.core.decide.goods.numbers_kept import wanted_before
from kefu.core.decide.hearing.reading import Reading, how_many
from kefu.core.decide.hearing.taken_back import UNSURE
from kefu.core.decide.values import Decision, address_of
from kefu.core.dialogue import Pending

_WHICH = "前面有改动，为免算错，请问最后要哪几样、各要几件？我帮您一起算。"
_MISSING = ("product",)


def asks_which_to_add(reading: Reading) -> Decision | None:
    """The question which things are to be added up; None where the message names goods, or it is known."""
    state = reading.state
    if UNSURE not in state.slots or not asks_the_sum(reading.text.text) or reading.alone.products:
        return None
    wanted = [said for said in wanted_before(state.slots).values() if how_many(said)]
    if len(wanted) < 2:
        return None
    ask = f"{opening(address_of(reading.parts.voice))}{_WHICH}"
    pending = Pending("price_query", _MISSING, ask)
    return Decision(
        "ask", ask, "price_query", ask=ask, missing=_MISSING, pending=pending, reason="what was wanted was changed"
    )
