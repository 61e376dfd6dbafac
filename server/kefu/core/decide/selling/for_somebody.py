"""The stage for who tells for whom the goods just told are meant (老人牙口不好): a model chooses among them by it."""

from __future__ import annotations

import re

from kefu.core.decide.goods.listed import shown
from kefu.core.decide.hearing.questions import ASKS
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.from_entries import from_facts
from kefu.core.emotion import Emotion

_OF_SOMEBODY = re.compile(
    r"(?:老人家?|长辈|[孩娃]子?|宝宝|[爸妈爷奶公婆]|他|她|家里人|对象|朋友|(?<!对)我).{0,6}"
    r"(?:喜欢|爱[吃喝看玩穿用]|不能[吃喝用]|怕[酸甜辣苦冷热吵胖]|牙口|胃口|眼神|腿脚|皮肤|平时|手[小大劲])"
)


def for_somebody(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """The facts of the goods told last; None where the message names goods or a value of them, or asks something."""
    text = reading.text.text
    if reading.state.last_turn.route != "stock" or not _OF_SOMEBODY.search(text) or ASKS.search(text):
        return None
    if reading.alone.is_named or any(slot.type in ("attribute", "quantity", "order_no") for slot in reading.slots):
        return None
    return from_facts(reading, ports, shown(reading))
