# ruff: noqa: E501 - patterns and word lists in Chinese count two columns a character
"""What is bought: product, model, attributes, how many, for how much."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kefu.core.makes import MAKES
from kefu.core.slots.lexicon import Lexicon
from kefu.core.slots.numbers import NUMBER, parse_number, show
from kefu.core.slots.values import Found

_MEASURES = "件个台部条双只支瓶盒箱包袋套本张把份块顶副对枚根桶罐听壶听片卷捆组打枝棵盆匹粒颗幅扇辆架款提筐串束床册盏"
_MEASURE = rf"(?:[{_MEASURES}](?!儿?月)|小包|大包|公斤|千克|斤|kg|pcs|件套)"
_SPOKEN = "一二两三四五六七八九十半"
"""Digits in words: after the number of a model or size (L1三个, 37两双) they are no part of it."""
_QUANTITY = re.compile(
    rf"(?<![第另每哪某同几数前后上下.年月])(?<![前后]面)(?:(?<!\d)|(?<=[a-z]\d)(?=[{_SPOKEN}])|(?<=\d\d)(?=[{_SPOKEN}]))(?:(?<![a-z])|(?=[{_SPOKEN}]))(?P<n>{NUMBER}|半)\s*(?P<u>{_MEASURE})(?!(?<=对)[吗吧不么的]|小时|钟|半[价天月年小个]|月|星期|礼拜|人|号(?!的)|问题|字|名字|时候|多月|头|样|价|钱|星|g|gb|t(?![a-z])|码|工作日|意思|说法|都没|都不|地方|[暗亮坏黑]点|点(?!卡)|划痕|模式|包裹|快递|[镇村县]|地址|功能|账号|屏|[洞孔坑]|键(?!盘)|灯(?!条|管|泡))"
)
_AND_HALF = re.compile("半(?![价天月年小个])")
"""三斤半."""
_OF_A_YEAR = re.compile(r"[012]\d")
_FEW = re.compile(
    r"(?<![我你他她它咱这那哥姐妹夫妻弟])(?P<few>[俩仨])个?(?![人口月]|小时|星期|礼拜)|[gt]b?\s*[*x×]\s*(?P<times>\d)(?!\d)"
)
"""来俩, 仨中号; 16g*2."""
_ONE_OF = re.compile(r"一(?:下|些|点|定|样|般|直|起|会|面|边|旦|律|切|共|并)")
_NO_NUMBER = re.compile(r"[^\d零〇一二两三四五六七八九十百千半]")

_CURRENCY = r"(?:元钱?|块钱?|圆|rmb|人民币|大洋)"
_MONEY = re.compile(
    rf"(?:[¥￥$]|rmb|人民币)\s*(?P<pre>\d{{1,9}}(?:,\d{{3}}){{0,3}}(?:\.\d{{1,4}})?[万千]?)"
    rf"|(?P<num>(?<![\d.])\d{{1,9}}(?:,\d{{3}}){{0,3}}(?:\.\d{{1,4}})?[万千百]?|(?<![一二两三四五六七八九十百千万])[一二两三四五六七八九十百千万]{{1,12}})(?P<more>多)?{_CURRENCY}(?P<jiao>[一二三四五六七八九\d](?!\d|[{_MEASURES}斤克]|\s*[gt]b?(?![a-z]))[毛角]?)?"
    r"|(?P<jiao_only>(?<!\d)\d{1,2}|[一二两三四五六七八九])毛(?:钱)?"
    r"|(?:(?<=预算)|(?<=价位)|(?<=价格)|(?<=预算是)|(?<=预算在))(?P<budget>\d{1,9}(?:\.\d{1,4})?[k千万百]?|[一二两三四五六七八九十][一二两三四五六七八九十百千万]{1,9})(?![\d到至~-]|折)"
    rf"|(?<=[价费降减券满返退卖宜惠贵])(?P<after>\d{{2,6}}(?:\.\d{{1,2}})?)(?![\d.a-z%折号年月日天次分点多到至~-]|[{_MEASURES}])"
    rf"|(?:(?<=总价不超过)|(?<=价格不超过)|(?<=别超过)|(?<=不超过)|(?<=要超过)|(?<=能超过))(?P<limit>\d{{2,6}}|[一二两三四五六七八九十][一二两三四五六七八九十百千万]{{1,7}})(?=[就的吧了,。!? ]|$)"
    rf"|(?P<before>{NUMBER})(?=的?预算)"
    rf"|(?:(?<=贵)|(?<=贵了)|(?<=便宜)|(?<=便宜了))(?P<dearer>[一二两三四五六七八九]?[十百千][一二三四五六七八九十百]{{0,4}})(?![几多倍成分]|个百|[{_MEASURES}])"
    r"|(?<![\d.a-z])(?P<charged>\d{2,5})(?=扣了|块钱)"
    r"|(?:(?<=付了)|(?<=花了)|(?<=退我)|(?<=补我)|(?<=你们)|(?<=别家)|(?<=人家)|(?<=才))(?P<paid>\d{2,5})(?=[的呢吗啊,。!?]|$)"
)
_ABOUT = re.compile(r"(?P<low>[一二两三四五六七八])(?P<high>[二两三四五六七八九])(?P<unit>[十百千万]?)")
_TAKEN_AS_PIECES = re.compile(r"[拿来拍留]$")
_SIZED_PIECE = re.compile(r"\s*\d{1,4}\s*[gt]b?(?![a-z])")
_PER_PIECE = re.compile(r"(?:多少|几块|几元|[元块])(?:钱)?$")
_TOGETHER = re.compile(r"一块(?:儿|的|[送发买寄退用走去来拍给]|下单)")
_RANGE = re.compile(
    rf"(?P<a>(?<![\d.])\d{{1,9}}(?:\.\d{{1,4}})?|(?<![一二两三四五六七八九十百千万])[一二两三四五六七八九十百千万]{{1,12}})(?:{_CURRENCY}|[{_MEASURES}]|岁|厘米|cm|斤|kg|天)?\s*(?:到|至|[-~—–])\s*(?P<b>\d{{1,9}}(?:\.\d{{1,4}})?|[一二两三四五六七八九十百千万]{{1,12}})\s*(?P<u>{_CURRENCY}|[{_MEASURES}]|岁|厘米|cm|公斤|斤|kg|天|寸|ml|毫升|之间|左右)"
    r"|(?:(?<=预算|价位|价格)|(?<=预算[是在]|价位[是在]|价格[是在]))(?P<c>\d{1,9}|[一二两三四五六七八九十百千万]{1,8})\s*(?:到|至|[-~—–])\s*(?P<d>\d{1,9}|[一二两三四五六七八九十百千万]{1,8})"
)
_OPEN_RANGE = re.compile(rf"(?P<n>{NUMBER})(?P<k>k?)(?P<u>{_CURRENCY}|岁|斤|cm|厘米|寸)?(?P<side>以[内下上]|往[上下])")


def find_products(text: str, lexicon: Lexicon) -> Iterator[Found]:
    """Names and aliases of the shop's products."""
    yield from _terms(text, lexicon, "product")


def _terms(text: str, lexicon: Lexicon, kind: str) -> Iterator[Found]:
    for start, end, term in lexicon.find(text):
        if term.kind == kind and not (kind == "attribute" and _COUNTS.match(text, start)):
            yield Found(kind, start, end, term.canonical, 0.97, term.name if kind == "attribute" else "")


_COUNTS = re.compile(r"\d+ ?(?:[个件双只条套张把台部罐袋盒包瓶箱份](?!装))")
"""How many rather than a size: 40个, in a shop that sells size 40."""

_COLOUR_NAMES = (
    "黑色 白色 红色 蓝色 绿色 黄色 紫色 粉色 灰色 棕色 橙色 金色 银色 咖啡色 卡其色 米色 米白色 杏色 藏青色 藏蓝色 深蓝色 浅蓝色 "
    "天蓝色 湖蓝色 墨绿色 军绿色 浅绿色 深灰色 浅灰色 玫瑰金 酒红色 大红色 玫红色 粉红色 驼色 香槟色 裸色 透明色 原木色 奶白色 焦糖色 "
    "浅蓝 深蓝 天蓝 藏蓝 藏青 墨绿 军绿 浅灰 深灰 玫红 酒红 米白 奶白 豆沙色 雾霾蓝 薄荷绿 牛油果绿 克莱因蓝 星空灰 深空灰 太空灰 银白色 象牙白 珍珠白 曜石黑 午夜黑 远峰蓝 暗夜紫 原色钛"
)
_SHORT_COLOUR = r"(?<![一-鿿])[黑白红蓝绿黄紫粉灰](?=$|[和跟或]|还是)|(?<![明清空表坦口网分拉粉火眼面玫枣橘米杏酒大深浅蛋韭])[黑白红蓝绿黄紫粉灰](?=的(?!话|时候))|(?<=[要买换成款是])[黑白红蓝绿黄紫粉灰](?=的(?!话)|$|还是|吗|，|,)"
_COLOUR_FIRST = "".join(sorted({name[0] for name in _COLOUR_NAMES.split()}))
_COLOUR = re.compile(
    f"(?=[{_COLOUR_FIRST}])(?:"
    + "|".join(sorted(_COLOUR_NAMES.split(), key=len, reverse=True))
    + "|"
    + _SHORT_COLOUR
    + ")"
)
_SIZE = re.compile(
    r"(?<![a-z\d])(?:[2-6]?x{0,3}[sml]|x{1,4}l|[2-6]xl)(?:码|号)?(?![a-z\d.盒包])|(?:特大|加大|均|大|中|小)[号码](?!头)|"
    r"(?<![\d.])(?:3[3-9]|4[0-9])(?:\.5)?码|(?<!\d)\d{2}码|(?<!\d)1[4-9][05]/\d{2,3}[a-c]?(?!\d)|(?<!\d)(?:1[4-9][05])码?(?=的|码)|(?<!\d)(?:[67][05]|8[05])[a-d](?![a-z\d])"
)
_CAPACITY = re.compile(
    r"(?<![a-z\d.])(?:(?P<ram>\d{1,5})\s*gb?\s*\+\s*(?!(?P=ram)\s*g))?(?:\d{1,2}米\d{1,2}(?![\d米厘])|(?<![零一二两三四五六七八九十])[一两二四八]个?tb?(?![a-z\d])|\d{1,6}(?:\.\d{1,3})?\s*(?:gb?|tb?|ml|毫升|升|l|mah|毫安|克|kg|公斤|斤|寸|英寸|cm|厘米|mm|毫米|米|w|瓦|匹)(?![a-z\d]))"
)
_HAS_MEASURE = re.compile("[0-9a-z号码]")
_MEMORY_SIZES = ("4", "8", "16", "32", "64", "128", "256", "512", "1024")
_BARE_NUMBER = re.compile(
    r"(?<![\d.a-z+*×-])\d{1,4}(?=的(?!时候)|呢|有[没吗货]|$)|(?<=[条根块])\d{1,4}(?=可以|[能行够也多,。? ])"
)
_UNIT_NAMES = {"gb": "容量", "g": "容量", "tb": "容量", "t": "容量", "ml": "容量", "毫升": "容量", "升": "容量", "l": "容量",
               "mah": "容量", "毫安": "容量", "克": "重量", "kg": "重量", "公斤": "重量", "斤": "重量", "寸": "尺寸", "英寸": "尺寸",
               "cm": "尺寸", "厘米": "尺寸", "mm": "尺寸", "毫米": "尺寸", "米": "尺寸", "w": "功率", "瓦": "功率", "匹": "功率"}  # fmt: skip


def find_attributes(text: str, lexicon: Lexicon) -> Iterator[Found]:
    """Attribute values: the shop's own first, then colours, sizes and measures that every shop has."""
    yield from _terms(text, lexicon, "attribute")
    for match in _COLOUR.finditer(text):
        word = match[0]
        whole = word[-1] == "色" or word + "色" not in _COLOUR_NAMES.split()
        yield Found("attribute", *match.span(), word if len(word) > 1 and whole else word + "色", 0.9, "颜色")
    if not _HAS_MEASURE.search(text):
        return
    for match in _SIZE.finditer(text):
        term = lexicon.numbers.get(match[0].rstrip("码号"))  # 42码 where the shop's 鞋码 is 42
        meaning, name = (term.canonical, term.name) if term else (_size(match[0]), "尺码")
        yield Found("attribute", *match.span(), meaning, 0.85, name)
    for match in _CAPACITY.finditer(text):
        meaning, confidence, name = _measure(match[0].replace(" ", ""))
        yield Found("attribute", *match.span(), meaning, confidence, name)
    for match in _BARE_NUMBER.finditer(text):
        if term := lexicon.numbers.get(match[0]):
            yield Found("attribute", *match.span(), term.canonical, 0.7, term.name)


def _measure(said: str) -> tuple[str, float, str]:
    """Normal form, confidence and attribute: 128g is storage, 90g is weight."""
    if parts := re.fullmatch(r"(\d+)米(\d+)", said):  # 1米8
        return f"{parts[1]}.{parts[2]}米", 0.85, "尺寸"
    if not said[0].isdigit():  # 一个t
        return f"{show(parse_number(said[0]) or 0)}TB", 0.85, "容量"
    unit = re.sub(r"[\d.+]", "", said.rpartition("+")[2])
    number = said.rpartition("+")[2].removesuffix(unit)
    if unit == "g" and number not in _MEMORY_SIZES:
        return said, 0.7, "重量"
    said = said.removesuffix("b") if unit in ("gb", "tb") else said
    return said.upper() + ("B" if unit in ("g", "t", "gb", "tb") else ""), 0.85, _UNIT_NAMES.get(unit, "容量")


def _size(said: str) -> str:
    core = said.rstrip("码号")
    if core.isascii():
        return core.upper() + ("码" if core.isdigit() else "")
    return core + "号"


_TAIL = (
    r"(?:(?!\s*\d+\s*[gt]b?(?![a-z]))\s*(?:pro\s*max|pro\+?|max|plus|ultra|mini|air|se|note|lite|青春版|至尊版|标准版|turbo|fold|flip|neo|gt|rs|ti|x|"
    r"mate|nova|magic|find|reno|book|pad|watch|[a-z]{1,3}\d{1,4}[a-z]{0,3}|\d{1,4}(?:\.\d)?(?:[a-z]{1,3})?|m[1-5]|carbon|gen\s?\d{1,2}|第?\d代|20\d\d款?))+"
)
_MODEL = re.compile(
    rf"(?<![a-z])(?:{MAKES})(?:\s*(?:{MAKES})){{0,2}}(?:{_TAIL})(?![a-z\d])(?!\s*(?:[{_MEASURES}元斤克寸天号]|公斤|千克|g(?![a-z])|gb))"
    r"|(?<![a-z\d])(?:[a-z]{1,3}\d{3,4}[a-z]{0,3}(?:-\d{2,4})?|rtx\s?\d{4}(?:\s?ti)?)(?![a-z\d])"
)
_GENERATION = re.compile(r"\s*(?:gen\s?\d{1,2}|第?[\d一二三四五六七八九]代)(?![a-z\d])")
_MODEL_NOT = re.compile(r"cctv|usb|wx|no\d|ab\d|sf\d|jd\d|yt\d|dd\d|xxl|hp\d{3}$|q\d{3}$")


def find_models(text: str, lexicon: Lexicon) -> Iterator[Found]:
    """Phones, laptops and other devices by model: the shop's list first, then brand plus number."""
    for found in _terms(text, lexicon, "model"):
        after = _GENERATION.match(text, found.end)  # T14 gen3 is not the T14 that the shop knows
        yield Found("model", found.start, after.end(), text[found.start : after.end()], 0.8) if after else found
    for match in _MODEL.finditer(text):
        said = match[0].strip()
        if any(c.isdigit() for c in said) and not _MODEL_NOT.match(said):
            yield Found("model", match.start(), match.start() + len(said), " ".join(said.split()), 0.8)


_OF_ANIMALS = re.compile(r" ?[大小胖老瘦成幼]?(?:猫|狗|犬|孩子|娃|宝宝)(?:咪|子)?(?:[,。!? 们加都在要吃用呢吗]|$)")
"""三只胖猫: those who need the goods, not the goods."""


_AT_HOME = re.compile(r"(?:[我咱俺]们?家|家里)(?:里|现在|一共|总共)*(?:有|养了?|是)?$")
_COUNTS_WHO_LIVES_THERE = frozenset("只条口个位头匹")
_TAKES = re.compile("[要来拿买拍订加][了个]?$")


def _of_the_household(text: str) -> frozenset[int]:
    """Where numbers stand that count who or what is at home (我家两只 一只大的一只小的), not the goods that are wanted."""
    found: dict[int, str] = {}
    for match in _QUANTITY.finditer(text) if "家" in text else ():
        before, unit = text[: match.start()], match["u"]
        first = unit in _COUNTS_WHO_LIVES_THERE and _AT_HOME.search(before)
        one_of_them = match["n"] == "一" and unit in found.values() and not _TAKES.search(before)
        if first or one_of_them:
            found[match.start()] = unit
    return frozenset(found)


def find_quantities(text: str) -> Iterator[Found]:
    """How many: 两件, 3 台, 一打 (12), 半斤."""
    at_home = _of_the_household(text)
    for match in _QUANTITY.finditer(text):
        if match.start() in at_home:
            continue
        if (
            _OF_ANIMALS.match(text, match.end())
            or _ONE_OF.match(text, match.start())
            or _TOGETHER.match(text, match.start())
        ):
            continue
        if text.startswith("装", match.end()) and match["u"] not in "套件":
            continue  # 两瓶装: what comes together, not how many
        if match["n"] == "一" and _PER_PIECE.search(text, max(0, match.start() - 3), match.start()):
            continue
        if about := _ABOUT.fullmatch(match["n"]):
            yield Found("range", *match.span(), _about(about), 0.85)
            continue
        number = 0.5 if match["n"] == "半" else parse_number(match["n"])
        half = _AND_HALF.match(text, match.end()) if match["u"] in ("斤", "公斤", "千克", "kg") else None
        if number is not None and half:
            yield Found("quantity", match.start(), half.end(), show(number + 0.5), 0.95)
            continue
        if number is None or match["n"] in ("几", "百", "千", "万", "十几"):
            continue
        if match["u"] == "打":
            number *= 12
        if match["u"] == "款" and (number >= 100 or _OF_A_YEAR.fullmatch(match["n"])):  # 2021款 and 20款 are years
            continue
        certain = match["u"] not in "个款块张提" or number > 1
        yield Found("quantity", *match.span(), show(number), 0.95 if certain else 0.8)
    for match in _FEW.finditer(text):
        span = match.span("times") if match["times"] else match.span()
        yield Found("quantity", *span, match["times"] or show(parse_number(match["few"]) or 0), 0.85)


def _about(match: re.Match[str]) -> str:
    """两三 → 2..3, 三五百 → 300..500."""
    low, high = (parse_number(match[group] + match["unit"]) or 0 for group in ("low", "high"))
    return f"{show(low)}..{show(high)}"


def find_money(text: str, lexicon: Lexicon) -> Iterator[Found]:
    """Amounts of money in yuan: ¥199, 199元, 两百块, 三块五, 1,299.00元; not the pieces of 拿三块, 两块1TB的, 10块固态."""
    for match in _MONEY.finditer(text):
        if match[0].endswith("块") and _counts_pieces(text, *match.span(), lexicon):
            continue
        if match["num"] and (about := _ABOUT.fullmatch(match["num"])):
            yield Found("range", *match.span(), _about(about), 0.85)
            continue
        amount = _amount(match)
        if amount is not None and not _TOGETHER.match(text, match.start()):
            yield Found("money", *match.span(), show(amount), 0.95)


def _counts_pieces(text: str, start: int, end: int, lexicon: Lexicon) -> bool:
    if _TAKEN_AS_PIECES.search(text, max(0, start - 1), start) or _SIZED_PIECE.match(text, end):
        return True
    return any(at == end and term.kind == "product" for at, _, term in lexicon.find(text))


def _amount(match: re.Match[str]) -> float | None:
    if match["jiao_only"]:
        tenths = parse_number(match["jiao_only"])
        return None if tenths is None else tenths / 10
    said = match["pre"] or match["num"] or match["budget"] or match["after"] or match["limit"]
    said = said or match["before"] or match["dearer"] or match["charged"] or match["paid"]
    yuan = parse_number(said.replace(",", "").replace("k", "千"))
    if yuan is None:
        return None
    return yuan + (parse_number(match["jiao"][0]) or 0) / 10 if match["jiao"] else yuan


def find_ranges(text: str) -> Iterator[Found]:
    """Spans of numbers: 100到200块 → 100..200, 300以内 → ..300, 500元以上 → 500.. ."""
    for match in _RANGE.finditer(text):
        low, high = parse_number(match["a"] or match["c"]), parse_number(match["b"] or match["d"])
        if low is not None and high is not None and low < high:
            yield Found("range", *match.span(), f"{show(low)}..{show(high)}", 0.9)
    for match in _OPEN_RANGE.finditer(text):
        number = parse_number(match["n"])
        if number is not None:
            bound = show(number * (1000 if match["k"] else 1))
            below = match["side"][-1] in "内下"
            yield Found("range", *match.span(), f"..{bound}" if below else f"{bound}..", 0.85)
