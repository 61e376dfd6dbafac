"""The patterns of each kind, the facts that permit a promise, and what is said instead.

Every pattern is linear and matches at most ``HOLD`` characters, so that a stream decides exactly as the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kefu.core.guard.identity import AHEAD, RUNS_ON, SIGN, identity_pattern
from kefu.core.guard.settings import KINDS, GuardSettings
from kefu.core.text import normalise
from kefu.core.voice import Voice

__all__ = ["KINDS", "Facts", "Pattern", "build_patterns"]


@dataclass(frozen=True, slots=True)
class Facts:
    """The data an answer may repeat: texts of tools, knowledge and the customer, kept normalised without blanks.

    ``contacts``: phone numbers and addresses in them may be repeated as well; without it only the allowed ones may.
    """

    text: str = ""
    numbers: frozenset[str] = frozenset()
    contacts: bool = True

    @classmethod
    def of(cls, texts: Iterable[str], *, contacts: bool = True) -> Facts:
        joined = "\n".join(normalise(text, 20_000).text.replace(" ", "") for text in texts)
        return cls(joined, frozenset(_numbers(joined)), contacts)

    def know(self, claim: str) -> bool:
        """Is every number and day word of ``claim`` in the data? A claim without any must occur as it stands."""
        claim = claim.replace(" ", "")
        days = _DAY.findall(claim)
        numbers = _numbers(claim)
        if not days and not numbers:
            return claim in self.text
        return all(day in self.text for day in days) and all(n in self.numbers for n in numbers)


_DAY = re.compile(
    r"今天|今日|今晚|明天|明日|明早|后天|当天|当日|次日|隔天|下周.|本周.|周[一二三四五六日末]|马上|立刻|立即|即刻"
)
_NUMBER = re.compile(
    r"\d+(?:\.\d+)?|[一二两三四五六七八九十百]+(?=个?(?:小时|天|分钟|工作日|件|元|块|折))|半(?=天|小时)"
)
_CHINESE = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2}


def _numbers(text: str) -> list[str]:
    return [_plain(m) for m in _NUMBER.findall(text)]


def _plain(number: str) -> str:
    """One spelling for one number: 24.0 → 24, 二十四 → 24, 半 → 0.5."""
    if number == "半":
        return "0.5"
    if number[0].isdigit():
        return number.rstrip("0").rstrip(".") if "." in number else number.lstrip("0") or "0"
    if "百" in number:
        return number
    tens, ten, ones = number.rpartition("十")
    return str((_CHINESE.get(tens, 1) * 10 if ten else 0) + _CHINESE.get(ones, 0))


@dataclass(frozen=True, slots=True)
class Pattern:
    """``substitute`` makes the replacement from the match; ``runs_on`` is what a longer match would go on with
    (the rest of a URL, of a claim): dropped after it, piece by piece, each at most ``HOLD`` characters long.
    ``needs_facts``: allowed if the facts know the match. ``ahead``: characters after it that its lookahead may read.
    ``sign``: stands in every match, and is found faster."""

    kind: str
    regex: re.Pattern[str]
    substitute: Callable[[re.Match[str]], str]
    runs_on: re.Pattern[str] | None = None
    needs_facts: bool = False
    ahead: int = 0
    sign: re.Pattern[str] | None = None


_WHEN = (
    r"(?:(?:今天|今日|今晚|明天|明日|明早|后天|当天|当日|次日|隔天|本周[一二三四五六日内]|下周[一二三四五六日]|周[一二三四五六日])|(?:马上|立刻|立即|即刻)|"
    r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3}|半)(?:-\d{1,2}|到[两三四五六七八九十]{1,2})?个?(?:小时|天|分钟|工作日|日)(?:之?内|左右|后)?)"
)
_SURE = (
    r"(?:[^\s。,!?;，]{0,2}?(?:一定|肯定|保证|绝对|准时|就|都|即|便|会|能|可以|可|必|帮您|给您|为您|帮你|给你){0,3})"
)
_DONE = (
    r"(?:发货|发出|寄出|到货|送达|送到|收到|到账|退款|退给|补发|补货|到达|上架|回复|解决|处理好|发走|安排发|签收|到)"
)

PROMISE_TIME = re.compile(
    rf"(?:保证|承诺|确保|一定|肯定|绝对|最快|最晚|预计|大概)?{_WHEN}{_SURE}(?P<done>{_DONE})|(?P<done2>(?:发货|送达|到货|到账|退款))(?:时间)?(?:是|为|:|就在|需要?)?{_WHEN}"
)
PROMISE_PRICE = re.compile(
    r"(?:[¥￥$]\d{1,7}(?:\.\d{1,2})?|(?<![\d.])\d{1,7}(?:\.\d{1,2})?(?:元|块钱?(?!儿|头|[\u4e00-\u9fff]?板)|rmb|人民币)|(?<![\d.])\d(?:\.\d)?折(?!叠|扣卡)|[一二三四五六七八九]五?折(?!叠)|(?:最低价|全网最便宜|保价\d{1,3}天|买贵退差|赔您差价|免运费|全场包邮))"
)
PROMISE_STOCK = re.compile(
    r"(?:(?:还|仅|只)?(?:剩|有)(?:下|余)?\d{1,6}(?:件|个|台|双|条|套|瓶|盒|箱|包|支|本)|库存(?:还)?(?:非常|十分|很)?(?:充足|充裕|足够|有\d{1,6})|现货(?:充足|供应|秒发)|有现货|(?<!没)(?<!否)(?<!没有)有货(?!吗|没|不|的话|时|通知|后|再)|货源充足)"
)

PHONE = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"
    r"|(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)"
    r"|(?<!\d)400[- ]?\d{3,4}[- ]?\d{3,4}(?!\d)"
)
URL = re.compile(
    r"(?:https?://|ftp://|www\.)[a-z0-9][^\s\u4e00-\u9fff，。、；！？（）“”<>\"']{0,20}|(?<![a-z0-9@._-])[a-z0-9-]{1,20}\.(?:com|cn|net|org|top|xyz|cc|shop|vip|io|me|link|site|info)(?![a-z0-9])"
)
_URL_GOES_ON = re.compile(r"[^\s\u4e00-\u9fff，。、；！？（）“”<>\"']")
CONTACT = re.compile(
    r"(?:微信|wechat|weixin|威信|薇信|v信|vx|wx|加v)(?:号|群)?"
    r"(?:是|为|:|=| ){0,2}(?P<id>[a-z][a-z0-9_-]{5,19}|\d{6,11})"
    r"|(?:qq|扣扣|企鹅)(?:号|群)?(?:是|为|:|=| ){0,2}\d{5,11}"
    r"|(?<![a-z0-9._-])[a-z0-9._-]{1,14}@[a-z0-9-]{1,10}\.[a-z]{2,4}"
)

_LATER = {
    "发货": "尽快安排发货",
    "发出": "尽快发出",
    "寄出": "尽快寄出",
    "发走": "尽快发出",
    "安排发": "尽快安排发",
    "到货": "到货时间以页面为准",
    "上架": "上架时间以页面为准",
    "补货": "补货时间以页面为准",
    "到账": "到账时间以平台处理为准",
    "退款": "退款时间以平台处理为准",
    "退给": "尽快退给",
    "回复": "尽快回复",
    "解决": "尽快解决",
    "处理好": "尽快处理好",
}


def _later(match: re.Match[str]) -> str:
    """A promise of time becomes the same verb without the promise."""
    return _LATER.get(match["done"] or match["done2"] or "", "送达时间以物流信息为准")


def build_patterns(settings: GuardSettings, voice: Voice) -> tuple[Pattern, ...]:
    """The shop's patterns in order of precedence; kinds whose action is ``pass`` are left out."""
    claim, brand_instead = identity_pattern(voice)
    rows = (
        Pattern("identity", claim, brand_instead, RUNS_ON, ahead=AHEAD, sign=SIGN),
        Pattern("contact", CONTACT, lambda _m: "平台客服", re.compile(r"[a-z0-9_.-]")),
        Pattern("url", URL, lambda _m: "商品页面", _URL_GOES_ON),
        Pattern("phone", PHONE, lambda _m: "平台客服电话"),
        Pattern("promise_time", PROMISE_TIME, _later, needs_facts=True),
        Pattern("promise_price", PROMISE_PRICE, lambda _m: "以商品页面显示的价格为准", needs_facts=True),
        Pattern("promise_stock", PROMISE_STOCK, lambda _m: "库存以实际查询为准", needs_facts=True),
    )
    forbidden = _forbidden(settings)
    every = (*((Pattern("forbidden", forbidden, lambda _m: ""),) if forbidden else ()), *rows)
    return tuple(_customised(row, settings) for row in every if settings.action(row.kind) != "pass")


def _customised(row: Pattern, settings: GuardSettings) -> Pattern:
    if row.kind not in settings.replace:
        return row
    sentence = settings.replace[row.kind]
    return Pattern(row.kind, row.regex, lambda _m: sentence, row.runs_on, row.needs_facts)


def _forbidden(settings: GuardSettings) -> re.Pattern[str] | None:
    words = sorted({normalise(word).text for word in settings.forbidden} - {""}, key=lambda w: (-len(w), w))
    return re.compile("|".join(map(re.escape, words))) if words else None
