"""What was warned of is warned of again: who insists on an amount (你就说倒多少嘛), takes half of it, or gets worse."""

from __future__ import annotations

import re
from dataclasses import replace

from kefu.core.decide.hearing.reading import BEGINNING, Reading
from kefu.core.decide.hearing.told import tells_of_use
from kefu.core.decide.soothing import hand_off
from kefu.core.decide.values import Decision, Ports
from kefu.core.decide.written.from_entries import written_in
from kefu.core.decide.written.searching import SURELY, search
from kefu.core.dialogue.state import Turn
from kefu.core.emotion import Emotion
from kefu.core.knowledge import Entry, Hit

LOOK_BACK, OFTEN = 3, 3
"""Answers before this message in which a warning is still what is spoken of; and how often it is said before a person
is called with it."""
_FORBIDS = re.compile(
    r"千万|切勿|切忌|严禁|禁止|绝对不[能可要]|[有剧]毒|毒[死害气]|中毒|[会能]死|要命|很?危险|感染|不要(?:自己|自行|擅自|随意|再)|不能(?:再|重复|过夜|混|代替|装|靠近|直接)|致[命死]|危及?生命|爆炸|触电"
)
_SENDS_TO_A_DOCTOR = re.compile("医院|就医|医生|兽医|急诊|急救|120")
_DOES = "[喂吃喝滴抹涂倒加放用擦喷打服泡混兑贴敷]"
_INSISTS = re.compile(
    rf"{_DOES}(?:它|他|她|我|个|的)?(?:多少|几)|[少稀]{_DOES}?一?[点些]|{_DOES}(?:少|小)?一?(?:点点|点|半|丁点|次)|减半|一半|分[两二三几]次"
    r"|都(?:是)?这[么样]|一直(?:都)?(?:是)?这[么样]|(?:也|都)?没(?:出)?过?(?:什么|啥)?事|试试?(?:看|行|可以|能)|(?:就|只)(?:这)?(?:一|两)[次回下点]|不行[吗么嘛]|[还再]能(?:不能)?(?:接着|继续)?[戴用吃喝喂穿骑开涂抹滴]|(?:没(?:关系|事)|不要紧)的?吧"
)
_WORSE = re.compile(
    r"[有出带便尿咳吐]血|血[丝便尿]|[呕还一又在直]吐|抽搐|[不没][会怎么能]{0,2}动|没(?:有)?精神|不吃|不喝|发[高低]?烧|昏[迷倒]?|[头晕]晕|喘|[疼痛]"
    r"|肿|烂|起[泡疹]|[红发]了|痒|还(?:是)?[拉吐烧咳痒]|拉稀|腹泻|更?(?:严重|厉害|加重)|窒息|过敏"
)
_OF_ELSE = re.compile(
    r"多少钱|几块|价|有[货没]|现货|库存|发货|快递|[送寄发]到|[退换赔]|发票|优惠|便宜(?!点\W*$)|[要来买拿拍][一两三四五六七八九十\d]"
)


def warned(reading: Reading, ports: Ports, emotion: Emotion) -> Decision | None:
    """The warning that was told before, where the message goes on about it; in the end with a person."""
    insists, worse = _insists(reading), _WORSE.search(reading.text.text) is not None
    if not (insists or worse) or _OF_ELSE.search(reading.text.text) or not reading.state.turns:
        return None
    for turn in reversed(reading.state.turns[-LOOK_BACK:]):
        told = _told_in(turn, reading, ports)
        warns = told and (
            (insists and _FORBIDS.search(told.entry.content))
            or (worse and _SENDS_TO_A_DOCTOR.search(told.entry.content))
        )
        if told and warns and not _is_about_others(reading, ports, told.entry):
            return _again(reading, ports, told)
    return None


def _insists(reading: Reading) -> bool:
    return _INSISTS.search(reading.text.text) is not None or tells_of_use(reading)


def _told_in(turn: Turn, reading: Reading, ports: Ports) -> Hit | None:
    """The entry that was surely the answer to a message before."""
    if turn.route != "knowledge":
        return None
    found = search(reading, ports, turn.said)
    return found[0] if found and found[0].score >= SURELY else None


def _is_about_others(reading: Reading, ports: Ports, entry: Entry) -> bool:
    """Whether goods are named that the warning is not bound to, or something else is surely written of the message."""
    named = {product.id for product in reading.alone.products} if reading.alone.is_outright else set()
    words = reading.parts.catalogue.words.naming_goods(reading.asked.query)
    of_the_warning = bool(words) and all(word in entry.content for word in words)  # 药水, of 不要自己滴眼药水
    if named and not named & {*entry.products} and not of_the_warning:
        return True
    found = search(reading, ports, reading.asked.query)
    return bool(found) and found[0].score >= SURELY and found[0].entry.id != entry.id


def _again(reading: Reading, ports: Ports, told: Hit) -> Decision:
    decision = written_in(reading, ports, [told])
    beginning = " ".join(told.entry.content.split())[:BEGINNING]
    if sum(beginning in turn.reply for turn in reading.state.turns) < OFTEN:
        return replace(decision, reason=f"warned of before; {decision.reason}")
    to_a_person = hand_off(reading, "policy", "goes on after it was warned often")
    reply = f"{decision.reply}\n{to_a_person.reply}"
    return replace(to_a_person, reply=reply, hits=decision.hits, sources=decision.sources)
