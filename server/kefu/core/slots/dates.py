"""Dates: 明天, 下周三, 月底前, 双十一, 去年11月11号, 三天后 → ISO days, months, years and spans of days.

Normal forms: ``2026-11-23`` (a day), ``2026-11`` (a month), ``2026`` (a year), ``FIRST/LAST`` (all days between),
``/LAST`` (by that day), ``FIRST/`` (from that day on).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from kefu.core.slots.date_forms import FORMS, SCAN
from kefu.core.slots.date_readers import READERS
from kefu.core.slots.values import Found

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
    while match := SCAN.search(text, at):
        form = next(name for name, _ in FORMS if match[name] is not None)
        said = match[form]
        if _is_other(form, said, text, match):
            at = match.start() + 1
            continue
        continued = first and form in _CONTINUES and _UNTIL.fullmatch(text, at, match.start())
        meaning = READERS[form](said, first if first and continued else today, past and not continued)
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
                or before in tuple("十二三四五六七八九第¥块")
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
