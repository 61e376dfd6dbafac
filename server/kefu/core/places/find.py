"""Where a sentence names a place, and which one: 朝阳 after 北京 is a district, alone it is a city."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import rjieba
from ahocorasick_rs import AhoCorasick, MatchKind

from kefu.core.places.table import DIVISIONS, NAMES, NOT_PLACES, Division, Named, within
from kefu.core.text import Normalised, normalise

_PATTERNS = (*NAMES, *NOT_PLACES)
_SEARCH = AhoCorasick(list(_PATTERNS), matchkind=MatchKind.LeftmostLongest)

_BEFORE = re.compile(
    r"(?:从|由|自|打|到|去|往|至|在|飞|抵|住|位于|来自|寄|送|导航到|回|家|地址[是为:：]?|发往|发到|发货地[是为]?)$"
)
_SONG = re.compile(r"[一这那]首|《")
_AFTER = re.compile(
    r"(?:怎么走|怎么去|在哪|在什么地方|的天气|天气|出发|发货|发出|寄出|发过来|那边|这边|本地|有货|收货)"
)
_SENT_BEFORE = re.compile(r"(?<![沙头理批出开假染护洗烫长短黑白启研])发$")
_SENT_AFTER = re.compile(
    r"[,。!?~ ]*(?:$|(?:的?快递|大概|一般|需要|[要得])?(?:几[天日号]|多久|多少天|哪天|什么时候|啥时候)"
    r"|能?到|包邮|邮费|运费|快递|(?:可以|能|行|发|货)?[吗么嘛不呢])"
)
_ASKED_TO_SEND = re.compile(
    r"(?:能不能|能|可以|可)(?:发|寄|送)(?:货|得?到)?[吗么嘛不]|发不发|寄不寄|送不送|包邮[吗么嘛不]"
)
"""发开封几天, 开封能发吗 name a city; 开封了能退吗, 没开封能退不 do not."""
_CONNECTOR = re.compile(r"\s*(?:直?飞往?|出?发往?|出发|[寄送发]?[到至往]|去|寄|回|转|[-—–~→>]+)\s*")
_JOIN = re.compile(r"(?:的|[ ,，、/·-]|省)?\s*")

_MAKES_ANOTHER_NAME = re.compile(
    r"大学|学院|师范|理工|卫视|电视台|广播|电台|[东西南北中]?(?:路|街|大道|大街|胡同)|[一二三四五六七八九十]+路|"
    r"银行|日报|晚报|早报|晨报|时报|商报|都市报|出版社|啤酒|烤鸭|火锅|小面|拉面|米粉|板鸭|火腿|扒鸡|白药|"
    r"人(?![民才家气均口])|话(?!费|题|剧)|方言|口音|腔|菜(?!鸟)|牌|商会|交响|爱乐|恒大|国安|申花|鲁能|"
    r"河(?![南北源池间口津西东])|这[首部本集]|歌曲|往事|爱情|之夜|之恋|奥运|世博|湾|滩|特产|校区|综艺|影视|高清|[一二三四五六]套|"
    r"[^区市县路号街镇乡,，。 ]{2,10}有限公司|"
    r"[一-鿿]{0,4}(?:频道|广播|电台|新闻网|政府网)|[一二三四五六财经教育交通]{0,2}台(?![州风灯式阶湾北中南儿山])"
)
_ABBREVIATED = {
    "江": "320000", "浙": "330000", "沪": "310000", "京": "110000", "津": "120000", "冀": "130000", "港": "810000",
    "澳": "820000", "台": "710000", "云": "530000", "贵": "520000", "川": "510000", "渝": "500000", "粤": "440000",
    "闽": "350000", "皖": "340000", "苏": "320000", "鲁": "370000", "豫": "410000", "新": "650000", "藏": "540000",
}  # fmt: skip
_TOGETHER = re.compile("江浙沪皖?|苏浙沪|京津冀|港澳台|云贵川|川渝|粤港澳|江浙(?!菜)|新藏(?!青)")
"""Regions by one character each, as shops write them: 江浙沪包邮."""
_RISKY_LENGTH = 2
"""A rejected name this short may hide another one that starts inside it: 天长 in 后天长春."""

_LONGEST = max(map(len, _PATTERNS))

_Hit = tuple[int, int, tuple[Named, ...]]


@dataclass(frozen=True, slots=True)
class PlaceMatch:
    """One place named at ``start:end`` of the original text. ``others`` are the codes it may mean as well."""

    code: str
    name: str
    level: str
    start: int
    end: int
    others: tuple[str, ...] = ()


def find_places(text: str | Normalised) -> tuple[PlaceMatch, ...]:
    """Places in the order they are named; names inside other words (上海滩, 南京路, 厦门大学) are left out."""
    normalised = normalise(text) if isinstance(text, str) else text
    return tuple(
        replace(place, start=start, end=end)
        for place in read_places(normalised.text)
        for start, end in (normalised.span(place.start, place.end),)
    )


def read_places(text: str) -> tuple[PlaceMatch, ...]:
    """``find_places`` for text that is normalised already, with spans in that text."""
    hits = _hits(text)
    found = _Reader(text, hits).read() if hits else []
    found += [
        (match.start() + at, match.start() + at + 1, Named(code, "y", False), ())
        for match in _TOGETHER.finditer(text)
        for at, code in enumerate(_ABBREVIATED[c] for c in match[0])
    ]
    return tuple(
        PlaceMatch(named.code, DIVISIONS[named.code].name, DIVISIONS[named.code].level, start, end, others)
        for start, end, named, others in sorted(found, key=lambda row: row[0])
    )


def _hits(text: str) -> list[_Hit]:
    """Names in ``text``, leftmost and longest first, without overlaps."""
    return [
        (start, end, NAMES[_PATTERNS[index]])
        for index, start, end in _SEARCH.find_matches_as_indexes(text)
        if index < len(NAMES)
    ]


class _Reader:
    """Reads the hits left to right; each accepted place is context for the next."""

    def __init__(self, text: str, hits: list[_Hit]) -> None:
        self.text = text
        self.hits = hits
        self.starts = {start for start, _, _ in hits}
        self.cuts: frozenset[int] | None = None
        self.found: list[tuple[int, int, Named, tuple[str, ...]]] = []

    def read(self) -> list[tuple[int, int, Named, tuple[str, ...]]]:
        waiting = list(reversed(self.hits))
        while waiting:
            start, end, names = waiting.pop()
            inside = self._under_previous(start, names)
            if inside or (self._stands(start, end, names) and not self._runs_on(start, names)):
                chosen = inside or self._under_any(names) or names
                if not self._part_of_another_name(end, chosen[0]):
                    others = tuple(dict.fromkeys(n.code for n in chosen[1:] if n.code != chosen[0].code))
                    self.found.append((start, end, chosen[0], others))
            elif end - start <= _RISKY_LENGTH:
                self._uncover(start, end, waiting)
        return self.found

    def _uncover(self, start: int, end: int, waiting: list[_Hit]) -> None:
        """Put a name that starts inside the rejected one in front of those that wait."""
        window = self.text[start + 1 : end + _LONGEST]
        for first, last, names in _hits(window)[:1]:
            if (hidden := start + 1 + first) < end:
                over = start + 1 + last
                while waiting and waiting[-1][0] < over:
                    waiting.pop()
                waiting.append((hidden, over, names))

    def _under_previous(self, start: int, names: tuple[Named, ...]) -> tuple[Named, ...]:
        """The readings that lie in the place named right before."""
        if not self.found:
            return ()
        _, end, previous, others = self.found[-1]
        if not _JOIN.fullmatch(self.text, end, start):
            return ()
        for code in (previous.code, *others):
            inside = tuple(n for n in names if n.code != code and within(n.code, code))
            if inside:
                if code != previous.code:
                    self._reread_previous(code)
                return inside
        return ()

    def _runs_on(self, start: int, names: tuple[Named, ...]) -> bool:
        """A short county name right behind a place that it is no part of belongs to what follows: 安吉县城西小学."""
        if not self.found or self.found[-1][1] != start or any(n.bare == "y" for n in names):
            return False
        return DIVISIONS[names[0].code].level == "county"

    def _reread_previous(self, code: str) -> None:
        start, end, previous, others = self.found[-1]
        rest = tuple(c for c in (previous.code, *others) if c != code)
        self.found[-1] = (start, end, Named(code, previous.bare, previous.official), rest)

    def _under_any(self, names: tuple[Named, ...]) -> tuple[Named, ...]:
        """The readings that lie in a place named anywhere before."""
        if len(names) < 2:
            return ()
        for _, _, earlier, _ in reversed(self.found):
            inside = tuple(n for n in names if within(n.code, earlier.code))
            if inside:
                return inside
        return ()

    def _stands(self, start: int, end: int, names: tuple[Named, ...]) -> bool:
        if _SONG.search(self.text, max(0, start - 2), start):
            return False
        bare = min((n.bare for n in names), key="yuc".index)
        if bare == "y":
            return True
        if self._in_place_context(start, end) or self._city_is_sent_to(start, end, names):
            return True
        return bare == "u" and self._is_word(start, end)

    def _city_is_sent_to(self, start: int, end: int, names: tuple[Named, ...]) -> bool:
        """A city called like a word (开封, 包头, 日照) where somebody asks how things are sent there."""
        if DIVISIONS[names[0].code].level != "city" or not self._is_word(start, end):
            return False
        sent = _SENT_BEFORE.search(self.text, max(0, start - 2), start) and _SENT_AFTER.match(self.text, end)
        return bool(sent or _ASKED_TO_SEND.match(self.text, end))

    def _in_place_context(self, start: int, end: int) -> bool:
        if _BEFORE.search(self.text, max(0, start - 6), start) and self._ends_phrase(end):
            return True
        connector = _CONNECTOR.match(self.text, end)
        return bool(connector and connector.end() in self.starts) or bool(_AFTER.match(self.text, end))

    def _ends_phrase(self, end: int) -> bool:
        """After 到/去 a plain word counts only where words are cut: 到南山 yes, 到通道口 no."""
        return end == len(self.text) or end in self._boundaries()

    def _is_word(self, start: int, end: int) -> bool:
        boundaries = self._boundaries()
        return start in boundaries and end in boundaries

    def _boundaries(self) -> frozenset[int]:
        if self.cuts is None:
            at, cuts = 0, [0]
            for word in rjieba.cut(self.text, True):
                at += len(word)
                cuts.append(at)
            self.cuts = frozenset(cuts)
        return self.cuts

    def _part_of_another_name(self, end: int, named: Named) -> bool:
        if named.official and DIVISIONS[named.code].short != DIVISIONS[named.code].name:
            return False
        return bool(_MAKES_ANOTHER_NAME.match(self.text, end))


def resolve_place(name: str) -> Division | None:
    """The division that ``name`` (whole, or a chain such as 浙江省杭州市西湖区) means; its best reading if several."""
    text = normalise(name).text.strip(" ,，。")
    if text in NAMES:
        return DIVISIONS[NAMES[text][0].code]
    found = find_places(text)
    if not found or found[-1].end != len(text):
        return None
    return DIVISIONS[found[-1].code]
