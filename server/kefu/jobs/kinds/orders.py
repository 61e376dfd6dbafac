"""Import kind `orders`. Of a phone number only the last four digits are stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from kefu.core.orders import STATUSES, Order, OrderItem
from kefu.errors import BadInput
from kefu.jobs.imports import Column, ImportKind
from kefu.jobs.kinds.cells import limited, moment, read_all, several, shop_zone
from kefu.jobs.kinds.order_states import order_status
from kefu.jobs.kinds.unknown import unknown_skus
from kefu.jobs.tables import SEPARATOR
from kefu.store import orders as store

_TIMES = ("ordered_at", "paid_at", "promised_at", "shipped_at")


def parse_order(cells: Mapping[str, str]) -> Iterable[Order]:
    found = read_all(
        order_no=lambda: limited(cells["order_no"], "order_no", 64),
        status=lambda: order_status(cells["status"], paid=bool(cells["paid_at"])),
        buyer_id=lambda: limited(cells["buyer_id"], "buyer_id", 128),
        phone=lambda: _last4(cells["phone"]),
        items=lambda: tuple(_item(one) for one in several(cells["items"])),
        carrier=lambda: limited(cells["carrier"], "carrier", 64),
        tracking=lambda: limited(cells["tracking"], "tracking", 64),
        **{name: partial(moment, cells[name], name) for name in _TIMES},
    )
    return [Order(phone_last4=found.pop("phone"), **found)]


def _last4(cell: str) -> str:
    digits = re.sub(r"\D", "", cell.replace("*", ""))
    if not cell.strip():
        return ""
    if len(digits) < 4:
        raise BadInput(f"phone has {len(digits)} digits.", "Give the whole number or its last four digits.")
    return digits[-4:]


_TIMES_SIGN = r"(?:\s*[*＊×✕xｘ]|\s+[XＸ])"
"""Between SKU and quantity. A capital X needs a blank before it: SKUs of kits end in such as 16GX2."""


def _item(text: str) -> OrderItem:
    match = re.fullmatch(rf"(.+?){_TIMES_SIGN}\s*(\d{{1,6}})", text)
    return OrderItem(match[1].strip(), int(match[2])) if match else OrderItem(text)


def _warn(connection: Connection, shop_id: int, rows: Sequence[tuple[int, Order]]) -> Iterator[str]:
    hint = f"Write SKU*quantity, several with {SEPARATOR}, or import the products that have it."
    named = ((number, item.sku) for number, order in rows for item in order.items)
    yield from unknown_skus(connection, shop_id, named, hint)


def _dump(order: Order) -> Mapping[str, str]:
    return {
        "order_no": order.order_no,
        "buyer_id": order.buyer_id,
        "phone": order.phone_last4,
        "items": SEPARATOR.join(f"{item.sku}*{item.quantity}" for item in order.items),
        "status": order.status,
        **{name: _written(getattr(order, name)) for name in _TIMES},
        "carrier": order.carrier,
        "tracking": order.tracking,
    }


def _written(moment: datetime | None) -> str:
    return moment.astimezone(shop_zone()).isoformat() if moment else ""


ORDERS = ImportKind(
    name="orders",
    help="orders, so that 催发货 gets a real answer",
    columns=(
        Column("order_no", "the order's number", required=True, aliases=("订单号", "订单编号")),
        Column("buyer_id", "the buyer's id in the channel", aliases=("买家", "买家id")),
        Column("phone", "phone, whole or last four digits; only the last four are stored", aliases=("手机", "手机号")),
        Column("items", f"SKU*quantity (or ×, x), several with {SEPARATOR}", aliases=("商品", "商品明细")),
        Column(
            "status",
            "、".join(f"{e} {c}" for e, c in STATUSES.items())
            + "; or as platforms export it: 等待买家付款, 待发货, 待付尾款, 交易成功 …;"
            " 交易关闭 = refunded if the row has a time of payment, else cancelled",
            required=True,
            aliases=("状态", "订单状态", "交易状态"),
        ),
        Column("ordered_at", "when it was ordered, like 2026-11-22 10:30 or 2026/11/22 9:30", aliases=("下单时间",)),
        Column("paid_at", "when it was paid", aliases=("付款时间",)),
        Column("promised_at", "by when it is to be shipped", aliases=("承诺发货时间",)),
        Column("shipped_at", "when it was shipped", aliases=("发货时间",)),
        Column("carrier", "the carrier", aliases=("快递公司", "物流公司")),
        Column("tracking", "the tracking number", aliases=("快递单号", "运单号")),
    ),
    parse=parse_order,
    key=lambda order: order.order_no,
    load=store.load_orders,
    save=store.save_orders,
    dump=_dump,
    warn=_warn,
)
