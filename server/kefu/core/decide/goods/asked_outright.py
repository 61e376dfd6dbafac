"""Whether stock, a price or a delivery is asked for in so many words."""

from __future__ import annotations

import re

from kefu.core.decide.hearing.reading import Reading

IS_IT_THERE = re.compile(
    r"有没|^(?:你们?家?|店里)?还?有.{1,8}[吗么嘛没不]|有[货吗么嘛不]|有.{1,10}[的款色][吗么嘛不]|[还没缺断补到现]货|还有|库存|[卖买拍订来发送价钱块贵]"
    r"|(?<![主需只重])要|多少|几[个件条只台张块](?!一)|便宜|预算|以[内下上]"
)
SURE_OF_STOCK = 0.7
"""Confidence under which a question without any such word is not taken for one about stock."""
STILL_THERE = re.compile(
    r"还有.{0,4}[吗嘛没不么]|有没有\W*$|有货|现货|库存|卖不卖|在卖|卖吗|(?:什么时候|啥时候|几时|何时|哪天|几[号天月])[才能会再]?有[呢啊呀]?\W*$"
)
ASKED_OUTRIGHT = {
    "stock_query": re.compile(
        r"有没|还有|有[货吗么嘛没不]|有.{1,10}[吗么嘛没不]"
        r"|(?:什么时候|啥时候|几时|何时|多久|哪天|几[号天]).{0,3}(?:有|[来到补]货)"
        r"|[啥么些几]种?(?:颜色|色|尺码|规格|款式?|口味|型号)|[还没缺断补到现]货|库存|剩|[卖买拍订来]|(?<![主需只重])要|几[个件条只台张块双]"
    ),
    "price_query": re.compile(
        r"多少?钱|价|几块|[怎咋]么?卖|几多|便宜(?:一?[点些]儿?)?的|最便宜|最贵|[块元]|[一总]共|合计"
        r"|[\d一两二三四五六七八九十半] ?[一-鿿]{1,2}多少[呢啊呀]?\W*$"
    ),
    "delivery_query": re.compile(r"几[天号日]|多久|什么时候|啥时候|何时|哪天|[能会要才]到|[送寄发]到|到货|时效"),
}


def has_it(reading: Reading) -> bool:
    """Whether the product spoken of has the values that the message names."""
    held, catalogue = reading.follow.product or reading.state.product, reading.parts.catalogue
    found = catalogue.thing(held.id) if held else None
    return bool(found and catalogue.having(reading.asked.query, [found]))
