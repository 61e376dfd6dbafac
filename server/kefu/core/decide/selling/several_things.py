"""Several questions of different kinds in one message (后天能到广州吗，退货要钱吗): each is answered by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kefu.core.courtesy import without_courtesies
from kefu.core.decide.goods.answer import GOODS_INTENTS, answer_goods
from kefu.core.decide.hearing.questions import questions_in, wish_after_the_question
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.hearing.wishes import asks_a_fee, asks_for_a_change, asks_the_carrier, asks_what_is_live
from kefu.core.decide.orders.stages import orders
from kefu.core.decide.selling.carrier import carrier
from kefu.core.decide.selling.stages import goods
from kefu.core.decide.soothing import hand_off
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.facts import FIRST_ANSWERS_PART, UNSURE, context_of, goods_facts, goods_spoken_of
from kefu.core.decide.written.rules import rule
from kefu.core.decide.written.stages import knowledge, near_passages, surely_written
from kefu.core.decide.written.ways_of_asking import SERVICE_INTENTS
from kefu.core.dialogue import Named
from kefu.core.emotion import Emotion
from kefu.core.knowledge.terms import says_little
from kefu.core.text import normalise

APART = 0.8
"""Confidence from which each part is believed to be about something of its own."""
SHORTEST = 3
"""Characters of a part; a shorter one (几天) leans on another."""
MOST = 6
"""Questions of one message that are looked at."""


def several_things(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """All answers, if all parts surely ask for different things; a person for the one that nobody wrote an answer to.
    None: the message is one question."""
    asked = [part for part in questions_in(reading.asked.query) if without_courtesies(normalise(part).text)]
    answers = reading.state.pending is not None and reading.only_facts
    taken = wish_after_the_question(reading.asked.query) if len(asked) == 1 else ""
    if taken and not answers and _has_goods(reading):
        return _and_taken(reading.asking(asked[0]), reading.asking(taken), ports, emotion)
    if not 2 <= len(asked) <= MOST or answers or reading.parts.intents is None:
        return None
    parts = [reading.asking(text) for text in asked]
    if len(parts) > 2:
        parts = _joined(reading, parts, ports, emotion)
    if len(parts) < 2 or min(len(part.asked.query) for part in parts) < SHORTEST:
        return None
    ruled = [rule(part, ports, emotion) or carrier(part, ports, emotion) for part in parts]
    if to_a_person := next((by_rule for by_rule in ruled if by_rule and by_rule.handed_off), None):
        return to_a_person
    clear = [by_rule or _is_clear(part) for part, by_rule in zip(parts, ruled, strict=True)]
    if len(asked) == 2 and not all(clear) and not any(map(_chooses_another, parts)):
        return None
    if not any(ruled) and len({_kind(part) for part in parts}) == 1:
        return None
    return _all_of_them(reading, parts, ruled, ports, emotion)


def _has_goods(reading: Reading) -> bool:
    return bool(reading.alone.is_named or reading.state.product)


def _and_taken(question: Reading, taken: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What is written of a question, and then of the goods spoken of so many (草莓的日期新鲜不 我要4罐)."""
    by_rule = rule(question, ports, emotion) or carrier(question, ports, emotion)
    if by_rule and (by_rule.handed_off or by_rule.missing):
        return by_rule
    written = by_rule or (None if asks_what_is_live(question.text.text) else surely_written(question, ports, emotion))
    if written is None:
        return None
    held = written.product or question.state.product
    goes_on = Reading(taken.parts, taken.asked, replace(taken.state, product=held))
    return _both(written, answer_goods(goes_on, ports, "stock_query"), "stock_query")


def rules(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """The shop's own rules; where one speaks of a part of the message, the other parts are answered too."""
    by_rule = rule(reading, ports, emotion)
    if by_rule is None or by_rule.handed_off or by_rule.missing:
        return by_rule
    with_the_rest = several_things(reading, ports, emotion)
    return with_the_rest if with_the_rest and by_rule.reply in with_the_rest.reply else by_rule


def _joined(reading: Reading, parts: Sequence[Reading], ports: Ports, emotion: Emotion) -> list[Reading]:
    """The parts, those about goods as one question (床垫1.5的多少钱 有货吗 到长沙几天), in the place of the first."""
    of_goods = [
        part
        for part in parts
        if part.intent.label in GOODS_INTENTS
        and part.intent.label != "compatibility"
        and not _asks_a_fee(part)
        and not rule(part, ports, emotion)
        and not asks_the_carrier(part.text.text)
        and (part.alone.is_outright or part.place or _leans(part) or not surely_written(part, ports, emotion))
    ]
    if len(of_goods) < 2:
        return list(parts)
    together = reading.asking(" ".join(part.asked.query for part in of_goods))
    return [together if part is of_goods[0] else part for part in parts if part not in of_goods[1:]]


def _leans(part: Reading) -> bool:
    """Whether it says by itself not of what it asks (多少钱)."""
    return says_little(part.asked.query)


def _all_of_them(
    reading: Reading, parts: Sequence[Reading], ruled: Sequence[Decision | None], ports: Ports, emotion: Emotion
) -> Decision | None:
    """What each part is answered, one after the other, and what becomes of those that are left open."""
    state, known = reading.state, None
    left_open: list[Reading] = []
    for part, by_rule in zip(parts, ruled, strict=True):
        goes_on = part if state is reading.state else Reading(part.parts, part.asked, state)
        sure = by_rule or _is_clear(part) or surely_written(goes_on, ports, emotion)
        answer = (by_rule or _answer(goes_on, ports, emotion)) if sure else None
        if answer is None:
            left_open.append(goes_on)
            continue
        if known and (answer.reply in known.reply or (known.missing and answer.missing)):
            return None
        if answer.product or answer.place:
            state = replace(state, product=answer.product or state.product, place=answer.place or state.place)
        known = _both(known, answer, reading.topic) if known else answer
    if not left_open:
        return known
    if known is None or not known.found or any(part.intent.label in GOODS_INTENTS for part in left_open):
        return None
    if len(left_open) == 1 and _is_for_a_person(left_open[0], parts):
        return _partly(reading, known, left_open[0])
    return None if len(parts) == 2 or known.missing else _for_a_model(reading, known, left_open, ports)


def _is_for_a_person(left_open: Reading, parts: Sequence[Reading]) -> bool:
    """Whether it surely asks for a service, of which no other part was answered."""
    label = left_open.intent.label
    alone = sum(part.intent.label == label for part in parts) == 1
    return alone and label in SERVICE_INTENTS and _is_sure(left_open)


def _for_a_model(reading: Reading, known: Decision, left_open: Sequence[Reading], ports: Ports) -> Decision:
    """What is known, and what lies near the rest for one model call to find its answer in."""
    told = f"【本店刚查到】{' '.join(known.reply.split())}"
    near = dict.fromkeys(line for part in left_open for line in near_passages(part, ports))
    facts = goods_facts(reading, ports, goods_spoken_of(left_open[0]))
    rest = "、".join(f"“{part.asked.query}”" for part in left_open)
    return replace(
        known,
        route="llm",
        reply=f"{known.reply}\n关于{rest}：{UNSURE}",
        needs_llm=True,
        context=context_of(reading, [told, *near, *facts], FIRST_ANSWERS_PART),
        reason=f"answered in part: {known.reason}",
    )


def _is_clear(part: Reading) -> bool:
    """Whether it surely asks for something of its own; its words tell where it wants a fee, or an order changed."""
    of_its_own = _is_sure(part) or _names_goods(part) or _asks_a_fee(part)
    return of_its_own or asks_for_a_change(part.text.text) or _chooses_another(part)


_AND_THAT_ONE = re.compile(r"(?:那|还有)?.{1,8}呢\W*")


def _chooses_another(part: Reading) -> bool:
    """Whether it asks on of another variant of the product spoken of, and no more (小瓶呢 开封能用多久)."""
    held = part.parts.catalogue.thing(part.state.product.id) if part.state.product else None
    asks_on = held is not None and _AND_THAT_ONE.fullmatch(part.text.text) is not None
    return asks_on and bool(held and part.parts.catalogue.having(part.asked.query, [held]))


def _asks_a_fee(part: Reading) -> bool:
    """Whether it asks what sending costs, or says hardly more than that (邮费呢), whatever was spoken of before."""
    of_goods = part.intent.label in ("delivery_query", "price_query") or not _is_sure(part)
    return of_goods and asks_a_fee(part.text.text)


def _is_sure(part: Reading) -> bool:
    return not part.intent.unknown and part.intent.confidence >= APART


def _names_goods(part: Reading) -> bool:
    """Whether goods are named of which something is asked: price, stock or delivery, or all of them (`_joined`)."""
    joined = len(questions_in(part.asked.query)) > 1
    return part.alone.is_outright and (joined or part.intent.label in GOODS_INTENTS)


def _kind(part: Reading) -> str:
    if _asks_a_fee(part):
        return "fee"
    return "goods" if part.intent.label in GOODS_INTENTS or _chooses_another(part) else part.intent.label


def _answer(part: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    for stage in (orders, goods, knowledge):
        decision = stage(part, ports, emotion)
        if decision is not None:
            told = decision.found or decision.route == "ask" or (decision.route == "stock" and part.alone.is_named)
            return decision if told and decision.reply and not decision.handed_off else None
    return None


def _partly(reading: Reading, known: Decision, left_open: Reading) -> Decision:
    """What is known, and a person for the rest."""
    why = f"answered in part; nothing is written about “{left_open.asked.query}”"
    called = hand_off(left_open, "unknown_question", why)
    reply = f"{known.reply}\n关于“{left_open.asked.query}”：{called.reply}"
    return replace(
        known,
        reply=reply,
        needs_llm=False,
        context="",
        handoff_reason=called.handoff_reason,
        reason=why,
        missing=(),
        pending=None,
    )


def _both(one: Decision, other: Decision, topic: str) -> Decision:
    """Both replies as they stand; a question comes last, and what is left open is its. The intent is the one that the
    message as a whole has, if it is one of the two."""
    first, last = (other, one) if one.missing else (one, other)
    main = last if last.missing or first.route == "knowledge" else first
    return replace(
        main,
        reply=f"{first.reply}\n{last.reply}",
        intent=topic if topic in (one.intent, other.intent) else main.intent,
        needs_llm=False,
        context="",
        found=True,
        sources=tuple(dict.fromkeys((*first.sources, *last.sources))),
        hits=(*first.hits, *last.hits),
        product=_finer(main.product, first.product, last.product),
        remembered={**first.remembered, **last.remembered},
        reason=f"several things: {first.reason or first.route}; {last.reason or last.route}",
    )


def _finer(*spoken_of: Named | None) -> Named | None:
    """The first, or a variant of it that another answer was about."""
    said = [one for one in spoken_of if one]
    return next(
        (one for one in said if len(one.name) > len(said[0].name) and one.name.startswith(said[0].name)), None
    ) or (said[0] if said else None)
