"""One message, read on demand: a rule hit never pays for intents, slots or the catalogue."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from kefu.core.catalogue.names.choose import OTHERS
from kefu.core.catalogue.names.labels import label
from kefu.core.catalogue.several.boxes import BOX
from kefu.core.catalogue.values import Place, Resolution, Wanted, When
from kefu.core.courtesy import said_besides_thanks, without_thanks
from kefu.core.decide.hearing.animals import for_the_animal
from kefu.core.decide.hearing.destination import PLACES, PLACES_OF_ORIGIN, PlacesSaid, place_in
from kefu.core.decide.hearing.digits import bare_digits, known_digits
from kefu.core.decide.hearing.goods_in_mind import GoodsInMind
from kefu.core.decide.hearing.mentioned import only_mentioned
from kefu.core.decide.hearing.moments import arrival, order_moment
from kefu.core.decide.hearing.taken_back import refused_in
from kefu.core.decide.values import Asked, Decision, ShopParts
from kefu.core.dialogue import FollowUp, Mentions, Named, State, follow_up
from kefu.core.dialogue.words import only_chooses
from kefu.core.intents import IntentResult, forms_of, in_context, possible
from kefu.core.intents.values import NOTHING
from kefu.core.knowledge import Entry, Hit
from kefu.core.places import resolve_place
from kefu.core.slots import Slot, current, extract
from kefu.core.text import Normalised, normalise

_NOT_PRODUCT = (
    frozenset({"date", "time", "quantity", "money", "phone", "email", "order_no", "person", "address", *PLACES})
    | PLACES_OF_ORIGIN
    | {"range"}
)
_GIVEN = frozenset({"phone", "email", "order_no", "person", "address", "quantity", "money", *PLACES})
_FILLER = re.compile(
    r"(?:[我是的这个那,.。!:： 号]|订单|单号|电话|手机|尾号|后四位|地址|收[件货]人|写|叫|姓|名字"
    r"|发|送到?|寄到?|到|大概|差不多|吧|啊|哦|呢)*"
)

_FOUR = re.compile(r"(?<!\d)\d{4}(?!\d)")
COURTESIES = frozenset({"thanks", "greeting"})

BEGINNING = 40
"""So many characters tell whether a text was just said."""
LOOK_BACK = 2
"""Earlier turns without an intent that are read again."""

_POINTING = ("ordinal", "product", "every", "order")


class Reading:
    """Lazy views of one message in its conversation; every part is worked out at most once."""

    def __init__(self, parts: ShopParts, asked: Asked, state: State) -> None:
        self.parts = parts
        self.asked = asked
        self.state = state
        self.searched: dict[str, list[Hit]] = {}
        """What was found in writing for a text: several stages look for the same."""
        self.written: tuple[Decision | None, ...] = ()
        """What the shop has written about this message, once a stage has asked for it."""

    def asking(self, text: str) -> Reading:
        """The conversation as it is, with ``text`` for the message."""
        return Reading(self.parts, replace(self.asked, query=text), self.state)

    @cached_property
    def text(self) -> Normalised:
        return normalise(self.asked.query)

    @cached_property
    def shop_intent(self) -> IntentResult:
        """The shop's own intent, in this conversation."""
        heard = self._in_context(self.asked.query, self.forms)
        role = self.parts.roles.get(heard.label, heard.label)
        if role not in COURTESIES:
            return heard
        besides = said_besides_thanks(self.text.text, lambda clause: self.parts.catalogue.named(clause).is_named)
        greets = role == "greeting" and not self.parts.catalogue.named(besides).is_named  # 老板在不在
        if besides and not greets:
            return self._without_courtesies(besides)
        return self._said_with_thanks(heard) if role == "thanks" else heard

    def _said_with_thanks(self, heard: IntentResult) -> IntentResult:
        """What a message asks or answers before or after the word of thanks (第一个，谢谢), else ``heard``."""
        if not (rest := without_thanks(self.text.text)):
            return heard
        slots = tuple(slot for slot in self.slots if normalise(slot.value).text in rest)
        own = self._in_context(rest, forms_of(rest, slots))
        unsure = own.unknown or own.confidence < self.parts.thresholds.guess
        return heard if unsure or self.parts.roles.get(own.label, own.label) in COURTESIES else own

    def _in_context(self, said: str, forms: frozenset[str]) -> IntentResult:
        model, perhaps = self.parts.intents, self.state.perhaps
        if model is None:
            return NOTHING
        return in_context(model, said, forms, self.before, self.parts.roles, perhaps=perhaps)

    def _without_courtesies(self, said: str) -> IntentResult:
        """What a message that asks or names something is about: never mere small talk (算了太慢了 鼠标呢)."""
        slots = tuple(slot for slot in self.slots if normalise(slot.value).text in said)
        heard = self._in_context(said, forms_of(said, slots))
        others = tuple(one for one in heard.top if self.parts.roles.get(one.label, one.label) not in COURTESIES)
        if not others or others[0].label == heard.label:
            return heard
        return replace(heard, label=others[0].label, confidence=others[0].confidence, top=others)

    @cached_property
    def forms(self) -> frozenset[str]:
        return forms_of(self.text.text, self.slots)

    @property
    def asks_by_number(self) -> bool:
        """An order number is said. One that is not found is counted by the order room, whose limit is another."""
        return bool(self.asked.order_no) or any(slot.type == "order_no" for slot in self.slots)

    @property
    def asks_nothing(self) -> bool:
        """The sentence is a name or a value and hardly a word more."""
        return "rest<=2" in self.forms

    @cached_property
    def before(self) -> tuple[str, ...]:
        """The roles of the turns before, oldest first. What a rule answered has none: the last of them are read now."""
        turns = self.state.turns
        return tuple(
            turn.intent
            if turn.intent in self.sayable
            else self.heard(turn.said)
            if at >= len(turns) - LOOK_BACK
            else ""
            for at, turn in enumerate(turns)
        )

    @cached_property
    def sayable(self) -> frozenset[str]:
        """The roles that the shop's model can tell apart."""
        model, roles = self.parts.intents, self.parts.roles
        return frozenset(roles.get(label, label) for label in model.labels) if model else frozenset()

    def heard(self, said: str) -> str:
        """The role of a message for itself, "" if that is not sure."""
        if self.parts.intents is None:
            return ""
        found = self.parts.intents.classify(said)
        if found.unknown or found.confidence < self.parts.thresholds.sure:
            return ""
        return self.parts.roles.get(found.label, found.label)

    @cached_property
    def by_itself(self) -> str:
        """The role that the message has whatever was spoken of before, "" if that is not sure."""
        return self.heard(self.asked.query)

    @cached_property
    def intent(self) -> IntentResult:
        """The intent by its role."""
        found = self.shop_intent
        return replace(found, label=self.parts.roles.get(found.label, found.label))

    @property
    def was_heard(self) -> bool:
        """A stage has asked for the intent; what only notes it down does not pay for it."""
        return "shop_intent" in self.__dict__

    def perhaps(self, intent: str) -> dict[str, float]:
        """What this message may be about, with chances, if it was taken for ``intent`` by its wording alone."""
        taken_for_it = self.was_heard and self.intent.label == intent
        return possible(self.shop_intent, self.parts.roles) if taken_for_it else {}

    @property
    def sure(self) -> bool:
        return not self.intent.unknown and self.intent.confidence >= self.parts.thresholds.sure

    @cached_property
    def topic(self) -> str:
        """The intent to act on: a sure one, else what the conversation is about, else the unsure one.

        Inside a conversation a sentence without an intent of its own (七点以后家里才有人) belongs to the topic.
        """
        follow, pending = self.follow, self.state.pending
        if follow.answers_pending and pending and pending.intent and not self._asks_else(pending.intent):
            return pending.intent
        if self.intent.confidence >= self.parts.thresholds.guess:
            return self.intent.label
        return follow.intent or self.state.topic or self.intent.label

    def _asks_else(self, intent: str) -> bool:
        """Does the sentence surely want something else than the open question, and more than its facts?"""
        chooses = self.intent.label == "stock_query" and only_chooses(self.text.text, intent)
        return self.sure and self.intent.label != intent and not self.only_facts and not chooses

    @cached_property
    def only_facts(self) -> bool:
        """The sentence gives what was asked or needed (a number, a name, an address) and asks nothing itself."""
        rest = self.text.text
        for slot in self.all_slots:
            if slot.type in _GIVEN:
                rest = rest.replace(normalise(slot.value).text, " ")
        if self.asks_by_number:
            rest = _FOUR.sub(" ", rest)  # the phone's last digits beside the order's number
        return rest != self.text.text and bool(_FILLER.fullmatch(rest))

    @cached_property
    def all_slots(self) -> tuple[Slot, ...]:
        """Every slot of the text, excluded and corrected ones marked."""
        found = extract(self.text, now=self.asked.now, lexicon=self.parts.lexicon)
        return self.goods.read(found)

    @cached_property
    def goods(self) -> GoodsInMind:
        """The goods that this text is about, in whose light its numbers are read."""
        return GoodsInMind(self.parts, self.text, self.state)

    def was_just_told(self, entry: Entry) -> bool:
        """Whether the last answer was this entry (飞机能带吗 … 坐高铁呢)."""
        return " ".join(entry.content.split())[:BEGINNING] in self.state.last_turn.reply

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        return current(self.all_slots)

    @property
    def references(self) -> list[str]:
        """Words that point into the conversation: 第二个, 刚才那款."""
        return [self.asked.query[e.start : e.end] for e in self.follow.evidence if e.what in _POINTING]

    @cached_property
    def alone(self) -> Resolution:
        """What the customer's own words mean, without the extractor's."""
        found = self.parts.catalogue.resolve(self.asked.query, ignore=self.no_product_words)
        if found.kind == "none" and found.unknown and self.parts.compatibility.named_in(self.asked.query).device:
            rest = self.parts.compatibility.without_devices(self.asked.query)  # 佳能2580墨盒有吗
            besides = self.parts.catalogue.resolve(rest, ignore=self.no_product_words)
            found = besides if besides.is_named else found
        return for_the_animal(found, self.asked.query, self.parts.catalogue)

    @cached_property
    def resolution(self) -> Resolution:
        """What this text alone means in the catalogue; an extractor's words count only where it leaves a choice."""
        wanted = self.wanted
        if self.alone.product or not (wanted.product or wanted.variant):
            return self.alone  # named by the customer: an extractor's shorter word (笔记本) must not change it
        return self.parts.catalogue.resolve(self.asked.query, wanted=wanted, ignore=self.no_product_words)

    @cached_property
    def wanted(self) -> Wanted:
        """The extractor's words, without what it only repeats from the conversation: that we remember better; and
        without goods of another kind than the customer names, or more of them."""
        product = self.asked.product
        believed = product and not (self._names_others(product) or self._is_wider(product))
        wanted = Wanted(product if believed else "", self.asked.variant)
        if not (self.state.product or self.state.products):
            return wanted
        said = self.text.text
        return Wanted(*(word if normalise(word).text in said else "" for word in (wanted.product, wanted.variant)))

    def _names_others(self, product: str) -> bool:
        """Whether an extractor's word names goods, but none of the kinds that the customer's own words name."""
        said = {one.category or one.id for one in self.alone.products} if product and self.alone.is_named else set()
        theirs = {one.category or one.id for one in self.parts.catalogue.named(product).products} if said else set()
        return bool(theirs) and not said & theirs

    def _is_wider(self, product: str) -> bool:
        """Whether an extractor's word names all the goods that the customer names, and more (键盘, of 无线机械键盘)."""
        said = {*self.alone.products} if self.alone.is_named else set()
        return bool(said) and said < {*self.parts.catalogue.named(product).products}

    @cached_property
    def no_product_words(self) -> list[str]:
        """Parts of the text that are something else than a product: a place, a day, an excluded colour."""
        return [
            slot.value
            for slot in self.all_slots
            if slot.negated
            or (slot.type in _NOT_PRODUCT and not self._places.names_brand(slot) and not self._is_alias(slot))
        ] + [*self.only_mentioned, *self.refused]

    @cached_property
    def only_mentioned(self) -> tuple[str, ...]:
        """Goods that are spoken of beside those asked about (送软管不), where others are or were."""
        names = self.parts.catalogue.words.naming_goods(self.asked.query)
        found = only_mentioned(self.text.text, names)
        others = len(found) < len(names) or self.state.product or self.state.products
        return found if found and others else ()

    @cached_property
    def refused(self) -> tuple[str, ...]:
        """The words by which goods are taken back, where others are named."""
        return refused_in(self.parts.catalogue, self.asked.query)

    def _is_alias(self, slot: Slot) -> bool:
        """Whether what would count goods is what a variant of those meant is called (一箱 of 24 tins)."""
        return slot.type == "quantity" and slot.value in self._aliases_said

    @cached_property
    def _aliases_said(self) -> frozenset[str]:
        return self.goods.aliases_said(self.all_slots)

    @cached_property
    def follow(self) -> FollowUp:
        """What is carried over from the conversation."""
        exact = self.alone if self.alone.product and self.alone.is_named else None
        own = Mentions(
            intent=self.intent.label if not self.intent.unknown else "",
            sure=self.sure,
            product=named(exact) if exact else None,
            attributes={s.name: s.normalised for s in self.slots if s.type == "attribute"},
            place=self.place_slot.value if self.place_slot else self.place.name if self.place else "",
            order_no=next((s.normalised for s in self.slots if s.type == "order_no"), ""),
            no_places=self._places.no_destinations(self.slots),
        )
        found = follow_up(self.text, self.state, own)
        if OTHERS.search(self.text.text):  # 有其它颜色没, after the green one
            found = replace(found, attributes=found.said)
        unwanted = {slot.normalised for slot in self.all_slots if slot.negated}
        said = {name: value for name, value in found.attributes.items() if value not in unwanted}
        return replace(found, attributes=said) if unwanted else found

    @property
    def wished_for(self) -> str:
        """The message without what it rules out (不要白的)."""
        text = self.asked.query
        for slot in self.all_slots:
            text = text.replace(slot.value, " ") if slot.negated else text
        return text

    @cached_property
    def place(self) -> Place | None:
        """Where to: the extractor's word for it, else the text's."""
        if self.asked.place and (given := resolve_place(self.asked.place)):
            return place_in(given)
        return self._places.place_of(self.place_slot) if self.place_slot else None

    @cached_property
    def place_slot(self) -> Slot | None:
        """The slot that says where to."""
        return self._places.destination(self.slots)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """All places that the message wants things sent to."""
        return self._places.every_destination(self.slots)

    @cached_property
    def _places(self) -> PlacesSaid:
        return PlacesSaid(self.text, self.parts.catalogue.words, self.parts.book.warehouses)

    @cached_property
    def warehouse(self) -> str:
        """The shop's warehouse that the text names; "" if none."""
        return next((name for name in self.parts.book.warehouses if name and name in self.asked.query), "")

    @cached_property
    def carried_place(self) -> Place | None:
        """The place of this text, else the one that the conversation is about."""
        if self.place:
            return self.place
        found = resolve_place(self.follow.place) if self.follow.place else None
        return place_in(found) if found else None

    @cached_property
    def when(self) -> When | None:
        slots = self.slots
        if self.asked.when:
            # After the text's own: an extractor hands 今天晚上 on as a bare date.
            slots = (*slots, *extract(self.asked.when, now=self.asked.now, types=("date", "time")))
        return arrival(slots, self.asked.query, self.asked.now)

    @cached_property
    def bought_at(self) -> datetime:
        """Now, or later today if the customer asks about an order at that hour."""
        return order_moment(self.slots, self.asked.query, self.asked.now)

    @cached_property
    def quantity(self) -> float:
        return how_many(normalise(self._quantity_said).text)

    @property
    def in_boxes(self) -> bool:
        """Whether the quantity is one of boxes."""
        return BOX in self._quantity_said

    @cached_property
    def _quantity_said(self) -> str:
        if self.asked.quantity:
            return str(self.asked.quantity)
        said = next((s for s in self.slots if s.type == "quantity"), None)
        return f"{said.normalised}{BOX if BOX in said.value else ''}" if said else self._quantity_before

    @property
    def _quantity_before(self) -> str:
        """How many were wanted of the goods that this message still speaks of (要两条 … which? … DDR5的 … 一共多少)."""
        pending, follow, state = self.state.pending, self.follow, self.state
        if pending and follow.answers_pending and "quantity" in pending.filled:
            return pending.filled["quantity"]
        return state.slots.get("quantity", "") if follow.product and follow.product == state.product else ""

    @cached_property
    def answered_digits(self) -> Slot | None:
        """A bare number where the phone's last four digits were asked for."""
        return bare_digits(self.text, self.state.pending)

    @cached_property
    def phone_last4(self) -> str:
        """The phone's last four: said now, to the question for them, or before in the conversation."""
        before = self.state.slots.get("phone_last4", "")
        return known_digits(self.asked, self.answered_digits, self.state.pending, before)

    @property
    def gives_order_facts(self) -> bool:
        """A number or the phone's digits are said in this message."""
        return self.asks_by_number or known_digits(self.asked, self.answered_digits, None) != ""

    def slots_said(self) -> tuple[Slot, ...]:
        """This turn's slots, and those of the conversation that it leans on, marked as earlier."""
        extra = []
        if self.follow.place and not self.place and (found := resolve_place(self.follow.place)):
            extra.append(Slot("city", "city", found.short, 0, 0, found.code, source="earlier"))
        answered = (self.answered_digits,) if self.answered_digits else ()
        return (*self.slots, *answered, *(replace(slot, start=-1, end=-1) for slot in extra))


def how_many(said: str) -> float:
    """The number that a quantity begins with, 0 if it has none."""
    digits = re.match(r"\d+(?:\.\d+)?", said)
    number = float(digits[0]) if digits else 0
    return int(number) if number == int(number) else number


def named(resolution: Resolution) -> Named | None:
    """The product (or the one variant) meant, as the conversation remembers it."""
    if resolution.product is None:
        return None
    variant = resolution.variant
    if variant is None:
        return Named(resolution.product.id, resolution.product.name)
    return Named(variant.sku, f"{resolution.product.name} {label(resolution.product, variant)}".strip())


def sku_name(reading: Reading, sku: str) -> Named | None:
    """A variant as the conversation remembers it; None if the catalogue has it no more."""
    found = reading.parts.catalogue.by_sku(sku)
    return Named(sku, f"{found[0].name} {label(*found)}".strip()) if found else None
