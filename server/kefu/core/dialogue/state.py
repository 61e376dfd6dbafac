"""The state of one conversation: bounded, frozen, JSON in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

MAX_TURNS = 8
MAX_PRODUCTS = 10
MAX_TEXT = 300
MAX_NAME = 80
MAX_ITEMS = 24
"""Bounds: a state never grows over about 12 kB however long the conversation."""


@dataclass(frozen=True, slots=True)
class Named:
    """A thing that was talked about: a product (or variant) id and the name shown to the customer."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange; texts cut to ``MAX_TEXT``; ``at`` is ISO 8601."""

    said: str
    reply: str = ""
    route: str = ""
    intent: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A question the bot asked and waits on: ``missing`` slot names of ``intent``, what is ``filled`` already.

    ``asked`` is the sentence; ``times`` counts how often it was put; ``options`` are the things offered to choose from.
    """

    intent: str
    missing: tuple[str, ...]
    asked: str = ""
    filled: Mapping[str, str] = field(default_factory=dict)
    options: tuple[Named, ...] = ()
    times: int = 1

    def asks_the_same(self, other: Pending) -> bool:
        """Whether it is the same question again; another thing that is not sold here (香水呢) asks anew."""
        of_another = self.filled.get("unknown", "") not in ("", other.filled.get("unknown", ""))
        return (self.missing, self.options) == (other.missing, other.options) and not of_another


@dataclass(frozen=True, slots=True)
class Customer:
    """Who writes, where data allow: their name, last order number, whether they came before."""

    name: str = ""
    last_order: str = ""
    returning: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one turn leaves behind. None or empty = as before, except ``pending``: a turn that asks nothing clears it.

    ``products`` are the products shown this turn in the order shown; ``product`` is the one it was about.
    ``failed``: the bot could not help (unknown, low confidence, asked the same again).
    """

    said: str
    reply: str = ""
    route: str = ""
    intent: str = ""
    at: str = ""
    products: tuple[Named, ...] = ()
    product: Named | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    order_no: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    pending: Pending | None = None
    emotion: str = "calm"
    owner: Literal["bot", "human"] | None = None
    handoff_id: int | None = None
    failed: bool = False
    rule_id: str = ""
    perhaps: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """Everything remembered between turns. ``turn_count`` counts all turns, ``turns`` keeps the last ``MAX_TURNS``.

    ``fired`` maps a rule id to the ISO time of its last use here (cooldowns); ``failures`` counts failures in a row;
    ``perhaps`` are the intents that the last turn may have had, with their chances, if that is not certain.
    """

    turns: tuple[Turn, ...] = ()
    topic: str = ""
    products: tuple[Named, ...] = ()
    product: Named | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    order_no: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    pending: Pending | None = None
    emotion: str = "calm"
    owner: Literal["bot", "human"] = "bot"
    handoff_id: int = 0
    turn_count: int = 0
    failures: int = 0
    fired: Mapping[str, str] = field(default_factory=dict)
    customer: Customer = Customer()
    perhaps: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_first_message(self) -> bool:
        return self.turn_count == 0

    @property
    def last_turn(self) -> Turn:
        """The turn before this message; a blank one where there is none."""
        return self.turns[-1] if self.turns else Turn("")

    def _turns_to_others(self, outcome: Outcome) -> bool:
        """Whether other goods are spoken of: another product, or a list with none of those listed before."""
        if outcome.product is not None:
            return outcome.product != self.product
        before = (*self.products, *(self.pending.options if self.pending else ()))
        return len(outcome.products) > 1 and not any(_of_one(a, b) for a in before for b in outcome.products)

    def _of_the_variant(self, outcome: Outcome) -> Outcome:
        """``outcome`` of the variant that was chosen before, where only its product was written of."""
        told = outcome.product or (outcome.products[0] if len(outcome.products) == 1 else None)
        if outcome.route not in ("llm", "knowledge") or told is None or self.product is None:
            return outcome
        return replace(outcome, product=self.product, products=()) if _of_one(self.product, told) else outcome

    def after(self, outcome: Outcome) -> State:
        """The state once ``outcome`` has happened."""
        outcome = self._of_the_variant(outcome)
        attributes, slots = self.attributes, self.slots
        if self._turns_to_others(outcome):
            attributes = {name: value for name, value in attributes.items() if name in OF_THE_CUSTOMER}
            slots = {name: value for name, value in slots.items() if name not in _OF_THE_GOODS}
        turn = Turn(_cut(outcome.said), _cut(outcome.reply), outcome.route, outcome.intent, outcome.at)
        fired = {**self.fired, outcome.rule_id: outcome.at} if outcome.rule_id else self.fired
        return replace(
            self,
            turns=(*self.turns, turn)[-MAX_TURNS:],
            topic=outcome.intent if outcome.intent and outcome.route not in _PASSING else self.topic,
            products=_shown(self.products, outcome),
            product=outcome.product or (None if len(outcome.products) > 1 else self.product),
            attributes=_bounded({**attributes, **outcome.attributes}),
            place=(outcome.place or self.place)[:MAX_NAME],
            order_no=(outcome.order_no or self.order_no)[:MAX_NAME],
            slots=_bounded({**slots, **outcome.slots}),
            pending=_asked_again(self.pending, outcome.pending),
            emotion=outcome.emotion,
            owner=outcome.owner or self.owner,
            handoff_id=self.handoff_id if outcome.handoff_id is None else outcome.handoff_id,
            turn_count=self.turn_count + 1,
            failures=self.failures + 1 if outcome.failed else 0,
            fired=_bounded(fired),
            perhaps={intent[:MAX_NAME]: round(chance, 3) for intent, chance in outcome.perhaps.items()},
        )

    def handed_to(self, owner: Literal["bot", "human"], handoff_id: int = 0) -> State:
        """The same conversation with another owner; coming back to the bot forgets failures and open questions."""
        if owner == "bot":
            return replace(self, owner="bot", handoff_id=0, failures=0, pending=None, emotion="calm")
        return replace(self, owner="human", handoff_id=handoff_id)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; empty ones are left out."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "", 0, (), {}, [])}

    @classmethod
    def from_dict(cls, data: object) -> State:
        """From stored JSON of this or another version: unknown names are ignored, unusable values fall to defaults."""
        if not isinstance(data, Mapping):
            return cls()
        owner: Literal["bot", "human"] = "human" if data.get("owner") == "human" else "bot"
        return cls(
            turns=tuple(_turn(row) for row in _rows(data.get("turns")) if _text(row.get("said")))[-MAX_TURNS:],
            topic=_text(data.get("topic")),
            products=_named_list(data.get("products")),
            product=_named(data.get("product")),
            attributes=_text_map(data.get("attributes")),
            place=_text(data.get("place")),
            order_no=_text(data.get("order_no")),
            slots=_text_map(data.get("slots")),
            pending=_pending(data.get("pending")),
            emotion=_text(data.get("emotion")) or "calm",
            owner=owner,
            handoff_id=_count(data.get("handoff_id")),
            turn_count=_count(data.get("turn_count")),
            failures=_count(data.get("failures")),
            fired=_text_map(data.get("fired")),
            customer=_customer(data.get("customer")),
            perhaps=_chances(data.get("perhaps")),
        )


OF_THE_CUSTOMER = frozenset({"device", "health"})
"""Attributes that are remembered whatever goods are spoken of."""
_OF_THE_GOODS = frozenset({"quantity"})
"""Slots that are forgotten with the goods they were said of."""

_PASSING = frozenset({"smalltalk", "identity", "human_active"})
"""Routes that interrupt without changing what the conversation is about."""


def _shown(before: tuple[Named, ...], outcome: Outcome) -> tuple[Named, ...]:
    """A list shown to the customer replaces the last one (ordinals count in it); a single product joins the list."""
    if len(outcome.products) > 1:
        return outcome.products[:MAX_PRODUCTS]
    single = outcome.products[0] if outcome.products else outcome.product
    if single is None or single in before:
        return before
    return (*before, single)[-MAX_PRODUCTS:]


def _of_one(a: Named, b: Named) -> bool:
    """Whether two things are one, or one is a variant of the other: its name goes on where the product's ends."""
    return a.name.startswith(b.name) or b.name.startswith(a.name)


def _asked_again(before: Pending | None, now: Pending | None) -> Pending | None:
    if now and before and now.intent == before.intent and now.asks_the_same(before):
        return replace(now, times=before.times + 1)
    return now


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _bounded(items: Mapping[str, str]) -> dict[str, str]:
    """The last ``MAX_ITEMS`` entries, values cut."""
    kept = list(items.items())[-MAX_ITEMS:]
    return {name[:MAX_NAME]: str(value)[:MAX_NAME] for name, value in kept if value not in ("", None)}


def _text(value: object, limit: int = MAX_NAME) -> str:
    return value[:limit] if isinstance(value, str) else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []


def _turn(row: Mapping[str, Any]) -> Turn:
    return Turn(**{f.name: _text(row.get(f.name), MAX_TEXT) for f in fields(Turn)})


def _text_map(value: object) -> dict[str, str]:
    return _bounded({str(k): v for k, v in value.items() if isinstance(v, str)}) if isinstance(value, Mapping) else {}


def _chances(value: object) -> dict[str, float]:
    if not isinstance(value, Mapping):
        return {}
    found = {
        str(name): float(share) for name, share in value.items() if isinstance(share, int | float) and 0 < share <= 1
    }
    return dict(list(found.items())[:MAX_ITEMS])


def _named(value: object) -> Named | None:
    if not isinstance(value, Mapping) or not _text(value.get("id")):
        return None
    return Named(_text(value.get("id")), _text(value.get("name")))


def _named_list(value: object) -> tuple[Named, ...]:
    return tuple(thing for row in _rows(value) if (thing := _named(row)))[:MAX_PRODUCTS]


def _pending(value: object) -> Pending | None:
    if not isinstance(value, Mapping):
        return None
    missing = value.get("missing")
    names = tuple(_text(name) for name in missing) if isinstance(missing, list | tuple) else ()
    return Pending(
        _text(value.get("intent")),
        names[:MAX_ITEMS],
        _text(value.get("asked"), MAX_TEXT),
        _text_map(value.get("filled")),
        _named_list(value.get("options")),
        max(1, _count(value.get("times"))),
    )


def _customer(value: object) -> Customer:
    if not isinstance(value, Mapping):
        return Customer()
    return Customer(_text(value.get("name")), _text(value.get("last_order")), value.get("returning") is True)
