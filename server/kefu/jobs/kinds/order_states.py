"""What platforms and shop systems call an order's state → ours, where that says the same."""

from __future__ import annotations

import re

from kefu.core.orders import STATUSES
from kefu.core.text import normalise
from kefu.errors import BadInput

_CALLED: dict[str, str] = {
    "unpaid": "未付款 待支付 未支付 等待付款 等待支付 等待买家付款 定金未付尾款未付 待付定金 WAIT_BUYER_PAY",
    "deposit": (
        "已付定金 定金已付尾款待付 定金已付尾款未付 已付定金待付尾款 定金已付待付尾款 待付尾款 待支付尾款 "
        "等待付尾款 等待买家付尾款 尾款待付 尾款未付 FRONT_PAID_FINAL_NOPAID"
    ),
    "paid": (
        "已支付 付款成功 待发货 未发货 等待发货 等待卖家发货 买家已付款 买家已付款等待卖家发货 等待出库 "
        "待出库 待配货 配货中 备货中 拣货中 打包中 定金和尾款都付 定金已付尾款已付 FRONT_PAID_FINAL_PAID "
        "WAIT_SELLER_SEND_GOODS WAIT_SELLER_STOCK_OUT"
    ),
    "part_shipped": "部分已发货 卖家部分发货 已部分发货 SELLER_CONSIGNED_PART",
    "shipped": (
        "卖家已发货 卖家已发货等待买家确认 卖家已发货等待买家确认收货 等待买家确认收货 等待确认收货 "
        "待确认收货 待收货 等待收货 已发货待收货 已发货待签收 已出库 已揽收 已揽件 运输中 派送中 配送中 "
        "WAIT_BUYER_CONFIRM_GOODS WAIT_GOODS_RECEIVE_CONFIRM"
    ),
    "delivered": (
        "交易成功 交易完成 订单完成 已完成 完成 已收货 已妥投 待评价 TRADE_FINISHED TRADE_BUYER_SIGNED FINISHED_L"
    ),
    "cancelled": "取消 交易取消 交易已取消 订单取消 订单已取消 TRADE_CLOSED_BY_TAOBAO TRADE_CANCELED",
    "refunding": "退款处理中 待退款 等待退款 退货退款中 退货中 未发货退款中 待发货退款中 已发货退款中",
    "part_refunded": "部分退款成功 已部分退款",
    "refunded": "退款成功 全额退款 退款完成 未发货退款成功 待发货退款成功 已发货退款成功 TRADE_CLOSED",
}
_CLOSED = frozenset({"交易关闭", "订单关闭", "已关闭", "关闭", "交易已关闭"})
"""Taobao, JD and Douyin call so what was never paid and what was paid and refunded."""


def _bare(cell: str) -> str:
    """Without punctuation and blanks, which one platform writes and another leaves out."""
    return re.sub(r"\W", "", normalise(cell).text)


_OURS = {
    _bare(name): status
    for status, said in STATUSES.items()
    for name in (status, said, *_CALLED[status].split())
}  # fmt: skip


def order_status(cell: str, paid: bool) -> str:
    """The status that the cell names; ``paid``: the row has a time of payment. Raises BadInput."""
    said = _bare(cell)
    if said in _CLOSED:
        return "refunded" if paid else "cancelled"
    if said not in _OURS:
        ours = "、".join(f"{status} ({chinese})" for status, chinese in STATUSES.items())
        raise BadInput(
            f"“{cell}” is no order status.",
            f"Use one of {ours}, or a platform's own word such as 待发货, 等待买家付款, 交易成功, 交易关闭.",
        )
    return _OURS[said]
