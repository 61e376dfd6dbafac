"""Questions about a value, a part or a property of goods that sound like questions for the stock or the price."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kefu.core.catalogue.names.choose import OTHERS
from kefu.core.catalogue.names.labels import differing
from kefu.core.catalogue.values import Product
from kefu.core.decide.goods.listed import shown
from kefu.core.decide.hearing.reading import Reading
from kefu.core.text import normalise

_WORD = re.compile(r"颜?色|尺[码寸]|大小|规格|口?味|型号")
_ATTRIBUTES = {
    **dict.fromkeys(("颜色", "色"), re.compile("色")),
    **dict.fromkeys(("口味", "味"), re.compile("味")),
    **dict.fromkeys(("尺码", "尺寸", "大小"), re.compile("尺|码|大小|[身型]?号|长|宽")),
    **dict.fromkeys(("规格", "型号"), re.compile("规格|型号|容量|净含量")),
}
"""How customers call an attribute → how shops may."""


def only_value(reading: Reading) -> str:
    """What is told first where other values are asked for of goods that come in one only (有其它颜色没); "" else."""
    others = OTHERS.search(reading.text.text)
    asked = _WORD.search(others[0]) if others else None
    product = reading.resolution.product or _held(reading)
    if not asked or product is None:
        return ""
    word = asked[0]
    names = [name for name, _ in product.variants[0].attributes if _ATTRIBUTES[word].search(name)]
    if any(name in differing(product.variants) for name in names) or (not names and len(product.variants) > 1):
        return ""
    values = " ".join(product.variants[0].attribute(name) for name in names)
    full = {"色": "颜色", "味": "口味"}.get(word, word)
    return f"{product.spoken}只有{values}这一种{full}。" if values else f"{product.spoken}只有一种{full}。"


_OF_SUCH = re.compile(
    r"有(?:没有?|那种|这种|带|能|可以|支持)*+(?P<what>[一-鿿a-z]{2,6}?)(?:功能|款|版)?的(?=\W|$|[吗嘛么没不呢吧])"
)
_NO_PROPERTY = re.compile(
    r"[现有]货|便宜|贵|[好大小长短厚薄新旧宽窄高矮重轻多少]|别|其|样|这|那|人|钱|推荐|合适|同|[买卖拍订送发寄]|活动|优惠|什么|啥|哪|几|[我你他她]"
)
"""What is asked for is no property that the data could hold (便宜点的, 大一点的, 现货的)."""
LOOKED_THROUGH = 50
"""Goods of a kind at most whose facts are looked through."""


def asks_for_what_none_has(reading: Reading) -> bool:
    """Whether goods are asked for with a property of which the data of none of them speak (灯泡有没有蓝牙的)."""
    asked = _OF_SUCH.search(reading.text.text)
    if not asked or _NO_PROPERTY.search(asked["what"]):
        return False
    catalogue, what = reading.parts.catalogue, asked["what"]
    goods = (reading.alone.products if reading.alone.is_named else ()) or (
        () if reading.alone.products else shown(reading)
    )
    if (
        not goods
        or not catalogue.words.besides_goods(what)
        or catalogue.words.is_value(what)
        or catalogue.category_in(what)
    ):
        return False
    if catalogue.having(reading.asked.query, goods):
        return False
    kinds = {product.category for product in goods}
    alike = [product for kind in kinds if kind for product in catalogue.in_category(kind, LOOKED_THROUGH)]
    return not stands_in_facts(what, (*goods, *alike))


def stands_in_facts(word: str, products: Sequence[Product]) -> bool:
    """Whether the data of one of the goods speak of it: their names, descriptions and values."""
    said = normalise(word).text
    return any(said in facts_of(product) for product in products)


def facts_of(product: Product) -> str:
    """All that the data say of it, normalised: its names, description and values."""
    values = (f"{name}{value}" for variant in product.variants for name, value in variant.attributes)
    aliases = (alias for variant in product.variants for alias in variant.aliases)
    names = (product.name, product.category, *product.aliases)
    return normalise(" ".join((*names, product.description, *values, *aliases)), limit=100_000).text


_HOW_MUCH = re.compile(r"(?:是|有|能?到)?(?:多少|多[大高长宽厚重深]|几[级度档])(?!钱|块|元|价)[呢啊呀的]?\W*$")
_COUNTED = re.compile(r"有几[把根片节层粒颗](?P<what>[一-鿿]{2})")
_SPARE = re.compile(
    r"(?<!比)单(?:独|另)?(?:购?买|卖|配|拍|出售)(?=.{0,6}[吗么嘛不没呢?？]|[一-鿿]{2})|能单(?:独)?[买卖配]"
    r"|[另再补]配[一个]|(?:有|卖)(?:没有)?.{0,6}(?:配件|替换装)[卖吗么不没]"
    r"|(?:丢|坏|碎|断|裂|不见|找不到|弄没)了?.{0,6}?(?:买|配|补)(?:一?[个把条根只]|[吗么不]|到|新)"
)


def asks_a_property(reading: Reading) -> bool:
    """Whether what the shop has no goods of is a property or a part of the goods spoken of (显指多少; 转接件多少钱, of
    which their description speaks)."""
    unknown, goods = reading.resolution.unknown, shown(reading)
    if not unknown or not goods:
        return False
    rest = normalise(reading.text.text).text.partition(normalise(unknown).text)[2]
    return _HOW_MUCH.match(rest) is not None or stands_in_facts(unknown, goods)


_FIGURE = re.compile(
    r"(?P<what>[一-鿿]{2,3}?)(?:是|有|大概|大约|约|要|到底)?(?:多少(?!钱|块|元|货)|多[大高长宽厚重深]|几[升瓦斤度级伏])[一-鿿]{0,2}[呢啊呀的]?\W*$"
)
_OF_A_SHOP = re.compile("价|库存|现货|剩|优惠|邮|运费|合计|[一总]共|满|折|[买卖拍要来]")


def asks_a_figure(reading: Reading) -> bool:
    """Whether how much of something the goods named or spoken of have or need is asked (13套的耗水多少), and their
    descriptions speak of it."""
    asked = _FIGURE.search(reading.text.text)
    if not asked or _OF_A_SHOP.search(asked["what"]):
        return False
    goods = reading.alone.products if reading.alone.is_named else shown(reading)
    said = normalise(" ".join(product.description for product in goods), limit=100_000).text
    return asked["what"][-2:] in said and not reading.parts.catalogue.words.is_value(asked["what"][-2:])


def asks_for_a_part(reading: Reading) -> bool:
    """Whether a part of the goods spoken of is asked about or wanted to spare (有几把钥匙, 丢了一把能单买吗), and none
    of the shop's goods is named."""
    if reading.alone.is_named or not shown(reading):
        return False
    rest = reading.parts.catalogue.words.besides_goods(reading.asked.query)
    return _COUNTED.search(rest) is not None or _SPARE.search(reading.text.text) is not None


_COMES_WITH = re.compile(r"(?<![一-鿿])送(?!货|到|人|给|礼|朋友|去|回)|(?:赠送|自带|附带|附送|标配|[包配]?含)")


_GIVEN = re.compile(
    r"^(?:那|亲|还|是)*(?:送不送|带不带|含不含|送|带|含)(?:我|个|一[个根条张])?(?P<what>[一-鿿a-z]{1,4}?)[吗么嘛不没]?\W*$"
)


_INSIDE = re.compile(r"(?<=[一-鿿a-z\d])(?:带不带|含不含|[带含])(?P<what>[一-鿿]{1,3}?)[吗么嘛不没]\W*$")
"""The same behind the goods (多肉12棵带盆吗)."""


def asks_what_comes_along(reading: Reading) -> bool:
    """Whether it is asked if something is given with the goods spoken of (送软管不), which their facts may tell."""
    if reading.only_mentioned and _COMES_WITH.search(reading.text.text):
        return True
    asked, held = _GIVEN.search(reading.text.text) or _INSIDE.search(reading.text.text), _held(reading)
    return asked is not None and held is not None and asked["what"] in held.description


def _held(reading: Reading) -> Product | None:
    held = reading.follow.product or reading.state.product
    return reading.parts.catalogue.thing(held.id) if held else reading.alone.product
