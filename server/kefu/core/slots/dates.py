# ruff: noqa: E501 - patterns and word lists in Chinese count two columns a character
"""Dates: 明天, 下周三, 月底前, 双十一, 去年11月11号, 三天后 → ISO days, months, years and spans of days.

Normal forms: ``2026-11-23`` (a day), ``2026-11`` (a month), ``2026`` (a year), ``FIRST/LAST`` (all days between),
``/LAST`` (by that day), ``FIRST/`` (from that day on).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from kefu.core.slots.calendar import FESTIVALS, festival, lunar_date
from kefu.core.slots.numbers import parse_int
from kefu.core.slots.values import Found

_N = r"(?:\d{1,3}|[一二两三四五六七八九十半几]{1,3})"
_M = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_D = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|[二]十|廿[一二三四五六七八九]?|[一二三四五六七八九])"
_YEAR_WORD = r"大后年|大前年|今年|明年|去年|前年|后年|当年"
_YEAR = r"\d{4}年|[零〇一二三四五六七八九]{4}年|(?<![\d.])\d{2}年"
_WEEK = r"(?:这|本|上上|下下|上|下)(?:一)?个?(?:周|星期|礼拜)"
_WEEKDAY = r"[一二三四五六日天末]"
_BOUND = r"(?:(?:之前|以前|前(?!台|面|端|天|几|两)|之后|以后|后(?!台|面|天|期|来))(?!的?订单))?"

_FORMS: tuple[tuple[str, str], ...] = (
    ("iso", r"(?<![\d.])\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?![\d.])"),
    ("lunar", rf"(?:农历|阴历)?(?:大年|正月|腊月|冬月)初?{_D}|(?:农历|阴历){_M}月初?{_D}|大年初{_D}"),
    ("full", rf"(?:{_YEAR}|(?:{_YEAR_WORD})的?){_M}月份?(?:{_D}[日号]?(?!\d*[点:时]|个|[月天件]))?"),
    ("month_day", rf"(?<![\d.]){_M}月{_D}(?:[日号](?!线)|(?![\d点:时个月天件]))"),
    ("rel_month_day", rf"(?:这个?|本|下下?个?|上个?|当)月{_D}[日号]"),
    ("rel_month_part", r"(?:这个?|本|下下?个?|上个?|当)?月(?:底|末|初|中旬|上旬|下旬)"),
    ("month_part", rf"(?<![\d.]){_M}月(?:份)?(?:底|末|初|中旬|上旬|下旬)"),
    ("month", rf"(?<![\d.]){_M}月份?(?!\d|饼|薪|供)"),
    ("festival", rf"(?:{_YEAR_WORD})?(?:的)?(?:{'|'.join(re.escape(name) for name in FESTIVALS)})节?"),
    ("year_part", rf"(?:{_YEAR_WORD})?(?:上半年|下半年)|(?:{_YEAR_WORD}|{_YEAR}|年)(?:底|末|初|中)(?!秋)|年前|年后"),
    ("year_word", _YEAR_WORD),
    ("year", rf"(?:{_YEAR})(?!代)"),
    ("span", rf"(?:未来|接下来|最近|近|过去|这|前|后)(?:的)?{_N}个?(?:天|日|周|星期|礼拜|月|年)(?![一二三四五六日末])"),
    ("offset", rf"(?:再?过)?(?<![第\d.:]){_N}(?:个?(?:天|周|星期|礼拜|月|年)(?:半)?(?:之后|以后|后|之前|以前|前)|日(?:之后|以后|后))(?!台|面)|再?过{_N}个?(?:天|周|星期|礼拜|月)"),
    ("within", rf"(?<![第\d.:]){_N}个?(?:天|日|周|星期|礼拜|月)(?:之内|以内|内)"),
    ("weekday", rf"{_WEEK}的?周?{_WEEKDAY}(?!天)"),
    ("week", rf"{_WEEK}(?!边|围|岁|[一二三四五六日天末])"),
    ("rel_month", r"(?:这个|本|下下个|下个?|上个?|当)月(?!\d|光|饼|亮|薪|供|牙)"),
    ("bare_weekday", rf"(?:星期|礼拜){_WEEKDAY}|(?<![一二两三四五六七八九十几半上下这本每\d])周{_WEEKDAY}|(?<=每)周{_WEEKDAY}|(?<=周[一二三四五六])周{_WEEKDAY}|(?<=\d)周[一二三四五六日末](?!天|年|次|个|后|前|左|内)"),
    ("day_word", r"大{0,2}[后前]天|今[天日儿]个?(?!头条|说法|关注|资本)|明[天日儿]个?(?!方舟|之后|会更好|之子|香)|[后前昨][天日](?!重现)|昨儿个?|今明两?天|明后两?天"),
    ("short", r"[今明昨](?=[早晚晨夜]|(?:上午|中午|下午))"),
    ("recent", r"(?<![离距近])最近(?!的?(?:一家|门店|店|地铁|距离|自提|驿站|网点))|近期|近日|近来|[这前过]几天|[这前]两天|这段时间|这阵子"),
    ("day", rf"(?<![\d.a-z第尾号型编码一二三四五六七八九十-]){_D}[号日](?!线|楼|门|店|汽油|柴油|油|色|电池|电|机|车|院|厅|文件|码|公路|选手|桌|台|库|仓|链接|链|款|球|字|铺|房|床|航站|粉|膏|钻|包|桶|袋|胶|钢|充气|针|的?(?:颜色|色|款)|[a-z\d])"),
)  # fmt: skip
_FIRST = "[今明昨后前大去当再过上下本这每农阴正腊冬周星礼未接最近年月零〇一二两三四五六七八九十半几廿\\d元跨情妇女植愚劳青儿建教国万光双平圣春新端七中重小母父感除清黑]"
_SCAN = re.compile(
    f"(?={_FIRST})(?:" + "|".join(f"(?P<{name}>{form})" for name, form in _FORMS) + f")(?P<bound>{_BOUND})"
)

_DAY_WORDS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3, "大大后": 4, "大大前": -4}
_YEAR_WORDS = {"大前年": -3, "前年": -2, "去年": -1, "今年": 0, "当年": 0, "明年": 1, "后年": 2, "大后年": 3}
_WEEKDAYS = {c: i for i, c in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
_UNTIL = re.compile(r"\s*(?:到|至|[-~—–])\s*")
_CONTINUES = ("day", "bare_weekday", "month_day")
"""3号到5号, 周一到周五: the second day is the next such day after the first."""
_A_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_AMBIGUOUS_FESTIVAL = re.compile(r"十一|五一|六一|八一|三八|五四|51|315|520|618|818|六一八|新年|过年|跨年")
_FESTIVAL_GUARD = re.compile(r"[\d点个号月日.%元块米路广城折级套件斤克年万千百楼栋岁条寸度双码]|g|ml|cm|w|大街")
_ELEVEN_NEEDS = re.compile(r"期间|假期|长假|黄金周|放假|节|[去前后回出之以]|国庆|当天|活动|大促|发货|能|有|到|的时候")
_PAST = re.compile(r"(?:就在|才到|下的单|下单[的了]|买的|买了|拍的|付的|付了|订的|收到了|历史|发的|寄的|已经|的时候就)")
_YEARS_OF_USE = re.compile(r"(?:质保|保修|用了|过了|满|工龄|保|需要|用)$")


def find_dates(text: str, today: date) -> Iterator[Found]:
    """Every date that the normalised ``text`` names, meant on the day ``today``."""
    past = bool(_PAST.search(text))
    at = 0
    first: date | None = None
    while match := _SCAN.search(text, at):
        form = next(name for name, _ in _FORMS if match[name] is not None)
        said = match[form]
        if _is_other(form, said, text, match):
            at = match.start() + 1
            continue
        continued = first and form in _CONTINUES and _UNTIL.fullmatch(text, at, match.start())
        meaning = _READERS[form](said, first if first and continued else today, past and not continued)
        if meaning is None:
            at = match.start() + 1
            continue
        yield Found("date", match.start(), match.end(), _bounded(meaning, match["bound"], said), _confidence(form))
        at = match.end()
        first = date.fromisoformat(meaning) if _A_DAY.fullmatch(meaning) else None


def _confidence(form: str) -> float:
    return {"recent": 0.6, "day": 0.8, "month": 0.7, "year": 0.8, "within": 0.7, "offset": 0.85}.get(form, 0.97)


def _is_other(form: str, said: str, text: str, match: re.Match[str]) -> bool:
    """A date's shape that means something else here: 质保2年, 1977年历史上, 十一件, 618元."""
    rest = text[match.end(form) : match.end(form) + 4]
    if form == "festival":
        plain = said.removesuffix("节")
        if plain == "十一":
            return not _ELEVEN_NEEDS.match(rest)
        before = text[match.start() - 1 : match.start()]
        if _AMBIGUOUS_FESTIVAL.fullmatch(plain):
            return (
                bool(_FESTIVAL_GUARD.match(rest))
                or (before.isalnum() and before.isascii())
                or before in tuple("十二三四五六七八九第¥")
            )
        return plain == "小年" and bool(re.match("轻|级|糕", rest))
    if form == "year":
        if rest.startswith("历史") or _YEARS_OF_USE.search(text, max(0, match.start() - 3), match.start()):
            return True
        return len(said) == 3 and bool(re.match("前|后|以|内|质保|保修|经验|多|的?质保", rest))
    if form == "offset":
        return bool(_YEARS_OF_USE.search(text, max(0, match.start() - 3), match.start()))
    return form == "month" and bool(re.match("大|宝宝|龄", rest))


def _bounded(meaning: str, bound: str, said: str) -> str:
    """月底前 is by the end of the month's end, 下周前 by its first day."""
    if not bound:
        return meaning
    first, _, last = meaning.partition("/")
    if "前" in bound:
        return f"/{last}" if last and said.endswith(("底", "末")) else f"/{first or last}"
    return f"{last or first}/"


def _span(first: date, last: date) -> str:
    return f"{first}/{last}"


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(make: Callable[[int], date | None], today: date, past: bool) -> date | None:
    """Of this year's and its neighbours' days the one meant: the next one, or one up to a month ago; past if said so."""
    days = [day for year in (today.year - 1, today.year, today.year + 1) if (day := make(year))]
    if past:
        return max((d for d in days if d <= today), default=None)
    return min((d for d in days if d >= today - timedelta(days=31)), default=None)


def _shift_month(today: date, months: int) -> tuple[int, int]:
    index = today.year * 12 + today.month - 1 + months
    return index // 12, index % 12 + 1


def _year_of(said: str, today: date) -> int:
    word = said.rstrip("的")
    if word in _YEAR_WORDS:
        return today.year + _YEAR_WORDS[word]
    year = parse_int(said.rstrip("年的")) or 0
    return year if year >= 100 else (2000 + year if year <= today.year % 100 + 20 else 1900 + year)


def _read_iso(said: str, today: date, past: bool) -> str | None:
    day = _day(*(int(part) for part in re.split("[-/.]", said)))
    return str(day) if day else None


_FULL = re.compile(rf"(?P<y>{_YEAR}|(?:{_YEAR_WORD})的?)(?P<m>{_M})月份?(?P<d>{_D})?")


def _read_full(said: str, today: date, past: bool) -> str | None:
    match = _FULL.match(said)
    if not match:
        return None
    year, month = _year_of(match["y"], today), _number(match["m"])
    if not match["d"]:
        return f"{year}-{month:02d}"
    day = _day(year, month, _number(match["d"]))
    return str(day) if day else None


def _number(text: str) -> int:
    return parse_int(text.replace("廿", "二十")) or 0


def _read_month_day(said: str, today: date, past: bool) -> str | None:
    month, day = said.rstrip("日号").split("月")
    found = _nearest(lambda year: _day(year, _number(month), _number(day)), today, past)
    return str(found) if found else None


def _month_shift(said: str) -> int:
    if said.startswith("下下"):
        return 2
    return {"下": 1, "上": -1}.get(said[0], 0)


def _read_rel_month_day(said: str, today: date, past: bool) -> str | None:
    head, _, day = said.rstrip("日号").partition("月")
    found = _day(*_shift_month(today, _month_shift(head or "这")), _number(day))
    return str(found) if found else None


def _part_of_month(year: int, month: int, part: str) -> str:
    last = monthrange(year, month)[1]
    first_day, last_day = {
        "初": (1, 5), "中旬": (11, 20), "上旬": (1, 10), "下旬": (21, last), "底": (last - 4, last), "末": (last - 4, last)
    }[part]  # fmt: skip
    return _span(date(year, month, first_day), date(year, month, last_day))


def _read_rel_month_part(said: str, today: date, past: bool) -> str | None:
    head, _, part = said.partition("月")
    return _part_of_month(*_shift_month(today, _month_shift(head or "这")), part)


def _read_month_part(said: str, today: date, past: bool) -> str | None:
    month, _, part = said.partition("月")
    found = _nearest(lambda year: _day(year, _number(month), 28), today, past)
    return _part_of_month(found.year, found.month, part.removeprefix("份")) if found else None


def _read_month(said: str, today: date, past: bool) -> str | None:
    number = _number(said.partition("月")[0])
    found = _nearest(lambda year: _day(year, number, 28), today, past)
    return f"{found.year}-{found.month:02d}" if found else None


def _read_rel_month(said: str, today: date, past: bool) -> str | None:
    year, month = _shift_month(today, _month_shift(said))
    return f"{year}-{month:02d}"


def _read_lunar(said: str, today: date, past: bool) -> str | None:
    text = said.removeprefix("农历").removeprefix("阴历").replace("大年", "正月").replace("初", "")
    month_text, _, day_text = text.partition("月")
    month = {"正": 1, "腊": 12, "冬": 11}.get(month_text) or _number(month_text)
    day = _number(day_text)
    if month == 1 and day == 30 and "大年" in said:
        return _read_festival("除夕", today, past)
    found = _nearest(lambda year: lunar_date(year, month, day), today, past)
    return str(found) if found else None


def _read_festival(said: str, today: date, past: bool) -> str | None:
    year_word = next((word for word in _YEAR_WORDS if said.startswith(word)), "")
    name = said.removeprefix(year_word).lstrip("的")
    if name not in FESTIVALS:
        name = name.removesuffix("节")
    if year_word:
        day = festival(name, today.year + _YEAR_WORDS[year_word])
        return str(day) if day else None
    found = _nearest(lambda year: festival(name, year), today, past)
    return str(found) if found else None


def _read_year_part(said: str, today: date, past: bool) -> str | None:
    if said in ("年前", "年后"):
        eve = _nearest(lambda year: festival("春节", year), today, past)
        if eve is None:
            return None
        return f"/{eve - timedelta(days=1)}" if said == "年前" else f"{eve}/"
    named = re.match(rf"{_YEAR_WORD}|{_YEAR}", said)
    year = _year_of(named[0], today) if named else today.year
    first, last = {"上半年": ((1, 1), (6, 30)), "下半年": ((7, 1), (12, 31))}.get(said[-3:], (None, None))
    if first is None or last is None:
        first, last = {"底": ((12, 1), (12, 31)), "末": ((12, 1), (12, 31)), "初": ((1, 1), (1, 31))}.get(
            said[-1], ((6, 1), (7, 31))
        )
    return _span(date(year, *first), date(year, *last))


def _read_year(said: str, today: date, past: bool) -> str | None:
    return f"{_year_of(said, today):04d}"


def _amount(said: str) -> int:
    match = re.search(_N, said)
    return {"半": 0, "几": 3}.get(match[0]) or _number(match[0]) if match else 0


def _moved(today: date, said: str, sign: int) -> date | None:
    amount = _amount(said)
    try:
        if "月" in said:
            if "半个月" in said:
                return today + timedelta(days=15 * sign)
            year, month = _shift_month(today, amount * sign)
            return date(year, month, min(today.day, monthrange(year, month)[1]))
        if "年" in said:
            months = 6 if "半年" in said else 12 * amount
            year, month = _shift_month(today, months * sign)
            return date(year, month, min(today.day, monthrange(year, month)[1]))
        days = amount * 7 if re.search("周|星期|礼拜", said) else amount
        return today + timedelta(days=days * sign)
    except (ValueError, OverflowError):
        return None


def _read_offset(said: str, today: date, past: bool) -> str | None:
    day = _moved(today, said, -1 if "前" in said else 1)
    return str(day) if day else None


def _read_within(said: str, today: date, past: bool) -> str | None:
    day = _moved(today, said, 1)
    return f"/{day}" if day else None


def _read_span(said: str, today: date, past: bool) -> str | None:
    back = said.startswith(("最近", "近", "过去", "前"))
    day = _moved(today, said, -1 if back else 1)
    if day is None:
        return None
    return _span(day, today) if back else _span(today, day)


def _monday(today: date, said: str) -> date:
    weeks = -2 if said.startswith("上上") else 2 if said.startswith("下下") else {"上": -1, "下": 1}.get(said[0], 0)
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)


def _read_weekday(said: str, today: date, past: bool) -> str | None:
    day = _monday(today, said) + timedelta(days=_WEEKDAYS[said[-1]])
    return _span(day, day + timedelta(days=1)) if said[-1] == "末" else str(day)


def _read_week(said: str, today: date, past: bool) -> str | None:
    monday = _monday(today, said)
    return _span(monday, monday + timedelta(days=6))


def _read_bare_weekday(said: str, today: date, past: bool) -> str | None:
    ahead = (_WEEKDAYS[said[-1]] - today.weekday()) % 7
    if said[-1] == "末" and today.weekday() == 6:
        ahead = -1
    day = today + timedelta(days=ahead - (7 if past and ahead else 0))
    return _span(day, day + timedelta(days=1)) if said[-1] == "末" else str(day)


def _read_day_word(said: str, today: date, past: bool) -> str | None:
    if said[:2] in ("今明", "明后"):
        first = today + timedelta(days=said[0] == "明")
        return _span(first, first + timedelta(days=1))
    return str(today + timedelta(days=_DAY_WORDS[re.sub("[天日儿个]", "", said)]))


def _read_recent(said: str, today: date, past: bool) -> str | None:
    if said == "过几天":
        return f"{today + timedelta(days=1)}/"
    return _span(today - timedelta(days=7), today)


def _read_day(said: str, today: date, past: bool) -> str | None:
    number = _number(said[:-1])
    months = [0, -1] if past else [0, 1, 2]
    for shift in months:
        day = _day(*_shift_month(today, shift), number)
        if day and (day <= today if past else day >= today):
            return str(day)
    return None


_READERS: dict[str, Callable[[str, date, bool], str | None]] = {
    "iso": _read_iso,
    "lunar": _read_lunar,
    "full": _read_full,
    "month_day": _read_month_day,
    "rel_month_day": _read_rel_month_day,
    "rel_month_part": _read_rel_month_part,
    "month_part": _read_month_part,
    "month": _read_month,
    "festival": _read_festival,
    "year_part": _read_year_part,
    "year_word": _read_year,
    "year": _read_year,
    "span": _read_span,
    "offset": _read_offset,
    "within": _read_within,
    "weekday": _read_weekday,
    "week": _read_week,
    "rel_month": _read_rel_month,
    "bare_weekday": _read_bare_weekday,
    "day_word": _read_day_word,
    "short": _read_day_word,
    "recent": _read_recent,
    "day": _read_day,
}
