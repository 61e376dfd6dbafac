"""One small shop model for the tests of this folder."""

from __future__ import annotations

import pytest

from kefu.core.intents import Example, IntentModel, train

SHOP = {
    "urge": "怎么还不发货|都三天了还没发出来|赶紧给我发货|什么时候能寄出|"
    "催一下发货|下单好久了没动静|快点发可以吗|今天发得出去不",
    "stock": "还有货吗|白色的有现货没|大号还剩几件|什么时候补货|这款断货了吗|库存还有多少|有没有蓝色的|能买到吗现在",
    "returns": "我要退货|不合适怎么退|不喜欢可以退回去吗|退货地址给我一个|"
    "坏了给换吗|质量有问题怎么处理|七天内能退吧|运费谁出退货的话",
    "invoice": "能开发票吗|抬头写公司可以吗|电子发票在哪下载|发票什么时候给我|"
    "要专票|发票开错了能改吗|没看到发票|开票要什么资料",
    "usage": "这个怎么连蓝牙|说明书在哪里|按了没反应|怎么重置|灯一直闪是什么意思|充电要多久|怎么清洗|第一次用注意什么",
}


def shop_examples() -> list[Example]:
    return [Example(text, label) for label, texts in SHOP.items() for text in texts.split("|")]


@pytest.fixture(scope="session")
def model() -> IntentModel:
    return train(shop_examples())
