"""Answers about compatibility: the question for the model, the parts that fit, or whether one part does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kefu.core.catalogue.answers.said_of_stock import amount
from kefu.core.catalogue.answers.shelf import Shelf, StockState
from kefu.core.catalogue.fit.compatibility import Compatibility, DeviceMatch, fit_alike, fitting
from kefu.core.catalogue.fit.years import said_year, say_years
from kefu.core.catalogue.names.labels import full_name, label, which_product
from kefu.core.catalogue.phrases import WHICH_ONE, opening, say_price, some_of
from kefu.core.catalogue.values import Device, Product, Resolution, Variant
from kefu.core.catalogue.words import STANDARD, fold, measures

SHOWN = 4
SHORT_NOTE = 6
"""Characters up to which a note is said beside the variant."""
_MACHINE = re.compile(r"笔记本|手机|平板|主板|台式机|台式电脑|主机|电脑|相机|路由器|打印机")
_PROCESSOR = re.compile(
    r"(?<![a-z\d])(?:i[3579][- ]?\d{4,5}[a-z]{0,2}\d?|(?:core )?ultra ?[3579] ?\d{3}[a-z]{0,2}"
    r"|(?:r|锐龙|ryzen) ?[3579] ?\d{4}[a-z]{0,2}(?:3d)?|\d{4,5}(?:h[skqx]?|u|x3d))(?![a-z\d])",
    re.IGNORECASE,
)
"""Sits in machines of many makes: no device to look up."""
_LATIN_NAME = re.compile(
    r"(?<![a-z\d])[a-z]{3,20}(?:[ -]?(?:air|pro|max|mini|plus|se|deck|lite|ally|go|[a-z]?\d[\da-z]{0,4})){0,3}"
    r"(?![a-z\d])",
    re.IGNORECASE,
)
"""A device by a name without a number: MacBook Air, iPad, switch."""
_PART_WORD = re.compile(
    r"type-?c|usb|hdmi|vga|dvi|ddr|ssd|hdd|nvme|sata|pcie|wi-?fi|rgb|led|lcd|sim|gan|pro|max|plus|mini|"
    r"laptop|notebook|computer|phone|tablet|desktop|pcs"
)
"""What is said of parts, or of any device."""
_ASKS = re.compile(r"[吗嘛么呢?？]|能|可以|支持|兼容|适合|什么|哪|怎")
_A_CLAUSE = re.compile(_ASKS.pattern + r"|[，,。；;]|只?有|要|想|买|装|插|换|用|没")
_MADE = re.compile("定制|定做|订做|订制|来图|来样|来料")
A_SENTENCE = 4
"""Latin words from which a message without Chinese is English: its words are no names."""
_WHETHER = re.compile(r"能|可以|行不|适[合配用]|兼容|支持|匹配|对不|通用|[^有][吗嘛]")
LONGEST_NAME = 24
"""Characters up to which a message that asks nothing is the device's name as a whole (戴尔灵越5559)."""
_MODEL_LIKE = re.compile(r"[A-Za-z]*\d+[A-Za-z0-9-]*|[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class FitAnswer:
    """``fits``: the part in question fits (None = not asked about one part, or not known). ``skus`` fit for sure.

    ``device``: the model; with the year ``missing``, how the customer calls it.
    """

    found: bool
    reply: str
    missing: tuple[str, ...] = ()
    ask: str = ""
    device: str = ""
    part: str = ""
    skus: tuple[str, ...] = ()
    fits: bool | None = None
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """What the conversation holds of the customer's device: a model or how it was ``called``; ``year_asked``: the
    devices called so differ in their years and the last question was which year it is."""

    called: str = ""
    year_asked: bool = False


def fit_answer(
    shelf: Shelf,
    compatibility: Compatibility,
    text: str,
    *,
    device: KnownDevice = KnownDevice(),
    part: str = "",
    last: Sequence[str] = (),
    goods: Sequence[Product] = (),
    priced: bool = False,
) -> FitAnswer:
    """``device`` and ``part`` are slots or what an earlier turn left (``part``: a category or product name);
    ``goods`` are what the text is about where it names none in full; ``priced``: what they cost is asked too."""
    products, one = _parts(shelf, compatibility, text, part, last, [product.id for product in goods])
    named = part or (one.product.name if one and one.product else products[0].category if products else "")
    found = _device(compatibility, text, device)
    if found.kind == "ambiguous" and not (
        found.by_year and products and fit_alike(compatibility, found.candidates, products)
    ):
        return _which_device(shelf, compatibility, found, named, text)
    meant = found.device or (found.candidates[-1] if found.candidates else None)
    if meant is None:
        return _no_device(shelf, text, device.called or found.unknown, named, found.unknown, products)
    if not products:
        kinds = [
            kind
            for kind in shelf.catalogue.kinds
            if any(map(compatibility.concerns, shelf.catalogue.in_category(kind)))
        ]
        like = f"比如{'、'.join(kinds[:3])}。" if kinds else ""
        ask = f"请问您想给{meant.model}配什么配件？{like}"
        return FitAnswer(False, opening(shelf.address) + ask, ("part",), ask, device=meant.model)
    besides = _besides(compatibility.without_devices(text), products)
    asked = _Asked(shelf, compatibility, meant, named, besides, priced, _WHETHER.search(text) is not None)
    if one and one.product:
        return _one_part(asked, one.product, _variants_asked(asked, one.product, one.variants))
    return _choice(asked, products)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The device that goods are to fit; ``part``: what they are called; ``besides``: what else is said."""

    shelf: Shelf
    compatibility: Compatibility
    device: Device
    part: str
    besides: str
    priced: bool
    whether: bool
    """It is asked whether something fits, not what does."""

    @property
    def called(self) -> str:
        return self.compatibility.called(self.device)

    def answer(self, reply: str, pairs: Sequence[tuple[Product, Variant]] = (), fits: bool | None = None) -> FitAnswer:
        skus = tuple(variant.sku for _, variant in pairs)[:20]
        said = opening(self.shelf.address) + reply
        return FitAnswer(True, said, device=self.device.model, part=self.part, skus=skus, fits=fits)

    def not_known(self, what: str) -> FitAnswer:
        return replace(self.answer(f"{what}暂不确定，为免买错，我请同事帮您核实。"), uncertain=True)


def _device(compatibility: Compatibility, text: str, known: KnownDevice) -> DeviceMatch:
    """The device that the text names, else the one known, of the year that the text says."""
    named = compatibility.named_in(text)
    if named.kind != "none" or named.unknown or not known.called:
        return named if named.kind != "none" or named.unknown else compatibility.find_device(text)
    year = said_year(text, asked=known.year_asked)
    if (decided := compatibility.device(known.called)) and not known.year_asked:
        return compatibility.of_year(decided, year) if year else DeviceMatch("exact", decided)
    other = compatibility.named_in(f"{ANSWERED.sub('', text)}{known.called}") if known.year_asked else named
    if other.kind == "exact":
        return other  # 老款的, of 老款朗逸
    found = compatibility.find_device(known.called, year)
    return found if found.kind != "none" or found.unknown else compatibility.find_device(text)


ANSWERED = re.compile(r"^(?:我的?|是|这个|那个|[,. ])+|[的吧啊呀哦呢了,.。 ]+$")
"""What is said around the answer to the question which of several devices of one name it is (是老款的)."""


def _which_device(shelf: Shelf, compatibility: Compatibility, found: DeviceMatch, part: str, text: str) -> FitAnswer:
    if not found.by_year:
        ask = f"请问您的机型是{'、'.join(compatibility.called(d) for d in found.candidates)}中的哪一款？"
        return FitAnswer(False, opening(shelf.address) + ask, ("device",), ask, part=part)
    years = "；".join(say_years(compatibility.years(device)) or device.model for device in found.candidates)
    at = text.lower().find(found.by_year)
    name = text[at : at + len(found.by_year)] if at >= 0 else found.by_year  # as it was written: Y7000P
    ask = f"请问您的{name}是哪一年的？店里的资料按年款分：{years}，配件不一样。"
    return FitAnswer(False, opening(shelf.address) + ask, ("year",), ask, found.by_year, part)


def _parts(
    shelf: Shelf, compatibility: Compatibility, text: str, part: str, last: Sequence[str], goods: Sequence[str]
) -> tuple[tuple[Product, ...], Resolution | None]:
    """The products asked about: one product named, else a category, else those spoken of before."""
    catalogue = shelf.catalogue
    for said in filter(None, (compatibility.without_devices(text), "" if goods else part)):
        meant = catalogue.resolve(said)
        if meant.product and meant.is_named:
            return (meant.product,), meant
        if (category := catalogue.category_in(said)) in compatibility.categories or category:
            return catalogue.in_category(category), None
    before = goods or last
    meant = catalogue.resolve("", last=before) if before else Resolution("none")
    if meant.product:
        return (meant.product,), meant
    return meant.candidates, None


def _no_device(shelf: Shelf, text: str, device: str, part: str, unknown: str, products: Sequence[Product]) -> FitAnswer:
    machine = _MACHINE.search(text)
    what = machine[0] if machine else "设备"
    processor = _PROCESSOR.search(device or text)
    if processor:
        text, device = _PROCESSOR.sub(" ", text), ""
    said = unknown or device or _model_said(shelf, text, part)
    if said and (unknown or device or not machine):
        reply = f"资料里暂时没有“{said}”这个机型，能不能兼容暂不确定，为免买错，我请同事帮您核实。"
        reply += _offer_to_make(_made_to_order(products))
        told = unknown or device
        return FitAnswer(False, opening(shelf.address) + reply, device=told, part=part, uncertain=True)
    kinds = part in shelf.catalogue.categories or not part
    look = f"能用哪些{part or '配件'}" if kinds else f"{part}能不能用"
    lead = f"{processor[0]}是处理器的型号，很多机型都用它，内部接口却不一定相同。" if processor else ""
    ask = f"{lead}请问您的{what}是什么品牌和型号？我帮您查一下{look}。"
    return FitAnswer(False, opening(shelf.address) + ask, ("device",), ask, part=part)


def _model_said(shelf: Shelf, text: str, part: str) -> str:
    """The device that the text names, as far as its form shows: letters and digits that name no goods of the shop."""
    numbered = (word for word in _MODEL_LIKE.findall(text) if any(c.isdigit() for c in word))
    english = text.isascii() and len(text.split()) >= A_SENTENCE
    names = () if english else _LATIN_NAME.finditer(text)
    named = (match[0] for match in names if not _PART_WORD.fullmatch(match[0].lower()))
    said = next((word for word in (*named, *numbered) if _may_be_a_device(shelf, text, word, part)), "")
    if not said:
        return ""
    bare = text.strip()
    return said if _A_CLAUSE.search(bare) or len(bare) > LONGEST_NAME else bare


def _may_be_a_device(shelf: Shelf, text: str, word: str, part: str) -> bool:
    if STANDARD.fullmatch(word) or _in_amount(text, word) or word.lower() in part.lower():
        return False
    if word.isdigit() and _A_CLAUSE.search(text):
        return False  # 4800和5600能混插吗: a bare number in a sentence is a speed or an amount
    meant = shelf.catalogue.resolve(word)
    return not (meant.product or meant.candidates)


def _in_amount(text: str, said: str) -> bool:
    folded = fold(text)
    return any(said.lower() in folded[start:end] for _, start, end in measures(folded))


def _variants_asked(asked: _Asked, product: Product, meant: Sequence[Variant]) -> Sequence[Variant]:
    """The variants that the message says (朗逸用5w30行不行), else those that are ``meant``."""
    said = asked.shelf.catalogue.choice(product, asked.besides)
    return said.variants if said.mentioned and said.variants else meant or product.variants


def _one_part(asked: _Asked, product: Product, variants: Sequence[Variant]) -> FitAnswer:
    shelf, compatibility, device = asked.shelf, asked.compatibility, asked.device
    fits = [(variant, compatibility.fits(device, product, variant)) for variant in variants]
    good = [variant for variant, fit in fits if fit.verdict == "yes"]
    if good:
        notes = [fit.note for _, fit in fits if fit.verdict == "yes"]
        apart = len({*notes}) > 1 and max(map(len, notes)) <= SHORT_NOTE
        called = (label(product, v) + (f" {note}" if apart else "") for v, note in zip(good, notes, strict=True))
        which = "、".join(filter(None, called)) if len(good) < len(variants) or len(good) == 1 or apart else ""
        note = "" if apart else next((f"{note}。" for note in notes if note), "")
        name = f"{product.spoken}（{which}）" if which else product.spoken
        fit = f"可以的，{name}能用在{asked.called}上" if asked.whether else f"适合{asked.called}的是{name}"
        reply = f"{fit}。{note}{_stock_line(asked, product, good)}"
        return asked.answer(reply, [(product, variant) for variant in good], fits=True)
    if any(fit.verdict == "unknown" for _, fit in fits):
        return asked.not_known(f"{_called(product, variants)}能不能用在{asked.called}上")
    note = next((fit.note for _, fit in fits if fit.note), "")
    reply = f"{_called(product, variants)}不适合{asked.called}{f'：{note}' if note else ''}。"
    offer = fitting(compatibility, device, shelf.catalogue.in_category(product.category) or (product,))
    if offer:
        reply += f"能用的是{_listed(asked, offer)}，您看需要吗？"
    return asked.answer(reply, offer, fits=False)


def _called(product: Product, variants: Sequence[Variant]) -> str:
    """The product's name, with the variants that are spoken of where there are others."""
    which = "、".join(filter(None, (label(product, v) for v in variants[:6]))) if variants != product.variants else ""
    return f"{product.spoken}（{which}）" if which else product.spoken


def _choice(asked: _Asked, products: Sequence[Product]) -> FitAnswer:
    shelf, compatibility, device = asked.shelf, asked.compatibility, asked.device
    fit = fitting(compatibility, device, products)
    if not fit:
        return _none_fits(asked, products)
    left = shelf.catalogue.left_of(asked.besides, shelf.catalogue.having(asked.besides, products))
    said = {variant.sku for _, variants in left for variant in variants}
    good = [pair for pair in fit if pair[1].sku in said] or fit
    states = shelf.states([variant.sku for _, variant in good])
    there = [(p, v) for p, v in good if states[v.sku].can_be_bought]
    of_one = len(there) < len(good) <= SHOWN and len({product.id for product, _ in good}) == 1
    pairs = good if of_one else there or good
    found = f"适合{asked.called}的{asked.part}有：{_listed(asked, pairs, priced=asked.priced and not of_one)}。"
    stock = (
        _stock_line(asked, good[0][0], [v for _, v in good]) if of_one else _availability(shelf, good, there, states)
    )
    return asked.answer(found + stock, pairs)


def _besides(text: str, products: Sequence[Product]) -> str:
    """The text without what the products are called: their values may hold that word too (脚垫三片)."""
    for name in {name for product in products for name in (product.category, *product.aliases) if name}:
        text = text.replace(fold(name), " ")
    return text


def _none_fits(asked: _Asked, products: Sequence[Product]) -> FitAnswer:
    """What the data rule out is said with its reason; a person is called for what they do not speak of."""
    compatibility, device = asked.compatibility, asked.device
    fits = [(p, v, compatibility.fits(device, p, v)) for p in products for v in p.variants]
    reasons = {fit.note: p for p, _, fit in fits if fit.verdict == "no" and fit.note}
    made = _made_to_order(products)
    open_ = [p for p, v, fit in fits if fit.verdict == "unknown" and p not in made and not compatibility.serves(p, v)]
    why = "".join(f"{product.spoken}不适合{asked.called}：{note}。" for note, product in list(reasons.items())[:2])
    if open_ or (made and not why) or not any(fit.verdict == "no" for _, _, fit in fits):
        told = asked.not_known(f"{why}{asked.called}能用哪些{'其他的' if why else ''}{asked.part}")
        return replace(told, reply=told.reply + _offer_to_make(made))
    if why and (made or len(reasons) > 1):
        return asked.answer(why, fits=False)
    because = f"：{next(iter(reasons))}" if reasons else ""
    return asked.answer(f"很抱歉，店里没有适合{asked.called}的{asked.part}{because}。", fits=False)


def _made_to_order(products: Sequence[Product]) -> list[Product]:
    """Goods that are made for the customer's own device."""
    return [product for product in products if _MADE.search(" ".join((product.name, *product.aliases)))]


def _offer_to_make(made: Sequence[Product]) -> str:
    names = "、".join(product.spoken for product in made)
    return f"店里有{names}，能不能按您的做也请同事一起确认。" if names else ""


def _availability(
    shelf: Shelf,
    good: Sequence[tuple[Product, Variant]],
    there: Sequence[tuple[Product, Variant]],
    states: dict[str, StockState],
) -> str:
    if on_order := [f"{full_name(p, v)}{shelf.mark(states[v.sku])}" for p, v in there if states[v.sku].lead]:
        others = "" if len(on_order) == len(there) else "，其他的目前有现货"
        return f"{some_of(on_order, SHOWN)}{others}，{WHICH_ONE}"
    if there:
        return f"这些目前都有现货，{WHICH_ONE}"
    if all(states[v.sku].kind == "out" for _, v in good):
        return "不过目前都缺货。"
    return "库存暂不确定，需要的话我请同事帮您核实。"


def _listed(asked: _Asked, pairs: Sequence[tuple[Product, Variant]], priced: bool = False) -> str:
    """Products with the variants in question: 甲（16GB、32GB）、乙（1TB）; each with the word that the data say of it
    and not of all: 雨刷器（26寸 主驾、16寸 副驾）."""
    notes = {v.sku: asked.compatibility.fits(asked.device, p, v).note for p, v in pairs}
    told = len({*notes.values()}) > 1

    def called(product: Product, variant: Variant) -> str:
        note = notes[variant.sku] if told and len(notes[variant.sku]) <= SHORT_NOTE else ""
        return label(product, variant) + (f" {note}" if note else "") + (_price(variant) if priced else "")

    grouped: dict[str, tuple[Product, list[Variant]]] = {}
    for product, variant in pairs:
        grouped.setdefault(product.id, (product, []))[1].append(variant)
    shown = []
    for product, variants in list(grouped.values())[:SHOWN]:
        if len(variants) == 1:
            shown.append(full_name(product, variants[0]) + (_price(variants[0]) if priced else ""))
        else:
            shown.append(f"{product.spoken}（{'、'.join(called(product, v) for v in variants[:6])}）")
    more = f"等{len(grouped)}款" if len(grouped) > SHOWN else ""
    return "、".join(shown) + more


def _price(variant: Variant) -> str:
    return "" if variant.price is None else say_price(variant.price)


def _stock_line(asked: _Asked, product: Product, variants: Sequence[Variant]) -> str:
    shelf = asked.shelf
    states = shelf.states([variant.sku for variant in variants])
    parts = []
    for variant in variants[:6]:
        which = label(product, variant) or "这款"
        price = f"{_price(variant)}，" if asked.priced and variant.price is not None else ""
        parts.append(f"{which}{price}{amount(shelf, product, states[variant.sku])}")
    return f"{'；'.join(parts) if asked.priced else '、'.join(parts)}。"


__all__ = ["FitAnswer", "fit_answer", "which_product"]
