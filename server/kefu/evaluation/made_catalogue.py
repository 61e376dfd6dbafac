"""A made-up catalogue of any size, and questions about it. The same size and seed give the same shop."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from kefu.core.catalogue import Product, Variant

_FIRST = "云松青澄霜星飞迅灵平直汇捷远山海晨明嘉禾瑞景安泰华锦文博思睿启源润恒卓越凌帆"
_SECOND = "岭键雀川泊炬刃屏驮砚页幕声舟岩溪峰谷石木林泉湖岸港桥塔阁庭园"
_CATEGORIES = (
    *(
        "内存条",
        "固态硬盘",
        "机械键盘",
        "无线鼠标",
        "显示器",
        "扩展坞",
        "充电器",
        "数据线",
        "耳机",
        "音箱",
        "摄像头",
        "路由器",
    ),
    *(
        "网卡",
        "散热器",
        "机箱",
        "电源",
        "显卡",
        "主板",
        "手机壳",
        "钢化膜",
        "充电宝",
        "平板支架",
        "电脑包",
        "行李箱",
        "保温杯",
    ),
    *(
        "电热水壶",
        "台灯",
        "插线板",
        "吹风机",
        "剃须刀",
        "电动牙刷",
        "体重秤",
        "加湿器",
        "空气净化器",
        "运动鞋",
        "篮球鞋",
    ),
    *(
        "短袖",
        "长裤",
        "卫衣",
        "羽绒服",
        "帽子",
        "毛巾",
        "床单",
        "枕头",
        "被子",
        "床垫",
        "窗帘",
        "地毯",
        "书桌",
        "书架",
        "椅子",
    ),
)
_KINDS = (
    "经典",
    "轻薄",
    "旗舰",
    "标准",
    "青春",
    "专业",
    "商务",
    "便携",
    "静音",
    "高速",
    "加厚",
    "舒适",
    "迷你",
    "全能",
    "入门",
)
_SERIES = "ABCDEFGHKLMNPQRSTVWXYZ"
_COLOURS = ("黑色", "白色", "蓝色", "灰色")
_SIZES = ("小号", "中号", "大号", "特大号")
_CAPACITIES = ("128GB", "256GB", "512GB", "1TB")
_ASK = (
    "{name}，{which}，有库存吗？",
    "请问{name} {which}还有货吗",
    "{which}的{name}还有吗？明天能不能送到",
    "你好，我想买{name}，要{which}的，现在有现货吗",
)


@dataclass(frozen=True, slots=True)
class Question:
    """``text`` asks for ``sku``."""

    text: str
    sku: str


def products(skus: int, seed: int = 7) -> Iterator[Product]:
    """Products of four variants each: ``skus`` variants in all."""
    dice = random.Random(seed)
    brands = sorted({first + second for first in _FIRST for second in _SECOND})
    dice.shuffle(brands)
    for number in range(skus // 4):
        brand = brands[number % len(brands)]
        category = dice.choice(_CATEGORIES)
        model = f"{dice.choice(_SERIES)}{number // 10:d}{dice.choice(_SERIES)}{number % 10}"
        name = f"{brand} {model} {dice.choice(_KINDS)}{category}"
        values = dice.choice((("颜色", _COLOURS), ("尺码", _SIZES), ("容量", _CAPACITIES)))
        yield Product(
            f"p{number}",
            name,
            tuple(
                Variant(
                    f"SKU{number:07d}-{at}",
                    ((values[0], value),),
                    (),
                    (f"69{number:09d}{at}{at}",),
                    1000 + number % 9000,
                )
                for at, value in enumerate(values[1])
            ),
            (f"{brand}{model}",),
            category,
            brand,
        )


def questions(count: int, skus: int, seed: int = 7) -> list[Question]:
    """Questions about products all over the catalogue, by full name, short name or barcode."""
    dice = random.Random(seed + 1)
    wanted = dict.fromkeys(sorted(dice.sample(range(skus // 4), min(count, skus // 4))))
    made: list[Question] = []
    for number, product in enumerate(products(skus, seed)):
        if number not in wanted:
            continue
        variant = dice.choice(product.variants)
        name = dice.choice((product.name, product.aliases[0], product.name.replace(" ", "")))
        made.append(Question(dice.choice(_ASK).format(name=name, which=variant.attributes[0][1]), variant.sku))
    dice.shuffle(made)
    return made


def title(product: Product, variant: Variant) -> str:
    """One line for a text index, as a shop would put it there: product and variant."""
    return f"{product.name} {variant.attributes[0][1]}"
