"""The words that customers use: what a shop's goods are called and come in, places, what is asked everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kefu.core.catalogue.values import Product
from kefu.core.places import DIVISIONS
from kefu.core.text import tokenise

OF_SERVICE = (
    *("多少钱", "什么价", "价格", "便宜", "优惠", "包邮", "邮费", "运费", "满减", "打折", "赠品", "优惠券"),
    *(
        "发货",
        "快递",
        "顺丰",
        "到货",
        "现货",
        "有货",
        "库存",
        "缺货",
        "补货",
        "预售",
        "定金",
        "尾款",
        "派送",
        "配送",
        "自提",
    ),
    *(
        "退货",
        "退款",
        "换货",
        "补发",
        "赔偿",
        "拒收",
        "验货",
        "运费险",
        "取消",
        "保修",
        "质保",
        "维修",
        "安装",
        "说明书",
        "发票",
        "抬头",
        "专票",
    ),
    *("订单", "单号", "物流", "签收", "地址", "付款", "花呗", "人工", "客服", "投诉"),
    *("尺码", "颜色", "规格", "材质", "适合", "正品", "质量", "型号"),
)
"""What customers ask of every shop."""


LEVELS = frozenset({"province", "municipality", "city"})
"""Places whose names are looked for by their sound: counties are too many to be told apart so."""


def words_of(products: Iterable[Product]) -> Iterator[str]:
    """What goods, their kinds, values and the places of the country are called, and what is asked of every shop."""
    yield from OF_SERVICE
    yield from (place.short for place in DIVISIONS.values() if place.level in LEVELS)
    for product in products:
        names = (product.name, product.category, *product.aliases)
        yield from (*names, *tokenise(" ".join(names)))
        yield from values_of([product])


def values_of(products: Iterable[Product]) -> Iterator[str]:
    """The values that goods come in, and what their variants are called."""
    for product in products:
        for variant in product.variants:
            yield from (*(value for _, value in variant.attributes), *variant.aliases)
