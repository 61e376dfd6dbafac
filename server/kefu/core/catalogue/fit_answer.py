"""Answers about compatibility: the question for the model, the parts that fit, or whether one part does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kefu.core.catalogue.choose import full_name, label, which_product
from kefu.core.catalogue.compatibility import Compatibility, fitting
from kefu.core.catalogue.phrases import WHICH_ONE, opening, some_of
from kefu.core.catalogue.stock import Shelf, StockState, amount
from kefu.core.catalogue.values import Device, Product, Resolution, Variant
from kefu.core.catalogue.words import STANDARD, fold, measures

SHOWN = 4
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
A_SENTENCE = 4
"""Latin words from which a message without Chinese is English: its words are no names."""
LONGEST_NAME = 24
"""Characters up to which a message that asks nothing is the device's name as a whole (戴尔灵越5559)."""
_MODEL_LIKE = re.compile(r"[A-Za-z]*\d+[A-Za-z0-9-]*|[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class FitAnswer:
    """``fits``: the part in question fits (None = not asked about one part, or not known). ``skus`` fit for sure."""

    found: bool
    reply: str
    missing: tuple[str, ...] = ()
    ask: str = ""
    device: str = ""
    part: str = ""
    skus: tuple[str, ...] = ()
    fits: bool | None = None
    uncertain: bool = False


def fit_answer(
    shelf: Shelf, compatibility: Compatibility, text: str, *, device: str = "", part: str = "", last: Sequence[str] = ()
) -> FitAnswer:
    """``device`` and ``part`` are slots or what an earlier turn left (``part``: a category or product name)."""
    products, one = _parts(shelf, compatibility, text, part, last)
    named = part or (one.product.name if one and one.product else products[0].category if products else "")
    found = compatibility.find_device(device or text)
    if found.kind == "none" and device:
        found = compatibility.find_device(text)
    if found.kind == "ambiguous":
        ask = f"请问您的机型是{'、'.join(d.model for d in found.candidates)}中的哪一款？"
        return FitAnswer(False, opening(shelf.address) + ask, ("device",), ask, part=named)
    if found.device is None:
        return _no_device(shelf, text, device or found.unknown, named)
    if not products:
        ask = f"请问您想给{found.device.model}配什么配件？比如{'、'.join(compatibility.categories[:3]) or '内存条'}。"
        return FitAnswer(False, opening(shelf.address) + ask, ("part",), ask, device=found.device.model)
    if one and one.product:
        return _one_part(shelf, compatibility, found.device, one.product, one.variants or one.product.variants, named)
    return _choice(shelf, compatibility, found.device, products, named)


def _parts(
    shelf: Shelf, compatibility: Compatibility, text: str, part: str, last: Sequence[str]
) -> tuple[tuple[Product, ...], Resolution | None]:
    """The products asked about: one product named, else a category, else those spoken of before."""
    catalogue = shelf.catalogue
    for said in filter(None, (compatibility.without_devices(text), part)):
        meant = catalogue.resolve(said)
        if meant.product and meant.is_named:
            return (meant.product,), meant
        if (category := catalogue.category_in(said)) in compatibility.categories or category:
            return catalogue.in_category(category), None
    meant = catalogue.resolve("", last=last) if last else Resolution("none")
    if meant.product:
        return (meant.product,), meant
    return meant.candidates, None


def _no_device(shelf: Shelf, text: str, device: str, part: str) -> FitAnswer:
    machine = _MACHINE.search(text)
    what = machine[0] if machine else "设备"
    processor = _PROCESSOR.search(device or text)
    if processor:
        text, device = _PROCESSOR.sub(" ", text), ""
    said = device or _model_said(shelf, text, part)
    if said and (device or not machine):
        reply = f"资料里暂时没有“{said}”这个机型，能不能兼容暂不确定，为免买错，我请同事帮您核实。"
        return FitAnswer(False, opening(shelf.address) + reply, part=part, uncertain=True)
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


def _one_part(
    shelf: Shelf,
    compatibility: Compatibility,
    device: Device,
    product: Product,
    variants: Sequence[Variant],
    named: str,
) -> FitAnswer:
    fits = [(variant, compatibility.fits(device, product, variant)) for variant in variants]
    good = [variant for variant, fit in fits if fit.verdict == "yes"]
    head = opening(shelf.address)
    if good:
        which = (
            "、".join(filter(None, (label(product, v) for v in good)))
            if len(good) < len(variants) or len(good) == 1
            else ""
        )
        note = next((f"{fit.note}。" for _, fit in fits if fit.verdict == "yes" and fit.note), "")
        name = f"{product.spoken}（{which}）" if which else product.spoken
        reply = f"{head}可以的，{name}能用在{device.model}上。{note}"
        skus = tuple(v.sku for v in good)
        return FitAnswer(
            True, reply + _stock_line(shelf, product, good), device=device.model, part=named, skus=skus, fits=True
        )
    if any(fit.verdict == "unknown" for _, fit in fits):
        reply = f"{head}{_called(product, variants)}能不能用在{device.model}上暂不确定，为免买错，我请同事帮您核实。"
        return FitAnswer(True, reply, device=device.model, part=named, uncertain=True)
    note = next((fit.note for _, fit in fits if fit.note), "")
    reply = f"{head}{_called(product, variants)}不适合{device.model}{f'：{note}' if note else ''}。"
    others = [p for p in shelf.catalogue.in_category(product.category) if p.id != product.id]
    offer = fitting(compatibility, device, others)
    if offer:
        reply += f"能用的是{_listed(offer)}，您看需要吗？"
    skus = tuple(v.sku for _, v in offer)[:20]
    return FitAnswer(True, reply, device=device.model, part=named, skus=skus, fits=False)


def _called(product: Product, variants: Sequence[Variant]) -> str:
    """The product's name, with the variants that are spoken of where there are others."""
    which = "、".join(filter(None, (label(product, v) for v in variants[:6]))) if variants != product.variants else ""
    return f"{product.spoken}（{which}）" if which else product.spoken


def _choice(
    shelf: Shelf, compatibility: Compatibility, device: Device, products: Sequence[Product], named: str
) -> FitAnswer:
    good = fitting(compatibility, device, products)
    head = opening(shelf.address)
    if not good:
        fits = [compatibility.fits(device, p, v) for p in products for v in p.variants]
        if any(fit.verdict == "unknown" for fit in fits):
            reply = f"{head}{device.model}能用哪些{named}暂不确定，为免买错，我请同事帮您核实。"
            return FitAnswer(True, reply, device=device.model, part=named, uncertain=True)
        notes = {fit.note for fit in fits if fit.note}
        why = f"：{notes.pop()}" if len(notes) == 1 else ""
        return FitAnswer(
            True,
            f"{head}很抱歉，店里没有适合{device.model}的{named}{why}。",
            device=device.model,
            part=named,
            fits=False,
        )
    states = shelf.states([variant.sku for _, variant in good])
    there = [(p, v) for p, v in good if states[v.sku].can_be_bought]
    reply = (
        f"{head}适合{device.model}的{named}有：{_listed(there or good)}。{_availability(shelf, good, there, states)}"
    )
    return FitAnswer(True, reply, device=device.model, part=named, skus=tuple(v.sku for _, v in there or good)[:20])


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


def _listed(pairs: Sequence[tuple[Product, Variant]]) -> str:
    """Products with the variants in question: 甲（16GB、32GB）、乙（1TB）."""
    grouped: dict[str, tuple[Product, list[Variant]]] = {}
    for product, variant in pairs:
        grouped.setdefault(product.id, (product, []))[1].append(variant)
    shown = []
    for product, variants in list(grouped.values())[:SHOWN]:
        if len(variants) == 1:
            shown.append(full_name(product, variants[0]))
        else:
            shown.append(f"{product.spoken}（{'、'.join(label(product, v) for v in variants[:6])}）")
    more = f"等{len(grouped)}款" if len(grouped) > SHOWN else ""
    return "、".join(shown) + more


def _stock_line(shelf: Shelf, product: Product, variants: Sequence[Variant]) -> str:
    states = shelf.states([variant.sku for variant in variants])
    parts = []
    for variant in variants[:6]:
        which = label(product, variant) or "这款"
        parts.append(f"{which}{amount(shelf, product, states[variant.sku])}")
    return f"{'、'.join(parts)}。"


__all__ = ["FitAnswer", "fit_answer", "which_product"]
