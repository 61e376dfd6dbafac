"""What Kefu does for an intent, whatever a shop calls it.

A shop imports its own intents (``stock``, 查库存, 要货). Live stock, orders or a person answer only if it is known
which of them asks for what: by the intent's names first, else by what its examples say. An intent without a role is
answered from knowledge or by a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kefu.core.intents.features import clean
from kefu.core.intents.mapping import IntentNames

SAYING = 0.4
"""Share of an intent's examples that must speak of a role, …"""
CLEARLY = 1.5
"""… and how many times as many as of the next one."""
BACKING = 0.2
"""Share of examples that must back a role that only a part of the intent's name speaks of (修改订单 asks no status)."""


@dataclass(frozen=True, slots=True)
class Role:
    """``names``: how shops call such intents; ``cue``: what its sentences say."""

    id: str
    names: tuple[str, ...]
    cue: re.Pattern[str]


def _role(role: str, names: str, cue: str) -> Role:
    return Role(role, (role.replace("_", ""), *names.split()), re.compile(cue))


ROLES: tuple[Role, ...] = (
    _role(
        "stock_query",
        "stock inventory availability 库存 有货 现货 查货 补货 缺货",
        r"有货|现货|库存|没货|缺货|断货|断码|补货|到货|还有吗|还有没|有没有|还剩|[码号色]的?有吗",
    ),
    _role("price_query", "price pricing quote 价格 报价 询价 多少钱 售价", r"多少钱|价格|几块|什么价|怎么卖|售价|单价"),
    _role(
        "delivery_query",
        "delivery shipping shippingtime 配送 送达 送货 到货时间 物流时效 快递时效 配送时效",
        r"(?:几天|多久|什么时候|哪天|明天|后天|今天|当天).{0,6}(?:到|送)|(?:能|可以)(?:送|发|寄|到)|送到|寄到|发到|什么快递|哪里发货",
    ),
    _role(
        "compatibility",
        "compatible compat 兼容 适配 适用机型",
        r"兼容|适配|适用|能装|能配|配得上|能不能用|能用吗|能用在",
    ),
    _role(
        "urge_delivery",
        "urge urgeshipping 催发货 催单 催促 催一下 发货咨询",
        r"催|(?:怎么|为什么|咋|还)(?:还)?(?:没|不)发|什么时候发货|(?:快|尽快|抓紧|赶紧).{0,3}发|待发货",
    ),
    _role(
        "order_status",
        "order orderquery orderstatus tracking logistics 订单 查订单 物流 查物流 查快递 快递查询 订单查询 订单状态",
        r"到哪|物流|快递单|单号|签收|派送|订单.{0,4}(?:状态|查)|发了没|发货了吗|发货了没",
    ),
    _role(
        "after_sales",
        "aftersale aftersales refund return returns exchange 售后 退换 退换货 退款 退货 换货 维修 返修",
        r"退货|退款|换货|退换|退掉|维修|返修|坏了|破损|破洞|质量问题|少发|发错|开线|想退|能退|能换|换一",
    ),
    _role(
        "product_usage",
        "usage howto manual tutorial care 使用 操作 用法 安装 教程 保养 洗护 说明",
        r"怎么(?:用|装|安装|连|洗|清洗|设置|开|充|弄)|如何|教程|说明书|机洗|烘干|掉色|缩水",
    ),
    _role("warranty", "guarantee 保修 质保", r"保修|质保|三包|保多久"),
    _role("invoice", "receipt 发票 开票", r"发票|开票|税号|抬头"),
    _role("payment", "pay 付款 支付", r"付款|支付|花呗|分期|微信付|支付宝|货到付款"),
    _role("promotion", "promo discount coupon 优惠 活动 促销 折扣", r"优惠|打折|满减|活动|券|便宜"),
    _role("complaint", "complain 投诉", r"投诉|差评|举报|12315|态度"),
    _role(
        "human_request",
        "human agent manualservice 人工 转人工 人工客服 真人",
        r"人工|真人|找(?:个)?客服|转接|叫(?:个)?人|(?:找|叫).{0,3}(?:经理|老板|店长|主管)",
    ),
    _role("identity", "who whoareyou identity 身份 你是谁 自我介绍", r"你是谁|你是什么|你叫什么|机器人吗|是真人"),
    _role("greeting", "hello hi 问候 打招呼 寒暄", r"^(?:你好|您好|在吗|在不在|哈喽|hi|hello|早上好|晚上好)"),
    _role("thanks", "thank bye 感谢 致谢 再见", r"谢谢|感谢|多谢|辛苦了|再见|拜拜"),
)
"""In this order where two fit equally well."""

_OWN = frozenset(role.id for role in ROLES)


def role_of(intent: IntentNames) -> str:
    """The role's id, or "" for an intent that only this shop has."""
    if intent.id in _OWN:
        return intent.id
    shares = _shares(intent.examples)
    return _by_whole_name(intent) or _by_part_of_name(intent, shares) or _by_examples(shares)


def roles_of(intents: Iterable[IntentNames]) -> dict[str, str]:
    """Intent id → role id, without intents that have none."""
    return {intent.id: role for intent in intents if (role := role_of(intent))}


def _by_whole_name(intent: IntentNames) -> str:
    called = set(_called(intent))
    return next((role.id for role in ROLES if called.intersection(role.names)), "")


def _by_part_of_name(intent: IntentNames, shares: dict[str, float]) -> str:
    """The role with the longest Chinese name within the intent's names, unless the examples speak against it."""
    found = [
        (len(name), role.id)
        for called in _called(intent)
        for role in ROLES
        for name in role.names
        if not name.isascii() and name in called and (not shares or shares[role.id] >= BACKING)
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else ""


def _by_examples(shares: dict[str, float]) -> str:
    if not shares:
        return ""
    (best, most), (_, next_most) = sorted(shares.items(), key=lambda pair: -pair[1])[:2]
    return best if most >= SAYING and most >= CLEARLY * next_most else ""


def _shares(examples: Iterable[str]) -> dict[str, float]:
    """Role → share of the examples that speak of it; empty without examples."""
    texts = [clean(text) for text in examples]
    if not texts:
        return {}
    return {role.id: sum(bool(role.cue.search(text)) for text in texts) / len(texts) for role in ROLES}


def _called(intent: IntentNames) -> list[str]:
    return [_key(name) for name in (intent.id, intent.name, *intent.aliases)]


def _key(name: str) -> str:
    return re.sub(r"[\s_\-./]", "", clean(name)).lower()
