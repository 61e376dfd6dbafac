"""Understand a sentence that leans on the last ones: 那黑色的呢？ · 第二个多少钱 · 送到苏州呢."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kefu.core.dialogue import words
from kefu.core.dialogue.state import OF_THE_CUSTOMER, Named, State
from kefu.core.places import read_places
from kefu.core.text import Normalised, normalise

MAX_ANSWER = 30
"""A longer sentence is not taken as a bare answer to an open question."""
LONGEST = 200
"""A longer message is never taken as nothing but references: what would be left of it is not worked out."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """What the sentence says of itself, as the engine's other parts found it; all optional.

    ``sure``: the intent's confidence is over the shop's threshold. ``product``: an exact catalogue hit in it.
    ``no_places``: words of it that are called like a place and name goods or a warehouse.
    """

    intent: str = ""
    sure: bool = False
    product: Named | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    order_no: str = ""
    no_places: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Which words of the original text carried over what."""

    what: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What the sentence means because of the state.

    ``intent``: what to act on ("" = classify as usual); ``keeps_intent``: from the topic or the open question.
    ``product``/``products``: what it is about, from the state. ``ordinal``: the position asked for (from 1, negative
    from the end, 0 none); ``out_of_range``: there is no such position, so ask. ``attributes``: what was said now over
    what was known; ``said``: only what was said now. ``place``, ``order_no``: said or carried. ``answers_pending``:
    read it as the answer to ``state.pending``; ``dismisses``: the customer drops the question. ``standalone``: the
    same question as a whole sentence, for retrieval and the language model; the text itself if nothing is carried.
    """

    is_follow_up: bool = False
    intent: str = ""
    keeps_intent: bool = False
    product: Named | None = None
    products: tuple[Named, ...] = ()
    ordinal: int = 0
    out_of_range: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    order_no: str = ""
    answers_pending: bool = False
    dismisses: bool = False
    standalone: str = ""
    evidence: tuple[Evidence, ...] = ()


def follow_up(text: str | Normalised, state: State, own: Mentions = Mentions()) -> FollowUp:
    """Resolve ``text`` against ``state``. Never raises; an unrelated text gives ``FollowUp(standalone=text)``."""
    n = text if isinstance(text, Normalised) else normalise(text)
    read = _read(n.text, state, own.no_places)
    if not n.text or (state.turn_count == 0 and state.pending is None):
        return FollowUp(intent=own.intent, said=_said(read, own), attributes=_said(read, own), standalone=n.original)
    dismisses = bool(words.DISMISS.search(n.text))
    answers = not dismisses and _answers(n.text, state, own, read)
    intent, keeps = _intent(state, own, read, answers)
    pick = _pick(state, own, read, intent)
    said = _said(read, own)
    leans = answers or keeps or bool(read.ordinal or read.pronoun or read.order_pronoun or read.every)
    carried = pick.product if pick.product and (leans or intent in words.PRODUCT_INTENTS) else None
    of_the_same = (carried == state.product or own.product == state.product) and (leans or carried)
    chosen = answers and state.pending is not None and "product" in state.pending.missing  # 有红色的吗 … 打底衫
    of_goods = {name: value for name, value in state.attributes.items() if name not in OF_THE_CUSTOMER}
    known = of_goods if of_the_same or chosen else {}
    result = FollowUp(
        is_follow_up=leans or (carried is not None and carried != own.product),
        intent=intent,
        keeps_intent=keeps,
        product=own.product or carried,
        products=pick.products,
        ordinal=read.ordinal,
        out_of_range=pick.out_of_range,
        attributes={**known, **said},
        said=said,
        place=own.place or read.place or (state.place if _goes_there(intent, leans) else ""),
        order_no=own.order_no or (state.order_no if read.order_pronoun or intent in words.ORDER_INTENTS else ""),
        answers_pending=answers,
        dismisses=dismisses,
        evidence=tuple(Evidence(what, *n.span(a, b)) for what, a, b in read.spans),
    )
    return replace(result, standalone=_standalone(n, read, result) if result.is_follow_up else n.original)


def _goes_there(intent: str, leans: bool) -> bool:
    """Does the place spoken of before still hold? 那周一能到吗 asks for the same one, with words of its own."""
    return intent == "delivery_query" or (leans and intent in words.PLACE_INTENTS)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the words themselves show, before the state is asked. ``rest``: what is left without those words."""

    ordinal: int = 0
    named: str = ""
    every: bool = False
    pronoun: bool = False
    order_pronoun: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    cue: str = ""
    rest: str = ""
    ellipsis: bool = False
    spans: tuple[tuple[str, int, int], ...] = ()


def _read(text: str, state: State, no_places: frozenset[str]) -> _Reading:
    spans: list[tuple[str, int, int]] = []
    ordinal, named = _read_ordinal(text, state, spans)
    every = _note(words.EVERY, text, "every", spans)
    order_pronoun = _note(words.ORDER_PRONOUN, text, "order", spans)
    pronoun = not ordinal and not named and _note(words.PRODUCT_PRONOUN, text, "product", spans)
    place = _read_place(text, spans, no_places)
    attributes = _read_attributes(text, spans)
    cue = next((intent for intent, pattern in words.CUES if pattern.search(text)), "")
    return _Reading(
        ordinal,
        named,
        every,
        pronoun,
        order_pronoun,
        attributes,
        place,
        cue,
        _rest(text, spans),
        bool(words.ELLIPSIS.search(text)),
        tuple(spans),
    )


def _note(pattern: re.Pattern[str], text: str, what: str, spans: list[tuple[str, int, int]]) -> bool:
    match = pattern.search(text)
    if match:
        spans.append((what, *match.span()))
    return match is not None


def _read_ordinal(text: str, state: State, spans: list[tuple[str, int, int]]) -> tuple[int, str]:
    """(position, "") or (0, name of a relative position: former, latter, previous, other)."""
    options = state.pending.options if state.pending else ()
    bare = words.BARE_NUMBER.fullmatch(text.strip())
    beyond = bare and words.number(bare["number"]) > len(options)
    if options and bare and not (beyond and text.strip().endswith("的")):  # 16的 of fewer is a value
        spans.append(("ordinal", 0, len(text)))
        return words.number(bare["number"]), ""
    match = words.ORDINAL.search(text)
    if match is None:
        return 0, ""
    spans.append(("ordinal", *match.span()))
    if match["number"]:
        position = words.number(match["number"])
        return (-position if match["back"] else position), ""
    if match["last"]:
        return -1, ""
    return 0, next(name for name in ("former", "latter", "previous", "other") if match[name])


def _read_place(text: str, spans: list[tuple[str, int, int]], no_places: frozenset[str]) -> str:
    """The place named, with the verb that leads to it (送到苏州); the parts of one address are joined."""
    found = [one for one in read_places(text) if not any(text[one.start : one.end] in word for word in no_places)]
    if not found:
        return ""
    start, end = found[0].start, found[-1].end
    frame = words.TO_A_PLACE.search(text[:start])
    spans.append(("place", frame.start() if frame else start, end))
    return text[found[0].start : end] if end - found[0].start <= 12 else text[found[-1].start : end]


def _read_attributes(text: str, spans: list[tuple[str, int, int]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, pattern in (("color", words.COLOUR), ("spec", words.SPEC), ("size", words.SIZE)):
        match = next((m for m in pattern.finditer(text) if not _inside(m.span(), spans)), None)
        if match:
            found[name] = _attribute(name, match)
            spans.append((name, *match.span()))
    return found


def _attribute(name: str, match: re.Match[str]) -> str:
    """黑 → 黑色, l码 → L, 38码 → 38; 中号 and 大一码 as they stand."""
    if name == "color":
        return f"{match['value']}色"
    if name == "size":
        return (match["letters"] or match["number"] or match[0]).upper()
    return match["value"]


def _inside(span: tuple[int, int], spans: list[tuple[str, int, int]]) -> bool:
    return any(a < span[1] and span[0] < b for _, a, b in spans)


def _rest(text: str, spans: list[tuple[str, int, int]]) -> str:
    if len(text) > LONGEST:
        return text
    kept = "".join(" " if _inside((i, i + 1), spans) else c for i, c in enumerate(text))
    return words.SUFFIX.sub("", words.PREFIX.sub("", kept.strip())).strip(" 的那这个款呢吗,。?!")


def _answers(text: str, state: State, own: Mentions, read: _Reading) -> bool:
    """Is this the answer to the open question? Not if it surely asks something else, or is a long story."""
    pending = state.pending
    if pending is None:
        return False
    chooses = own.intent == "stock_query" and words.only_chooses(text, pending.intent)
    elsewhere = own.sure and own.intent not in ("", pending.intent) and not chooses
    elsewhere = elsewhere or read.cue not in ("", pending.intent)
    gives = bool(read.ordinal or read.named or read.attributes or read.place or own.attributes or own.place)
    gives = gives or bool(own.order_no or own.product)
    if elsewhere:
        return gives and not read.rest and not read.cue
    return gives or len(text) <= MAX_ANSWER


def _intent(state: State, own: Mentions, read: _Reading, answers: bool) -> tuple[str, bool]:
    """(intent, was it carried over). Words that name an intent win; a sentence of nothing but references keeps it."""
    if answers and state.pending:
        return state.pending.intent or state.topic, True
    refers = bool(read.ordinal or read.named or read.pronoun or read.attributes or read.place or read.every)
    refers = refers or bool(own.product or own.place or own.attributes)
    if read.cue and (not own.sure or refers):
        return read.cue, False
    bare = not read.rest or (own.place and read.rest in (own.place, f"{own.place}市")) or _is_product(read, own)
    if state.topic and refers and bare and not read.cue:
        return state.topic, True
    if own.sure:
        return own.intent, False
    if state.topic and read.ellipsis and len(read.rest) <= 8:
        return state.topic, True
    return own.intent, False


def _is_product(read: _Reading, own: Mentions) -> bool:
    return own.product is not None and read.rest in own.product.name.lower()


@dataclass(frozen=True, slots=True)
class _Pick:
    product: Named | None = None
    products: tuple[Named, ...] = ()
    out_of_range: bool = False


def _pick(state: State, own: Mentions, read: _Reading, intent: str) -> _Pick:
    """Which of the products talked about is meant."""
    if own.product and not read.ordinal and not read.named:
        return _Pick(own.product)
    listed = state.pending.options if state.pending and state.pending.options else state.products
    if read.ordinal:
        index = read.ordinal - 1 if read.ordinal > 0 else len(listed) + read.ordinal
        inside = 0 <= index < len(listed)
        return _Pick(listed[index]) if inside else _Pick(out_of_range=True)
    if read.named:
        thing = _relative(read.named, listed, state.product)
        return _Pick(thing) if thing else _Pick(out_of_range=True)
    if read.every and len(listed) > 1:
        return _Pick(products=listed)
    return _Pick(state.product or (listed[-1] if len(listed) == 1 else None))


def _relative(name: str, listed: tuple[Named, ...], current: Named | None) -> Named | None:
    if name in ("former", "latter"):
        return (listed[0] if name == "former" else listed[-1]) if len(listed) > 1 else None
    at = listed.index(current) if current in listed else len(listed)
    if name == "previous":
        return listed[at - 1] if at > 0 else None
    others = [thing for thing in listed if thing != current]
    return others[0] if len(others) == 1 else None


def _said(read: _Reading, own: Mentions) -> dict[str, str]:
    return {**read.attributes, **own.attributes}


def _standalone(n: Normalised, read: _Reading, result: FollowUp) -> str:
    """The question with the references put in: product name first, the topic's words last if the text has none."""
    text = n.text
    for what, a, b in sorted(read.spans, key=lambda span: -span[1]):
        if what in ("ordinal", "product"):
            text = text[:a] + text[b:]
    core = words.PREFIX.sub("", text)
    if result.keeps_intent:
        core = words.SUFFIX.sub("", core)
    name = result.product.name if result.product and result.product.name.lower() not in core else ""
    tail = words.TOPIC_WORDS.get(result.intent, "") if result.keeps_intent and not read.cue else ""
    return f"{name}{core}{tail}"[: MAX_ANSWER * 8] or n.original
