"""The words that make a sentence lean on what was said before."""

from __future__ import annotations

import re

_UNIT = "个|款|件|条|双|台|种|只|瓶|盒|套|支|本|号|样"
_NUMBER = r"[一二两三四五六七八九十]|\d{1,2}"

ORDINAL = re.compile(
    rf"(?P<back>倒数)?第(?P<number>{_NUMBER})(?:{_UNIT})?(?:商品|产品|选项)?"
    rf"(?!(?:{_UNIT})?(?:问题|月|小时|星期|礼拜|次|天|人|步|批|年|期|回|遍))"
    rf"|(?P<last>最后(?:那|这)?一?(?:{_UNIT}))(?!问题|月|小时|星期|礼拜)"
    r"|(?P<former>前者)|(?P<latter>后者)"
    rf"|(?P<previous>(?:上|前)(?:一|面那)(?:{_UNIT}))(?!问题|月|星期|礼拜)"
    rf"|(?P<other>另外?(?:那|的那)?一?(?:{_UNIT}))(?!问题|人|地址|月)"
)
"""第二个, 倒数第一款, 最后一件, 前者, 后者, 上一个, 另一个. 第二天, 第一次 and 第三个问题 are not."""

BARE_NUMBER = re.compile(rf"(?:选|要|就)?(?P<number>{_NUMBER})(?:号)?[吧的.。!]?")
"""The whole answer to a numbered list: 2, 选二, 要3号."""

EVERY = re.compile(
    rf"(?:这|那)?(?:[两三四五]|[2-5])(?:{_UNIT})都|都(?=有货|有现货|有吗|多少|要|能|可以|是)|全部|(?:各|分别)(?=多少|是|有)"
)

PRODUCT_PRONOUN = re.compile(
    r"刚才(?:说|问|看)?的?(?:那|这)?(?:个|款|件|双|条)?|刚刚(?:说|问|看)?的?(?:那|这)(?:个|款|件|双|条)"
    r"|(?:上面|前面)(?:说|提到|问)?的(?:那|这)?(?:个|款|件)?"
    r"|(?:这|那|该|此)(?:一)?(?:款|件|双|条|台|个|种|瓶|盒|套|支|只)(?!订单|单子|快递|包裹|问题|地址|时候|月|星期|礼拜|意思)|(?<!其)它|同款"
)
ORDER_PRONOUN = re.compile(
    r"(?:这|那|该|此|刚才|刚才那|上)一?(?:个)?(?:订单|单子|笔订单|笔|单(?!独|位|价|件))|我的(?:订单|快递|包裹|单子)|(?:这|那)个?(?:快递|包裹)"
)

PREFIX = re.compile(
    r"^(?:那么|那如果|那要是|那|嗯+|哦+|额+|好的?|然后|还有|请问|亲|如果|要是|换成|换|改成|改|我想要|我要|想要|就要|要|我想问下?"
    r"|再问下?|,|。|\s)+"
)
SUFFIX = re.compile(
    r"(?:呢|吗|嘛|么|吧|啊|呀|哈|哦|怎么样|咋样|如何|行吗|行不行|可以吗|可以不|有吗|有没有|有不|的话|的|也是|[?!~.。,，…]|\s)+$"
)
ELLIPSIS = re.compile(r"呢[?!~。\s]*$|^(?:那|那么|换成|改成|如果是|要是)(?!个|款|件|种|双|条|台|边|里|天|时)")

_COLOUR = (
    "玫瑰金|香槟|藏青|藏蓝|天蓝|墨绿|军绿|卡其|咖啡|奶茶|奶油|"
    "雾霾蓝|象牙白|米白|银灰|黑|白|红|蓝|绿|黄|紫|灰|粉|橙|橘|棕|咖|米|银|金|青"
)
_NO_COLOUR = r"(?<![口腮奶米面藕辣牙蛋花淀蜜](?=[红粉白黄]))"
"""口红, 奶粉 and 蛋黄 are things."""
COLOUR = re.compile(
    rf"{_NO_COLOUR}(?P<value>(?:深|浅|亮|哑光|纯|大|酒|宝|荧光)?(?:{_COLOUR}))(?:色|(?=的|款|呢|[?!]|$))"
)
SIZE = re.compile(
    r"(?<![a-z0-9])(?P<letters>(?:[2-6]|x{1,4})?[xl]l?|xs|s|m)(?![a-z0-9])(?:码|号)?"
    r"|(?P<number>均|\d{2,3}(?:\.5)?)码|(?P<word>[加特超]?[大中小])(?:码|号)(?!线|手)"
    r"|(?P<relative>[大小][一两半](?:个)?(?:码|号))"
)
SPEC = re.compile(
    r"(?P<value>\d{1,5}(?:\.\d)?(?:gb|tb|g|t|mb|英寸|寸|ml|毫升|升|l|kg|千克|公斤|斤|克|瓦|w|mah|毫安|米|厘米|cm|mm|片|粒|抽|支装|只装|个装|件装))(?![a-z0-9天号])"
)
TO_A_PLACE = re.compile(r"(?:送|寄|发|配送|邮|运|快递)?(?:货)?(?:到|去|往|至)$|(?:送|寄|发|配送|邮|运)$")

DISMISS = re.compile(r"^(?:那)?(?:算了|不用了|不要了|不买了|没事了|不问了|先不|不需要了|取消吧|当我没说)")

CUES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("price_query", re.compile(r"多少钱|价格(?!单)|价位|几块|什么价|怎么卖|售价|单价|贵不贵|多少米\b")),
    (
        "delivery_query",
        re.compile(
            r"(?:几天|多久|什么时候|啥时候|何时|哪天|明天|后天|今天|第[二三]天|当天|次日)(?:能|可以|会)?(?:送)?(?:到|达)|(?:送|寄|配送|邮)到|发(?:到|往)|(?:几天|多久)(?:送|能送)"
        ),
    ),
    ("stock_query", re.compile(r"有货|现货|库存|有没有货|缺货|断货|补货|还有吗|剩多少|还剩")),
    ("compatibility", re.compile(r"兼容|适配|适用|能装|能配|配得上|能不能用|能用在")),
    ("warranty", re.compile(r"保修|质保|保多久|三包")),
    ("product_usage", re.compile(r"怎么用|如何用|怎么安装|如何安装|怎么装|怎么连|说明书|怎么洗|怎么充电")),
    ("promotion", re.compile(r"优惠|打折|满减|活动|券|便宜点")),
)
"""Words that name an intent in the middle of a follow-up; the classifier decides on whole sentences."""
_WANTS = re.compile(r"有没|还有|有.{0,8}[吗么不]|没货|[要拿买来拍订]")


def only_chooses(text: str, asked: str) -> bool:
    """Only a choice (d5的, 黑色那个) to the question which one, put for the intent ``asked``; nothing else is wanted.

    A choice sounds like a question for the stock, whatever it was asked for.
    """
    return (
        asked in ("price_query", "delivery_query")
        and not _WANTS.search(text)
        and not any(pattern.search(text) for _, pattern in CUES)
    )


TOPIC_WORDS = {
    "price_query": "多少钱",
    "delivery_query": "几天能到",
    "stock_query": "有货吗",
    "compatibility": "能用吗",
    "warranty": "保修多久",
    "product_usage": "怎么用",
    "promotion": "有优惠吗",
}

PRODUCT_INTENTS = frozenset(TOPIC_WORDS) | {"after_sales"}
ORDER_INTENTS = frozenset({"urge_delivery", "order_status", "after_sales", "invoice"})
PLACE_INTENTS = frozenset({"delivery_query", "stock_query"})

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "十": 10}


def number(text: str) -> int:
    """1–99 written as a digit or one Chinese numeral."""
    return int(text) if text.isdigit() else _DIGITS[text]
