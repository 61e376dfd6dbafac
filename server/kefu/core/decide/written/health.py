"""Whether something may be used by who is pregnant, nursing, ill or allergic: only what is written of that answers, for
as long as the conversation lasts; else a person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kefu.core.catalogue.values import Product
from kefu.core.decide.goods.properties import facts_of
from kefu.core.decide.hearing.questions import ASKS
from kefu.core.decide.hearing.reading import Reading
from kefu.core.decide.soothing import hand_off
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.facts import FIRST_ANSWERS, MOST, context_of, goods_facts
from kefu.core.decide.written.from_entries import written_in
from kefu.core.decide.written.searching import search
from kefu.core.dialogue import Named
from kefu.core.emotion import Emotion
from kefu.core.knowledge import Entry, Hit, passage, split_passage


@dataclass(frozen=True, slots=True)
class Condition:
    """How customers say a condition, how it is written of, and the word that is put into a question for it."""

    said: re.Pattern[str]
    written: re.Pattern[str]
    word: str


def _condition(word: str, said: str, written: str = "") -> Condition:
    return Condition(re.compile(said), re.compile(written or said), word)


CONDITIONS: Mapping[str, Condition] = {
    "pregnant": _condition("孕妇", "怀孕|怀着(?:孕|宝宝|孩子)|孕[妇期早中晚]|备孕|准妈妈|身孕", "孕"),
    "nursing": _condition("哺乳期", "哺乳|喂奶|母乳|坐?月子"),
    "allergic": _condition("过敏", "(?:对.{1,6}|容易|[会易])过敏(?!包?退)|过敏(?:体质|性?皮肤|肌)", "过敏|敏感"),
    "diabetic": _condition("糖尿病", "糖尿病|高?血糖[高偏]?|糖友"),
    "blood pressure": _condition("高血压", "[高低]血压|血压[高低]"),
    "gout": _condition("痛风", "痛风|尿酸"),
    "heart": _condition("心脏病", "心脏(?:病|不好)|冠心病|搭桥|支架"),
    "ill": _condition("术后", "术后|刚做完手术|化疗|肾病|肝病|甲状腺|甲亢|甲减|哮喘|湿疹|皮炎|胃病|胃溃疡"),
}
"""Conditions by the name under which a conversation remembers them."""

HEALTH = "health"
_USES = "用|吃|喝|涂|抹|擦|敷|贴|戴|服|泡|染|碰|闻"
_MAY_USE = re.compile(
    rf"(?:能|可以|可不可以|敢|适合)(?:不能|放心|一起|天天)?(?:{_USES})(?=[吗么嘛不没的了啊呀吧是?]|\W|$)|(?:{_USES})(?:得了|没事|行[吗么不]|哪)"
    r"|适合[吗么不]|有(?:没有)?(?:影响|害|危害)|安全[吗么不]|会不会(?:有影响|伤)"
)
_WHICH = re.compile(r"哪[款个种些]|推荐|有没有|有什么|有啥")
_GOES_ON = re.compile(r"(?:呢|也(?:可以|能|行)?[吗么不])\W*$")
_OF_ELSE = re.compile(r"多少钱|几块|价格?[格吗]|几天|多久到|发货|快递|[退换赔]|发票|优惠|便宜|有货|库存|下单")
_ALLOWS = "[可能]|适[合用]|放心|安全"
_FORBIDS = "禁|不能|不可|不宜|不建议|不适|不要|勿|慎|忌|避免"


def condition_said(reading: Reading) -> str:
    """The condition that the message speaks of, not as a part of what goods are called (孕妇枕); "" if none."""
    if not any(one.said.search(reading.text.text) for one in CONDITIONS.values()):
        return ""
    rest = reading.parts.catalogue.words.besides_goods(reading.asked.query)
    return next((name for name, one in CONDITIONS.items() if one.said.search(rest)), "")


def health(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """What is written for the condition that was said now or before: the product's own entry, its facts, what holds for
    all goods. Of several goods those that may be used. None: it is not asked whether something may be used."""
    now = condition_said(reading)
    name = now or reading.state.attributes.get(HEALTH, "")
    if name not in CONDITIONS or not _asks_what_may_be_used(reading, bool(now)):
        return None
    condition = CONDITIONS[name]
    goods = _goods(reading)
    which = _WHICH.search(reading.text.text) is not None and len(goods) > 1
    hits = _written(reading, ports, condition, goods)
    by_facts = goods and (which or not any(hit.entry.products for hit in hits))
    told = _by_facts(reading, ports, condition, goods, hits) if by_facts else None
    if told:
        return told
    if hits:
        return written_in(reading, ports, hits)
    return hand_off(reading, "unknown_question", f"nothing is written for who is {name}")


def _asks_what_may_be_used(reading: Reading, now: bool) -> bool:
    text = reading.text.text
    happened = reading.topic in ("after_sales", "complaint") and not reading.alone.is_named  # 用了发痒 … 对宝宝有影响吗
    if happened or (_OF_ELSE.search(text) and not _MAY_USE.search(text)):
        return False
    if _MAY_USE.search(text):
        return ASKS.search(text) is not None or text.endswith("吧")
    if now:
        return False
    before = reading.state.last_turn
    asked_before = _MAY_USE.search(before.said) or any(one.said.search(before.said) for one in CONDITIONS.values())
    goes_on = asked_before or before.route in ("human", "llm", "knowledge")
    named = reading.alone.is_named or bool(reading.alone.products)
    return bool(goes_on and named and (_GOES_ON.search(text) or re.search("用哪|哪[款个种](?:能|可以|适合|好)", text)))


def _goods(reading: Reading) -> tuple[Product, ...]:
    """The goods that the message names, else the one spoken of before."""
    if reading.alone.products:
        return tuple(reading.alone.products)
    held = reading.parts.catalogue.thing(reading.state.product.id) if reading.state.product else None
    return (held,) if held and not _WHICH.search(reading.text.text) else ()


def _written(reading: Reading, ports: Ports, condition: Condition, goods: Sequence[Product]) -> list[Hit]:
    """The entries that speak of the condition, those of the very goods first; none of other goods."""
    names = [one.spoken for one in goods[:1]]
    ways = (reading.asked.query, f"{''.join(names)}{condition.word}能用吗", f"{condition.word}能用吗")
    asked = reading.asking(ways[1])
    found: dict[str, Hit] = {}
    for hit in (*search(reading, ports, ways[0]), *(hit for way in ways[1:] for hit in search(asked, ports, way))):
        held = found.get(hit.entry.id)
        if _may_answer(hit.entry, condition, goods) and (held is None or held.score < hit.score):
            found[hit.entry.id] = hit
    return sorted(found.values(), key=lambda hit: (not hit.entry.products, -hit.score))


def _may_answer(entry: Entry, condition: Condition, goods: Sequence[Product]) -> bool:
    told = f"{entry.title} {entry.question} {entry.content}"
    of_a_claim = re.search("[退赔]", entry.question or entry.title) is not None
    own = not entry.products or any(product.id in entry.products for product in goods)
    return own and not of_a_claim and condition.written.search(told) is not None


def _by_facts(
    reading: Reading, ports: Ports, condition: Condition, goods: Sequence[Product], hits: Sequence[Hit]
) -> Decision | None:
    """The facts of those goods that speak of the condition; of several only of those that it does not rule out."""
    speaking = [product for product in goods if _says(product, condition, f"{_FORBIDS}|{_ALLOWS}")]
    if len(goods) > 1:
        speaking = [product for product in speaking if not _says(product, condition, _FORBIDS)]
    if not speaking:
        return None
    material = goods_facts(reading, ports, speaking[:MOST])
    return Decision(
        route="llm",
        reply="\n".join(split_passage(line)[1] for line in material[:1]),
        intent=reading.topic,
        needs_llm=True,
        context=context_of(reading, [*material, *(passage(hit.entry) for hit in hits)], FIRST_ANSWERS),
        found=True,
        product=Named(speaking[0].id, speaking[0].name) if len(speaking) == 1 else None,
        products=tuple(Named(one.id, one.name) for one in speaking),
        reason=f"the facts of {len(speaking)} products that speak of it",
    )


def _says(product: Product, condition: Condition, verdict: str) -> bool:
    """Whether its facts pass that ``verdict`` on the condition (孕妇禁用, 孕期可用); 孕妇儿童零食, words of a title by
    which it is looked for, is none."""
    return re.search(rf"(?:{condition.written.pattern})[^，。；;,]{{0,12}}(?:{verdict})", facts_of(product)) is not None


def remembered(reading: Reading, decision: Decision) -> Decision:
    """``decision`` with the condition that the message speaks of, which holds for the rest of the conversation."""
    said = condition_said(reading)
    return replace(decision, attributes={**decision.attributes, HEALTH: said}) if said else decision
