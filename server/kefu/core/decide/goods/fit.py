"""Goods that must fit the customer's device: when that is asked, of which device, and the answer from the data."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kefu.core.catalogue.answers.shelf import Shelf
from kefu.core.catalogue.fit.answer import ANSWERED, SHORT_NOTE, FitAnswer, KnownDevice, fit_answer
from kefu.core.catalogue.fit.compatibility import DeviceMatch
from kefu.core.catalogue.fit.years import said_year
from kefu.core.catalogue.values import Product, Resolution
from kefu.core.catalogue.words import key
from kefu.core.decide.goods.side_by_side import told_one_by_one
from kefu.core.decide.hearing.reading import Reading, named, sku_name
from kefu.core.decide.values import Decision
from kefu.core.dialogue import Pending
from kefu.core.text import normalise

_PRICED = re.compile(r"多少?钱|价|几块|[怎咋]么?卖")


def answer_fit(reading: Reading, shelf: Shelf, shown: Sequence[Product], ordered: Sequence[str] = ()) -> Decision:
    """The decision for a question what fits, or whether something does; ``shown``: the goods spoken of before,
    ``ordered``: the SKUs of an order that is asked about."""
    state = reading.state
    pending = state.pending if state.pending and state.pending.intent == "compatibility" else None
    filled = dict(pending.filled) if pending and (reading.follow.answers_pending or answers_the_year(reading)) else {}
    before = [product.id for product in _goods_meant(reading, shown)]
    last = ordered or ([reading.follow.product.id] if reading.follow.product else before)
    year_asked = "year" in pending.missing if pending and filled else False
    answer = fit_answer(
        shelf,
        reading.parts.compatibility,
        reading.asked.query,
        device=KnownDevice(filled.get("device") or known_device(reading) or _not_in_the_data(reading), year_asked),
        part=filled.get("part", ""),
        last=last,
        goods=_goods_said(reading),
        priced=_PRICED.search(reading.text.text) is not None,
    )
    return Decision(
        route="ask" if answer.missing else "compatibility",
        reply=answer.reply,
        intent="compatibility",
        found=answer.found,
        available=bool(answer.skus),
        missing=answer.missing,
        ask=answer.ask,
        product=sku_name(reading, answer.skus[0]) if len(answer.skus) == 1 else named(reading.alone),
        products=tuple(n for sku in answer.skus if (n := sku_name(reading, sku))),
        pending=_pending(answer),
        handoff_reason="missing_information" if answer.uncertain else "",
        reason="the shop's data do not say" if answer.uncertain else "",
        attributes={"device": answer.device} if answer.device and answer.missing != ("year",) else {},
        remembered=told_one_by_one(answer.skus),
    )


def _pending(answer: FitAnswer) -> Pending | None:
    if not answer.missing:
        return None
    filled = {name: value for name, value in (("part", answer.part), ("device", answer.device)) if value}
    return Pending("compatibility", answer.missing, answer.ask, filled)


def known_device(reading: Reading) -> str:
    """The customer's device from earlier in the conversation, unless the message names another: its model, or how they
    call it where its year is not known."""
    held = reading.state.attributes.get("device", "") or _of_the_variant_chosen(reading)
    said = reading.parts.compatibility.find_device(reading.asked.query)
    same = said.by_year and held in {device.model for device in said.candidates}
    return held if held and not said.unknown and (said.kind == "none" or same) else ""


def _of_the_variant_chosen(reading: Reading) -> str:
    """The one device that the variant spoken of is made for (mats for the electric one … 那雨刮呢)."""
    found = reading.parts.catalogue.by_sku(reading.state.product.id) if reading.state.product else None
    if found is None or not _goods_said(reading) or found[0] in _goods_said(reading):
        return ""
    served = reading.parts.compatibility.serves(*found)
    return next(iter(served)) if len(served) == 1 else ""


def of_the_place_said(reading: Reading) -> Resolution | None:
    """Of the variants just listed for the customer's device the one whose place there is said (主驾那支, of 26寸 主驾
    and 16寸 副驾); None if none or several are."""
    device = reading.parts.compatibility.device(known_device(reading))
    listed = [pair for thing in reading.state.products if (pair := reading.parts.catalogue.by_sku(thing.id))]
    if device is None or len(listed) < 2:
        return None
    notes = [(pair, reading.parts.compatibility.fits(device, *pair).note) for pair in listed]
    said = [pair for pair, note in notes if note and len(note) <= SHORT_NOTE and note in reading.text.text]
    return Resolution("exact", said[0][0], (said[0][1],), how="last") if len(said) == 1 else None


def device_said(reading: Reading) -> str:
    """What the conversation remembers of the device that the message names; "" if it names none."""
    found = reading.parts.compatibility.named_in(reading.asked.query)
    if found.kind == "exact" and found.device:
        return found.device.model
    told_apart = reading.parts.compatibility.device(found.by_year) is None
    return found.by_year if told_apart else ""


def names_only_a_device(reading: Reading) -> bool:
    """Whether the message tells the customer's device and asks nothing besides (我是21款的翠鸟)."""
    return device_said(reading) != "" and _nothing_besides(reading, ())


_MINE = re.compile(
    r"我(?:的|这|那|家)?(?:[台辆个部])?(?:车子?|手机|电脑|笔记本|本子|平板|相机|机型|车型)(?:型号?)?(?:是|叫)"
    r"(?P<what>.{2,16}?)(?=[ ,。!?]|能|可以|有|[怎咋]|吗|$)"
)
_NO_MODEL = re.compile("[座色电油款新旧老买友][的车]?$|自动|手动|什么|哪|的$")


def _not_in_the_data(reading: Reading) -> str:
    """A device that the shop's data do not have: a make with a number (戴尔5559), what is said to be one's own."""
    slot = next((slot.value for slot in reading.slots if slot.type == "model"), "")
    mine = _MINE.search(reading.text.text)
    said = mine["what"] if mine and not _NO_MODEL.search(mine["what"]) else ""
    return slot or re.sub("(?<=[款年])的", "", said)


_BESIDES = re.compile(
    r"(?:[那还再也我他她的是车这就要想买拍来配给换装用能可以有没呢吗啊呀嘛么不了行吧开款年对,。?!~ \d]|什么|啥"
    r"|哪[个种款]?|怎么|多[少大长]|几|寸|[主副]驾?驶?|号|型号?|规格|尺[寸码]|推荐|[一两二三]?[个套副条片支]|知道|清楚|不懂|合适|适[合配用])*"
)
"""What is said besides the goods and the device where nothing but what fits is asked."""
_GOODS_ASKED = ("stock_query", "price_query", "compatibility")


def asks_for_the_device(reading: Reading, shown: Sequence[Product]) -> bool:
    """Goods that must fit are asked for while the customer's device is known or named (五菱宏光脚垫有吗 … 雨刷呢):
    which of them do fit is the answer, not what there is."""
    said = reading.parts.compatibility.named_in(reading.asked.query)
    says_it = said.kind != "none" or bool(said.unknown)
    device = says_it or known_device(reading) or _not_in_the_data(reading)
    if not device or (not says_it and _is_for_another_device(reading, shown)):
        return False
    if reading.alone.variant and (not says_it or said.unknown):
        return False  # 那S9pro的蓝的有没有: the data do not know that phone, the goods do
    if _OF_MANY.search(reading.text.text):
        return False
    goods = _goods_meant(reading, shown)
    if not goods:  # 他开老款卡罗拉: for which goods is asked
        return said.kind == "exact" and not reading.sure and _nothing_besides(reading, ())
    asks = reading.topic in _GOODS_ASKED or _FITS.search(reading.text.text) or _nothing_besides(reading, goods)
    return bool(asks) and _is_for_the_data(reading, said, goods)


def _is_for_another_device(reading: Reading, shown: Sequence[Product]) -> bool:
    """Whether the variants that the message chooses are all called after other models than the one known (那S9pro的
    蓝的 after a case for the S9): then the customer speaks of that one."""
    device = reading.parts.compatibility.device(known_device(reading))
    if device is None or device.model not in (value for _, value in device.attributes):
        return False
    having = reading.parts.catalogue.having(reading.wished_for, shown)
    chosen = reading.parts.catalogue.left_of(reading.wished_for, having)
    verdicts = {reading.parts.compatibility.fits(device, p, v).verdict for p, variants in chosen for v in variants}
    return verdicts == {"no"}


_OF_MANY = re.compile("[总一]共|总计|合计|加起来|总价|够")
"""A sum, or whether so many are enough (这一桶够吗)."""
_FITS = re.compile(
    r"兼容|适配|适用|匹配|通用|配得上|装得[上了下]|能不能[用装]|可以[用装]|能[用装配](?!多|几|券|卡|花呗|信用|到|成|[一半]年)"
)


def _is_for_the_data(reading: Reading, said: DeviceMatch, goods: Sequence[Product]) -> bool:
    """Whether the data have more to say than what there is: not where all that is asked for fits anyway."""
    compatibility = reading.parts.compatibility
    held = compatibility.device(known_device(reading))
    device = said.device if said.kind == "exact" else held if said.kind == "none" and not said.unknown else None
    if device is None:
        return any(map(compatibility.must_fit, goods)) and not _are_called_so(goods, said.by_year)
    verdicts = {
        compatibility.fits(device, product, variant).verdict for product in goods for variant in product.variants
    }
    if verdicts == {"yes"}:
        return False
    return "no" in verdicts or any(map(compatibility.must_fit, goods))


def _are_called_so(goods: Sequence[Product], name: str) -> bool:
    """Whether one product is meant that is called after a device of several years (朗逸脚垫有吗): its stock is told."""
    names = [key(one) for product in goods for one in (product.spoken, *product.aliases)]
    return bool(name) and len(goods) == 1 and any(key(name) in one for one in names)


def _goods_meant(reading: Reading, shown: Sequence[Product]) -> tuple[Product, ...]:
    """The goods that the message names, else those ``shown`` before where it names only a device or its year."""
    text = normalise(reading.parts.compatibility.without_devices(reading.asked.query)).text
    if (said := _goods_said(reading)) or not _BESIDES.fullmatch(text):
        return said
    return tuple(product for product in shown if reading.parts.compatibility.concerns(product))


def _goods_said(reading: Reading) -> tuple[Product, ...]:
    """The goods of the compatibility data that the message names, by how their names end too (雨刮 of 无骨雨刮)."""
    compatibility, alone = reading.parts.compatibility, reading.alone
    if alone.is_named and alone.products:
        return alone.products if any(map(compatibility.concerns, alone.products)) else ()
    text = normalise(compatibility.without_devices(reading.asked.query)).text
    return tuple(product for product, ends in reading.parts.goods_to_fit if any(end in text for end in ends))


def _nothing_besides(reading: Reading, goods: Sequence[Product]) -> bool:
    said = reading.asked.query
    text = normalise(reading.parts.compatibility.without_devices(said)).text
    text = re.sub("^新(?: |$)", "", text) if text != normalise(said).text else text  # 新思域
    for end in (name for product in goods for name in (*product.aliases, product.category, *product.ends)):
        text = text.replace(normalise(end).text, " ")
    rest = reading.parts.catalogue.words.besides_goods(text)
    return _BESIDES.fullmatch(rest) is not None


def answers_the_year(reading: Reading) -> bool:
    """Whether the message tells the year, or another word for it, that was just asked of the device (17的, 老款的)."""
    pending = reading.state.pending
    if pending is None or "year" not in pending.missing:
        return False
    compatibility, text = reading.parts.compatibility, reading.asked.query
    if said_year(compatibility.without_devices(text), asked=True):
        return True
    return compatibility.named_in(ANSWERED.sub("", text) + pending.filled.get("device", "")).kind == "exact"
