# ruff: noqa: E501 - patterns and word lists in Chinese count two columns a character
"""Who and where to reach: phone, e-mail, order number, person, street address."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kefu.core.places import PlaceMatch
from kefu.core.slots.values import Found

_PHONE = re.compile(
    r"(?<!\d)(?:\+?86[ -]?)?(?P<mobile>1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?!\d)"
    r"|(?<!\d)(?P<free>[48]00[ -]?\d{3}[ -]?\d{4})(?!\d)"
    r"|(?:尾号|后四位|后4位)\s*(?:是|为|[:：])?\s*(?P<tail>\d{4})(?!\d)"
    r"|(?<!\d)(?P<fixed>0\d{2,3}[ -]\d{7,8}(?:-\d{1,5})?)(?!\d)"
)
_EMAIL = re.compile(r"(?<![a-z0-9._%+-])[a-z0-9][a-z0-9._%+-]{0,63}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}(?![a-z0-9])")
_ORDER_LABEL = r"(?:订单编?号?|单号|运单号?|快递单号?|编号|order(?:\s*(?:no\.?|number|id))?)"
_ORDER = re.compile(
    rf"{_ORDER_LABEL}\s*(?:是|为|[:：#])?\s*(?P<named>(?=[a-z0-9-]*\d{{3}})[a-z0-9][a-z0-9-]{{4,31}})"
    r"|(?<![a-z0-9.])(?P<long>(?:[a-z]{1,4}-?\d{8,24}|\d{12,24})(?:-\d{1,6})?)(?![a-z0-9])"
    r"|(?<![a-z0-9])(?P<prefixed>(?:no|so|dd|od|order|kf|jd|tb|sf|yt|ems|zt|jt|sto|yd)[-:]?\d{6,22})(?![a-z0-9])"
)

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方"
    "白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤欧阳诸葛司马上官"
)
_PERSON = re.compile(
    rf"(?:我叫|名字[是叫为]|姓名[是为:：]?|收[件货]人(?:[是为:：叫]|改[成为])?|联系人[是为:：叫]?|本人)\s*(?P<name>(?:欧阳|诸葛|司马|上官|[{_SURNAMES}])[一-鿿]{{1,2}})(?![一-鿿]*[的地得])"
    rf"|我?姓(?P<surname>[{_SURNAMES}])(?![名氏])"
    rf"|(?P<title>(?:欧阳|诸葛|司马|上官|[{_SURNAMES}])[一-鿿]{{0,2}}?(?:先生|女士|小姐|经理|老师|师傅))(?!傅)"
)
_NAME_END = re.compile(r"(?:电话|手机|地址|收|住|在|的|是|，|,)$")
_ROAD = r"(?:街道|镇|乡|村|(?<!电)路|街|大道|大街|巷|弄|胡同|小区|园区|大厦|大楼|公寓|社区|新村|工业园|开发区|广场)"
_LANDMARK = r"(?:花园|苑|学校|小学|中学|大学|医院|家园|公馆|国际|中心|科技园|产业园|软件园|园|城|里|坊|湾|府|庭|墅|店)"
_NUMBER = r"(?:[a-z]?\d{1,5}[a-z]?(?:-\d{1,4}){0,3}|[一二三四五六七八九十百零甲乙丙丁]{1,5}|[a-z](?=[座栋幢区]))"
_UNIT = r"(?:号楼|号院|号|栋|幢|座|单元|楼|层|室|房|弄|排|门|梯|组|队|区|期)"
_DETAIL = re.compile(
    rf"[的 ,，]?(?:(?:(?!电话|手机|收件|收货|联系)[一-鿿a-z0-9·]){{1,8}}?{_ROAD}[ ,，]?){{1,4}}"
    rf"(?:(?:(?!电话|手机|收件|收货|联系)[一-鿿a-z0-9·]){{0,8}}?(?:{_NUMBER}{_UNIT}|{_LANDMARK}{_NUMBER}?{_UNIT}?)[ ,，-]?){{0,6}}(?:\d{{2,5}}(?!\d))?"
    rf"|[的 ,，]?(?:(?!电话|手机|收件|收货|联系)[一-鿿a-z0-9·]){{1,8}}?(?:{_LANDMARK}[东西南北中]?区?)(?:{_NUMBER}{_UNIT}[ ,，-]?){{1,5}}(?:\d{{2,5}}(?!\d))?"
)


def find_phones(text: str) -> Iterator[Found]:
    """Mobile, landline and 400/800 numbers, and 尾号1234 (its last four digits); normal form is digits (a landline keeps its hyphen)."""
    for match in _PHONE.finditer(text):
        kind = match.lastgroup or ""
        start, end = match.span(kind)
        digits = re.sub("[ ]" if kind == "fixed" else "[ -]", "-" if kind == "fixed" else "", match[kind])
        yield Found("phone", start, end, digits, 0.97)


def find_emails(text: str) -> Iterator[Found]:
    """E-mail addresses, in lower case."""
    for match in _EMAIL.finditer(text):
        yield Found("email", *match.span(), match[0], 0.98)


def find_order_numbers(text: str) -> Iterator[Found]:
    """Order and waybill numbers: after 订单号/单号, or long enough to be nothing else."""
    for match in _ORDER.finditer(text):
        kind = match.lastgroup or ""
        said = match[kind].rstrip("-")
        if len(said) < 5:
            continue
        start = match.start(kind)
        confidence = 0.97 if kind == "named" else 0.85
        yield Found("order_no", start, start + len(said), said.upper(), confidence)


def find_persons(text: str) -> Iterator[Found]:
    """A person who is introduced (我叫…, 收件人…) or addressed by surname and title."""
    for match in _PERSON.finditer(text):
        kind = match.lastgroup or ""
        start, end = match.span(kind)
        while kind == "name" and end - start > 2 and _NAME_END.search(text, start, end):
            end -= 1
        yield Found("person", start, end, text[start:end], 0.9 if kind == "name" else 0.75)


_AROUND = re.compile(r"(?:[那这]边|[那这]里|附近|周边)\D*")
"""大理那边的一个镇上: somewhere near, no address."""


def find_addresses(text: str, places: tuple[PlaceMatch, ...]) -> Iterator[Found]:
    """A place followed by street, building or room; one slot over the whole, normalised to the text itself."""
    for index, place in enumerate(places):
        if index and places[index - 1].end >= place.start - 1 and _leads(places, index):
            continue
        end = place.end
        for later in places[index + 1 :]:
            if later.start - end > 1:
                break
            end = later.end
        detail = _DETAIL.match(text, end)
        if detail and _AROUND.fullmatch(detail[0]):
            continue
        if detail and len(detail[0].strip()) >= 2:
            last = end + len(detail[0].rstrip(" ,，-"))
            yield Found("address", place.start, last, text[place.start : last], 0.9)


def _leads(places: tuple[PlaceMatch, ...], index: int) -> bool:
    """Is the place before this one part of the same address?"""
    return places[index].start - places[index - 1].end <= 1
