"""decide: the stages of a turn, in the order in which they may answer. The first that does, wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from kefu.core.catalogue.names.choose import ASKS_WHICH
from kefu.core.catalogue.values import Product
from kefu.core.courtesy import without_courtesies
from kefu.core.decide.goods.answer import GOODS_INTENTS, answer_goods
from kefu.core.decide.goods.fit import device_said
from kefu.core.decide.goods.numbers_kept import noted
from kefu.core.decide.goods.replaced import kept_of_changes
from kefu.core.decide.hearing.digits import ORDER_INTENTS
from kefu.core.decide.hearing.questions import questions_in
from kefu.core.decide.hearing.reading import Reading, named
from kefu.core.decide.hearing.wishes import without_manual_work
from kefu.core.decide.orders.after_sale import sent_back
from kefu.core.decide.orders.room import forced_orders
from kefu.core.decide.orders.stages import orders
from kefu.core.decide.restated.as_typed import as_typed
from kefu.core.decide.restated.corrected import corrected
from kefu.core.decide.restated.denied import without_what_is_denied
from kefu.core.decide.restated.in_figures import in_figures
from kefu.core.decide.restated.left_out import with_what_is_left_out
from kefu.core.decide.restated.respelt import is_better, respelt
from kefu.core.decide.selling.browsing import browsing
from kefu.core.decide.selling.bulk import bulk
from kefu.core.decide.selling.carrier import carrier
from kefu.core.decide.selling.for_somebody import for_somebody
from kefu.core.decide.selling.given_up import given_up
from kefu.core.decide.selling.others_asked import others
from kefu.core.decide.selling.own_things import with_what_is_meant
from kefu.core.decide.selling.reductions import after_reductions
from kefu.core.decide.selling.sending import abroad, sending
from kefu.core.decide.selling.several_places import several_places
from kefu.core.decide.selling.several_things import rules, several_things
from kefu.core.decide.selling.stages import forced_goods, goods
from kefu.core.decide.soothing import called, hand_off, say, soothed
from kefu.core.decide.values import Asked, Decision, Ports, ShopParts, address_of
from kefu.core.decide.written.another_animal import another_animal
from kefu.core.decide.written.health import health, remembered
from kefu.core.decide.written.rules import rule
from kefu.core.decide.written.stages import (
    about_goods,
    advice_fails,
    advised,
    compared,
    details,
    in_full,
    knowledge,
    perhaps_written,
    surely_written,
)
from kefu.core.decide.written.warned import warned
from kefu.core.dialogue import Named, State
from kefu.core.emotion import Emotion, read_emotion, soothe
from kefu.core.handoff import silence
from kefu.core.identity import asked_about
from kefu.core.orders import digits_of_a_phone
from kefu.core.voice import Touch, identity_answer, welcome

_HUMAN = re.compile(
    r"(?:转|找|要|叫|换|接|联系|呼叫|需要|有没有|给我|帮我接).{0,4}(?:人工|真人|活人)|^人工(?:客服|服务)?[。.!?~]*$"
    r"|^(?:好的?|行|可以|麻烦|帮我|给我|你们?|快点?|[嗯那就请,。 ])*转(?:接|过去)?(?:一?下)?"
    r"(?:好了|谢谢|[吧呗啊咯,。!~ ])*$"
    r"|(?:真人|人工)(?:客服)?(?:在吗|呢|接一下|服务)|不(?:想|要)(?:和|跟)机器人|(?:叫|找|让)(?:你们?)?(?:老板|经理|主管|店长|负责人)"
)
"""An explicit wish for a person is not left to a classifier."""

_ACCEPTS = re.compile(r"^(?:好的?|[嗯对那,。 ])*我?(?:需要|要)[的吧,。!~ ]*$")
"""A person was offered, by us or perhaps by a model: 需要."""

_SMALLTALK = {
    "greeting": "{greeting}！我是{maker}的{name}，有什么可以帮{address}？",
    "thanks": "不客气，有需要随时找我，祝{address}生活愉快～",
}

Stage = Callable[[Reading, Ports, Emotion], Decision | None]


def decide(
    parts: ShopParts, asked: Asked, state: State, ports: Ports, stages: tuple[Stage, ...] | None = None
) -> Decision:
    """The decision for one message. Every path ends: with an answer, a question, a model's turn, or a person."""
    asked = without_what_is_denied(corrected(asked, state), state, parts.catalogue)
    asked = with_what_is_left_out(asked, state, parts.compatibility)
    written = with_what_is_meant(in_figures(asked, parts.catalogue), parts.catalogue)
    reading = Reading(parts, written, state)
    emotion = read_emotion(reading.text, parts.emotion, state.emotion)
    decision = _decided(reading, ports, emotion, stages or STAGES)
    if stages is None and (respelled := respelt(reading, decision)):
        again = _decided(respelled, ports, emotion, STAGES)
        if is_better(again, decision):
            decision, written = again, respelled.asked
    if written.query == asked.query:
        return decision
    return replace(decision, slots=as_typed(decision.slots, written.query, asked.query))


def _decided(reading: Reading, ports: Ports, emotion: Emotion, stages: tuple[Stage, ...]) -> Decision:
    for stage in stages:
        decision = stage(reading, ports, emotion)
        if decision is not None:
            return _finish(reading, emotion, soothed(reading, emotion, decision))
    return _finish(reading, emotion, Decision("", reason="no stage answered"))


def human_active(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """People have the conversation: the bot is silent, or says the one configured sentence."""
    if reading.state.owner != "human" and not ports.handoff_state:
        return None
    quiet = silence(ports.handoff_state, reading.parts.desk, reading.asked.now)
    if not quiet.silent:
        return None
    return Decision("human_active", say(reading, quiet.reply), reason=f"hand-off is {ports.handoff_state}")


_FACE = re.compile(r"\[[一-鿿a-zA-Z]{1,4}\]")
"""A face as chats write it: [玫瑰], [OK]."""
_PLEASED = re.compile(
    "[👍👌🌹💐🙏🤝😊😄😀😁😃😆😘🥰😍☺❤💕💖🎉👏💪]|\\[(?:玫瑰|鲜花|ok|OK|强|赞|微笑|呲牙|爱心|抱拳|握手|合十|鼓掌|比心|愉快)\\]"
)


def empty(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """Nothing but spaces, emoji or punctuation: ask what is wanted, once; then a person. A rose or a thumb after an
    answer is a thank-you."""
    said = reading.text.original
    if any(c.isalnum() for c in _FACE.sub("", said)):
        return None
    if _PLEASED.search(said) and not reading.state.is_first_message:
        return Decision("smalltalk", say(reading, _SMALLTALK["thanks"]), found=True, confidence=1.0)
    ask = f"{address_of(reading.parts.voice)}好，请问有什么可以帮到您？"
    return Decision("ask", ask, ask=ask, missing=("question",), reason="the message has no words", failed=True)


def angry(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """An angry customer meets a person, with a soothing word first: the shop's own, where a rule calls a person too."""
    calming = soothe(emotion, reading.state.failures, reading.parts.emotion)
    if calming.hand_off != "angry_customer":
        return None
    own = rule(reading, ports, emotion)
    if own and own.handed_off:
        return own
    return hand_off(reading, "angry_customer", f"evidence: {emotion.evidence}", called(reading, calming.sentence))


def wants_human(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """The customer asks for a person."""
    text = without_manual_work(reading.text.text)
    asked = _HUMAN.search(text) is not None or _accepts_a_person(reading)
    learnt = text == reading.text.text and reading.intent.label == "human_request" and reading.sure
    if asked or (learnt and not asked_about(reading.text.original).kind):
        return hand_off(reading, "customer_request", "asked for a person")
    return None


def _accepts_a_person(reading: Reading) -> bool:
    before = reading.state.last_turn
    if not _ACCEPTS.search(reading.text.text):
        return False
    # A model may have offered one, or something else (要给您查库存吗): there only 需要 is clear enough.
    return "转人工" in before.reply or (before.route in ("llm", "knowledge") and "需要" in reading.text.text)


_SOMEBODY = re.compile(r"[你您谁叫]|名字|机器|真人|客服|智能|助手|模型|\bai\b|who|name|bot|you")
"""An introduction is learnt from sentences that speak of somebody; 营业到几点 does not."""


_OF_OTHERS = re.compile(
    r"在哪|多久|几年|哪年|哪[里儿]|地址|门店|实体店|多少|几[个次天片粒滴勺克块元]|怎么(?!称呼|叫)|咋(?!称呼)"
)
"""你们店在哪 asks for no name, nor does 你就说放多少."""


def identity(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """Who speaks here: the shop's own answer, else the voice's."""
    about = asked_about(reading.text.original)
    learnt = reading.sure and reading.intent.label == "identity" and not about.others
    learnt = learnt and bool(_SOMEBODY.search(reading.text.text)) and not _OF_OTHERS.search(reading.text.text)
    kind = about.kind or ("name" if learnt else "")
    reply = identity_answer(reading.text.original, reading.parts.voice, reading.parts.identity, kind)
    return Decision("identity", reply, "identity", 1.0, found=True) if reply else None


_LEADS_IN = "(?:[哈嘿呵嗯哦好吧行,。!~ ]|无聊|那)*"
_CHATS = re.compile(
    r"^(?:(?:今天|最近|你们?那?边?|外面|这|这边|.{2,3}(?=天气)))*天气(?:真|好|很|太|咋|怎么)?(?:的?不错|好|热|冷|差|样|如何)*[呀啊吗呢的。!?~,]*$"
    rf"|^{_LEADS_IN}(?:你|再)?(?:能|会|可以)?(?:给我|来)?[讲说](?:个|一个|点)?(?:笑话|故事|段子)[吗吧听呀啊。!?~]*$"
    rf"|^{_LEADS_IN}(?:陪我|跟我|我们)?聊(?:会儿?|聊|个)?天[吗吧呗呀。!?~]*$"
    r"|^.{0,4}吃(?:过)?饭了[没吗么]*[呀啊。!?~]*$"
)
_CHATTED = "我是客服{name}，这个帮不上{address}～商品、库存、订单和售后的问题都可以问我。"


def chat(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """Talk about the weather calls nobody."""
    if not _CHATS.search(reading.text.text):
        return None
    return Decision("smalltalk", say(reading, _CHATTED), found=True, confidence=1.0)


def too_often_asked(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """The open question was put again and again and is still open."""
    pending = reading.state.pending
    if pending is None or pending.times < reading.parts.thresholds.asked or not reading.follow.answers_pending:
        return None
    if pending.intent in ORDER_INTENTS and reading.gives_order_facts:
        return None  # a corrected number, then the digits: the question is answered
    again = answer_goods(reading, ports, pending.intent) if pending.intent in GOODS_INTENTS else None
    if again and (not again.missing or (again.pending and again.pending.options != pending.options)):
        return again
    if again and again.found and ASKS_WHICH.search(reading.text.text):
        return again  # 什么颜色的: the list is the answer
    return hand_off(reading, "missing_information", f"asked {pending.times} times for {', '.join(pending.missing)}")


def smalltalk(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """Greetings and thanks, in the shop's voice."""
    sentence = _SMALLTALK.get(reading.intent.label) if reading.sure else None
    if sentence is None or (reading.intent.label == "thanks" and emotion.level != "calm"):
        return None  # 等了一个礼拜了 is no farewell
    if reading.intent.label == "greeting" and _goes_on(reading):
        return None
    said = say(reading, sentence)
    if reading.intent.label == "greeting" and reading.state.is_first_message:
        known = reading.state.customer
        said = welcome(reading.parts.voice, Touch(known.name, known.returning), reading.asked.now)
    return Decision("smalltalk", said, reading.intent.label, found=True)


def _goes_on(reading: Reading) -> bool:
    """Whether a question follows the greeting (你好，请问怎么下单呀)."""
    rest = without_courtesies(reading.text.text)
    if not rest or rest == reading.text.text or not questions_in(rest):
        return False
    without = reading.asking(rest)
    return without.intent.label != "greeting" or without.alone.is_named


_HAN = re.compile(r"[一-鿿]")


def nothing(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """Nobody here knows: a person, with the reason. Keys hit at random (asdfgh) are asked about once."""
    if not _HAN.search(reading.text.text) and not reading.state.failures and not reading.sure:
        ask = f"不好意思，没太看懂{address_of(reading.parts.voice)}的意思，可以再说一遍吗？"
        return Decision("ask", ask, ask=ask, missing=("question",), reason="no word that is known", failed=True)
    if reading.intent.unknown or reading.intent.confidence < reading.parts.thresholds.guess:
        return hand_off(reading, "unknown_question", "outside of what the shop's intents and knowledge cover")
    if not reading.sure:
        return hand_off(reading, "low_confidence", f"{reading.intent.label} only {reading.intent.confidence:.2f}")
    return hand_off(reading, "unknown_question", f"{reading.intent.label}, but nothing is written about it")


STAGES: tuple[Stage, ...] = (
    *(human_active, empty, angry, rules, wants_human, browsing, identity, chat, bulk, too_often_asked, several_things),
    *(details, in_full, warned, another_animal, advice_fails, health, carrier, abroad, sending, sent_back, orders),
    *(compared, advised, given_up, others, for_somebody, after_reductions, several_places, goods, smalltalk),
    *(knowledge, about_goods, perhaps_written, nothing),
)
"""The order of means: rules for the simple, live data for facts, a model for the rest, a person for what is left."""


def _at_once(stage: Stage) -> Stage:
    """``stage`` where it leaves nothing open: a flow whose first tool this is has no model yet, and ways of its own to
    ask for what is missing."""

    def answer(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
        decision = stage(reading, ports, emotion)
        return None if decision is None or decision.needs_llm or decision.missing else decision

    return answer


RULE_STAGES: tuple[Stage, ...] = (
    *(human_active, empty, angry, _at_once(rules), rule, wants_human, identity, _at_once(several_things)),
)
"""Rules, and several questions that are all answered: of a flow's ways each knows one kind of answer."""


def orders_or_told(reading: Reading, ports: Ports, emotion: Emotion) -> Decision:
    """The order room's answer; where that would only ask for a number, first what needs none: the shop's own rule, when
    goods are sent that are bought now, or what is written (能改地址吗)."""
    answer = forced_orders(reading, ports, emotion)
    if not answer.missing or reading.gives_order_facts:
        return answer
    told = None
    if not reading.follow.answers_pending:
        told = _at_once(rule)(reading, ports, emotion) or sending(reading, ports, emotion)
    return told or _written_of_orders(reading, ports, emotion) or answer


def _written_of_orders(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What is written, where one who asks it of `understand` is not asked for an order either."""
    heard = orders(reading, ports, emotion) or surely_written(reading, ports, emotion)
    return heard if heard and heard.route == "knowledge" and not heard.needs_llm else None


GOODS_STAGES: tuple[Stage, ...] = (human_active, too_often_asked, forced_goods)
ORDER_STAGES: tuple[Stage, ...] = (human_active, orders_or_told)


def _finish(reading: Reading, emotion: Emotion, decision: Decision) -> Decision:
    """Add what every decision carries, without working out what nobody needed."""
    read = decision.route not in ("rule", "human_active", "")
    if decision.handed_off and not (decision.product or decision.products) and reading.alone.is_named:
        decision = replace(decision, product=named(reading.alone))  # what is asked next is asked of it
    of_goods = decision.handed_off and decision.intent in (*GOODS_INTENTS, "product_usage")
    if of_goods and not (decision.product or decision.products):
        decision = replace(decision, products=_few(reading.alone.products))
    confidence = decision.confidence or (reading.intent.confidence if read else 0.0)
    device = "" if "device" in decision.attributes else device_said(reading)
    digits = digits_of_a_phone(reading.asked.query)  # an order's number may follow later
    decision = remembered(reading, decision)
    changes = kept_of_changes(reading, len(decision.products) > 1)
    wanted = noted(reading) if decision.route in ("knowledge", "llm", "ask", "compatibility") else {}
    return replace(
        decision,
        remembered={**changes, **wanted, **({"phone_last4": digits} if digits else {}), **decision.remembered},
        attributes={**decision.attributes, "device": device} if device else decision.attributes,
        shop_intent=_as_the_shop_says(reading, decision.intent),
        emotion=emotion.level,
        confidence=round(confidence, 4),
        slots=decision.slots or (reading.slots_said() if read else ()),
        perhaps=reading.perhaps(decision.topic or decision.intent) if read else {},
    )


FEW = 4
"""Goods at most that a message may mean to be spoken of after a person was called for it."""


def _few(products: Sequence[Product]) -> tuple[Named, ...]:
    return tuple(Named(one.id, one.name) for one in products) if 1 < len(products) <= FEW else ()


def _as_the_shop_says(reading: Reading, intent: str) -> str:
    """The shop's id for an intent: the one just heard if it has that role, else the first that has it."""
    roles = reading.parts.roles
    if intent in ("", *(name for name, role in roles.items() if name == role)):
        return intent
    if reading.was_heard and roles.get(reading.shop_intent.label) == intent:
        return reading.shop_intent.label
    said = reading.parts.intents.labels if reading.parts.intents else ()
    named = [name for name, role in roles.items() if role == intent]
    return min(named, key=lambda name: (name not in said, name), default=intent)
