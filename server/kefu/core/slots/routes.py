"""Places with their part in the sentence: where from, where to, or just where."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kefu.core.places import PlaceMatch
from kefu.core.slots.values import Found

_KIND = {"municipality": "city", "province": "province", "city": "city", "county": "area"}
_FROM_BEFORE = re.compile(
    r"(?:从|由|自|打|发货地[是为:]?|出发地[是为:]?|始发[地站]?[是为:]?)(?:了|是|我们?|你们?|咱们?)?$"
)
_TO_BEFORE = re.compile(
    r"(?:到|至|去|往|飞|抵达?|前往|发[到往去给]?|寄[到往去给]?|送[到往去]?|运[到往去]?|邮[到寄]?|快递到|回|导航到|目的地[是为:]?|"
    r"收货地址?[是为在:]?|地址[是为在:]|赴)(?:了|一下|个|趟|一趟)?$"
)
_NOT_TO = re.compile(r"(?:出发|收到|看到|买到|等到|感到|遇到|拿到|得到|转到|得去|失去|过去|上去|出去)$")
_FROM_AFTER = re.compile(
    r"(?:市|省|区|县|那边|这边|这里|那里|仓库?|[东西南北]站|机场|火车站|虹桥)?(?:直接|统一|这边)?"
    r"(?:出发|起飞|发货(?!到)|发出|寄出|始发|启程|发的货?|寄的|发过来|寄过来|过来|开往|飞往|发往|寄往|运往|出港|仓发)"
)
_CONNECTOR = re.compile(
    r"(?:市|的|那边|这边|这里|仓库?|[东西南北]站|机场|火车站|汽车站|虹桥|本地)?\s*"
    r"(?:[在从]?(?:可以)?(?:怎么|如何)(?:坐车?|走|乘车?|开车)?|直接|出发|直飞|坐[高飞火]?[铁机车]?|开车|自驾)?\s*"
    r"(?:->|=>|[-—–~→>]+|发货?[到往至去]|[寄送运邮飞转回开直]?[到至往去]|直?飞往?|发往?|寄|运|邮|开|回|转)\s*[,，]?(?:我们?|你们?)?"
)
_TRANSPORT = re.compile(
    r"火车|高铁|动车|机票|飞机|航班|车票|大巴|汽车票|路线|怎么走|多远|几天|多久|快递|物流|运费|邮费"
)
_GAP_IN_GROUP = re.compile(r"[的 ,，、/·-]?")


def find_routes(text: str, places: tuple[PlaceMatch, ...]) -> Iterator[Found]:
    """Slots province, city and area for the places (spans in ``text``), with from_ or to_ in front where said."""
    groups = _groups(text, places)
    roles = _roles(text, groups)
    for group, role in zip(groups, roles, strict=True):
        for place in group:
            kind = _KIND[place.level]
            confidence = 0.7 if place.others else 0.97
            yield Found(role + kind, place.start, place.end, place.code, confidence)


def _groups(text: str, places: tuple[PlaceMatch, ...]) -> list[list[PlaceMatch]]:
    """Places written as one: 江苏南京, 浙江省绍兴市上虞区. A repeated city inside its own group is dropped."""
    groups: list[list[PlaceMatch]] = []
    for place in places:
        previous = groups[-1][-1] if groups else None
        if previous and _GAP_IN_GROUP.fullmatch(text, previous.end, place.start):
            if _ancestor(previous.code, place.code):
                groups[-1].append(place)
                continue
            if place.start == previous.end and any(p.code == place.code for p in groups[-1]):
                continue
        groups.append([place])
    return groups


def _ancestor(above: str, below: str) -> bool:
    stem = above.rstrip("0") if len(above) == 6 and above.isdigit() else above
    stem += "0" * (len(stem) % 2) if stem.isdigit() else ""
    return above != below and below.startswith(stem)


def _roles(text: str, groups: list[list[PlaceMatch]]) -> list[str]:
    roles = [_own_role(text, group[0].start, group[-1].end) for group in groups]
    for left in range(len(groups) - 1):
        between = text[groups[left][-1].end : groups[left + 1][0].start]
        if _CONNECTOR.fullmatch(between) and roles[left] != "to_":
            roles[left], roles[left + 1] = "from_", "to_"
    if len(groups) == 2 and roles == ["", ""] and _side_by_side(text, groups):
        return ["from_", "to_"]
    return roles


def _side_by_side(text: str, groups: list[list[PlaceMatch]]) -> bool:
    """北京上海的机票: two cities next to each other and a word for travel."""
    between = text[groups[0][-1].end : groups[1][0].start]
    return not between.strip() and bool(_TRANSPORT.search(text, groups[1][-1].end))


def _own_role(text: str, start: int, end: int) -> str:
    before = text[max(0, start - 8) : start].rstrip(" :：")
    if _FROM_AFTER.match(text, end):
        return "from_"
    if _FROM_BEFORE.search(before):
        return "from_"
    if _TO_BEFORE.search(before) and not _NOT_TO.search(before):
        return "to_"
    return ""
