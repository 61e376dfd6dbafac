"""What a decision is made from, and the decision."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np

from kefu.core.catalogue.answers.shelf import StockOf
from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.delivery.promises import DeliveryBook
from kefu.core.catalogue.fit.compatibility import Compatibility
from kefu.core.catalogue.values import Product
from kefu.core.decide.spoken_words import values_of, words_of
from kefu.core.decide.subjects import Subjects
from kefu.core.dialogue import Named, Pending
from kefu.core.emotion import EmotionSettings
from kefu.core.handoff import Desk
from kefu.core.intents import IntentModel
from kefu.core.knowledge import Hit, KnowledgeIndex
from kefu.core.orders import OrderAnswer
from kefu.core.rules import RuleSet
from kefu.core.rules.written import WrittenRules
from kefu.core.slots import Lexicon, Slot
from kefu.core.sounds import Homophones
from kefu.core.voice import Voice

ROUTES = (
    *("rule", "stock", "delivery", "compatibility", "order", "knowledge", "identity", "smalltalk", "ask"),
    *("human", "human_active", "llm"),
)
"""What answered. The names are stored and on the wire."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Shares in 0–1. ``sure``: an intent at or over it decides alone; below ``guess`` it says nothing.

    ``knows``: a knowledge hit at or over it answers, ``covers`` one that was found by words or by the shop's embedding
    model; ``exact``: a script at or over it is said as it stands.
    """

    sure: float = 0.5
    guess: float = 0.3
    knows: float = 0.50
    covers: float = 0.40
    exact: float = 0.85
    asked: int = 2
    """The same question put so often and still open: a person takes over."""


LOOKED_AT = 2_000
"""Products at most whose names are compared with a message about what fits."""


@dataclass(frozen=True)
class ShopParts:
    """One shop, compiled: everything a decision reads that does not change within a turn."""

    rules: RuleSet
    catalogue: Catalogue
    compatibility: Compatibility
    book: DeliveryBook
    knowledge: KnowledgeIndex
    subjects: Subjects
    written: WrittenRules
    intents: IntentModel | None
    lexicon: Lexicon
    voice: Voice
    identity: tuple[tuple[str, str], ...] = ()
    desk: Desk = field(default_factory=Desk)
    emotion: EmotionSettings = field(default_factory=EmotionSettings)
    thresholds: Thresholds = Thresholds()
    roles: Mapping[str, str] = field(default_factory=dict)
    """The shop's own intents → what Kefu does for them; an intent with one of our ids needs none."""
    stock_max_age: timedelta = timedelta(hours=48)

    @cached_property
    def words_by_sound(self) -> Homophones:
        """What customers of this shop speak of, for messages that were mistyped."""
        return Homophones(words_of(self.catalogue.products[:LOOKED_AT]))

    @cached_property
    def values_by_sound(self) -> Homophones:
        """What the shop's goods come in."""
        return Homophones(values_of(self.catalogue.products[:LOOKED_AT]))

    @cached_property
    def goods_to_fit(self) -> tuple[tuple[Product, frozenset[str]], ...]:
        """The goods that the compatibility data speak of, each with how its names end."""
        listed = filter(self.compatibility.concerns, self.catalogue.products[:LOOKED_AT])
        return tuple((product, product.ends) for product in listed)


@dataclass(frozen=True, slots=True)
class Asked:
    """The message as it came in, who sent it, and when. The named extras come from an extractor node or a person."""

    query: str
    conversation_id: str
    now: datetime
    user_id: str = ""
    channel: str = ""
    product: str = ""
    variant: str = ""
    place: str = ""
    when: str = ""
    quantity: str = ""
    order_no: str = ""
    phone_last4: str = ""


@dataclass(frozen=True, slots=True)
class Ports:
    """Live data at this moment, asked for only when needed. ``handoff_state`` is the open hand-off's, "" if none.

    ``orders``: by a number, or the customer's own with one of the SKUs, if any are named.
    ``meaning``: a question's vector of the shop's embedding model, None where there is none.
    """

    stock: StockOf
    orders: Callable[[Asked, str, Collection[str]], OrderAnswer]
    handoff_state: str = ""
    meaning: Callable[[str], np.ndarray | None] = lambda _text: None


@dataclass(frozen=True, slots=True)
class Decision:
    """What one turn comes to. ``reply`` is said unless ``needs_llm``: then a model writes from ``context``.

    ``intent`` is what Kefu acts on, ``shop_intent`` the id by which the shop knows it, ``perhaps`` what else it may
    have been: role → chance, empty when that is certain.
    """

    route: str
    reply: str = ""
    intent: str = ""
    confidence: float = 0.0
    needs_llm: bool = False
    context: str = ""
    slots: tuple[Slot, ...] = ()
    missing: tuple[str, ...] = ()
    ask: str = ""
    rule_id: str = ""
    reason: str = ""
    found: bool = False
    available: bool = False
    cost: int = 0
    """What the goods told come to together, in fen; 0 where that is not told."""
    quantity: int = 0
    as_of: str = ""
    delivery: str = ""
    handoff_reason: str = ""
    emotion: str = "calm"
    sources: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    status: str = ""
    product: Named | None = None
    products: tuple[Named, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    remembered: Mapping[str, str] = field(default_factory=dict)
    """What the conversation keeps beside this: the digits that proved whose order it is."""
    place: str = ""
    order_no: str = ""
    urge: bool = False
    pending: Pending | None = None
    topic: str = ""
    failed: bool = False
    shop_intent: str = ""
    perhaps: Mapping[str, float] = field(default_factory=dict)

    @property
    def handed_off(self) -> bool:
        return bool(self.handoff_reason)


def address_of(voice: Voice) -> str:
    """How this shop speaks to customers, never empty."""
    return voice.address or "您"
