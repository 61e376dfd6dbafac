"""Files as shop systems and platforms export them, and as owners type them."""

from __future__ import annotations

from datetime import date

import pytest
from openpyxl import Workbook

from kefu.core.orders import STATUSES
from kefu.errors import BadInput
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import cells
from kefu.jobs.kinds.delivery import DELIVERY
from kefu.jobs.kinds.order_states import order_status
from kefu.jobs.kinds.orders import ORDERS
from kefu.jobs.kinds.products import PRODUCTS
from kefu.jobs.kinds.stock import STOCK
from kefu.store.catalogue import load_products
from kefu.store.stock import load_stock

TODAY = date(2026, 11, 22)
LISTING = "商品ID,宝贝标题,类目,商家编码,规格,价格\n"


def written(tmp_path, text: str, name: str = "file.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def of_products(db, shop, tmp_path, text: str):
    report = run_import(db, shop.id, PRODUCTS, written(tmp_path, text))
    with db.read() as connection:
        return report, {product.id: product for product in load_products(connection, shop.id)}


def test_rows_of_merged_cells_go_on_with_the_product_above(db, shop, tmp_path) -> None:
    book = Workbook()
    rows = [
        ("商品ID", "宝贝标题", "类目", "商家编码", "规格", "价格"),
        ("K1", "哑光口红", "口红", "K1-A", "颜色:正红", 59),
        (None, None, None, "K1-B", "颜色:豆沙", 59),
        (None, None, None, "K1-C", "颜色:枫叶", 59),
        ("K2", "遮瑕膏", "遮瑕", "K2-A", None, 79),
    ]
    for row in rows:
        book.active.append(row)
    for column in "ABC":
        book.active.merge_cells(f"{column}2:{column}4")
    book.save(tmp_path / "export.xlsx")
    assert run_import(db, shop.id, PRODUCTS, tmp_path / "export.xlsx").written
    with db.read() as connection:
        first, second = load_products(connection, shop.id)
    assert ([v.sku for v in first.variants], first.category) == (["K1-A", "K1-B", "K1-C"], "口红")
    assert [v.sku for v in second.variants] == ["K2-A"]


def test_a_blank_id_goes_on_below_cells_of_several_lines(db, shop, tmp_path) -> None:
    text = LISTING + 'K1,口红,口红,K1-A,颜色:红,59\n,,,K1-B,"颜色:豆沙\n色",59\n,,,K1-C,颜色:粉,59\n'
    report, products = of_products(db, shop, tmp_path, text)
    assert (report.count("error"), len(products["K1"].variants)) == (0, 3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("K1,口红,口红,K1-A,颜色:红,59\n\n,,,K1-B,颜色:粉,59\n", "product, name is empty"),
        ("K1,口红,口红,K1-A,颜色:红,59\n,粉饼,,K1-B,颜色:粉,59\n", "product is empty"),
        ("K1,口红,口红,K1-A,颜色:红,59\nK2,,,K2-B,颜色:粉,59\n", "name is empty"),
        (",,口红,K1-A,颜色:红,59\n", "product, name is empty"),
    ],
)
def test_a_row_that_goes_on_with_nothing_tells_only_what_is_missing(db, shop, tmp_path, text, says) -> None:
    report, _ = of_products(db, shop, tmp_path, LISTING + text)
    (told,) = [row.message for row in report.rows if row.status == "error"]
    assert told == f"{says}. Fill it in."


def test_specifications_without_names_are_one_attribute(db, shop, tmp_path) -> None:
    text = LISTING + "F,粉底液,底妆,F-1,30ml 白,129\n,,,F-2,30ml 自然色,129\nT,T恤,,T-1,白色;XL,39\nT,,,T-2,均码,39\n"
    report, products = of_products(db, shop, tmp_path, text)
    assert (report.written, report.warnings) == (True, ())
    assert [v.attributes for v in products["F"].variants] == [(("规格", "30ml 白"),), (("规格", "30ml 自然色"),)]
    assert products["T"].variants[0].attributes == (("规格", "白色 XL"),)


def test_a_specification_without_a_name_beside_named_ones_is_told(db, shop, tmp_path) -> None:
    text = LISTING + "T,T恤,,T-1,颜色:白;尺码:XL,39\nT,,,T-2,黑 XL,39\nM,帽子,,M-1,均码,19\n"
    report, _ = of_products(db, shop, tmp_path, text)
    (told,) = report.warnings
    assert told.startswith("No attribute is named in 黑 XL (row 3). Write 名=值")


@pytest.mark.parametrize("cell", ["￥129", "129元", "¥ 129.00", "129", "129.0 元", "１２９"])
def test_a_price_is_read_as_it_is_written(cell) -> None:
    assert cells.price(cell) == 12900


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("12月5日", date(2026, 12, 5)),
        ("12月5号", date(2026, 12, 5)),
        ("2026.12.05", date(2026, 12, 5)),
        ("12/5", date(2026, 12, 5)),
        ("1/8", date(2027, 1, 8)),
        ("11月22日", TODAY),
        ("11月20日", date(2026, 11, 20)),
        ("6月1日", date(2027, 6, 1)),
        ("", None),
    ],
)
def test_a_day_without_a_year_is_the_next_one_or_just_over(cell, day) -> None:
    assert cells.coming_day(cell, "incoming", TODAY) == day


def test_a_day_of_the_last_december_is_no_day_of_the_next(db, shop, tmp_path) -> None:
    assert cells.coming_day("12月28日", "incoming", date(2027, 1, 3)) == date(2026, 12, 28)


@pytest.mark.parametrize("cell", ["下周", "2月30日", "13/5", "12.5", "月底"])
def test_a_day_that_is_not_sure_is_refused(cell) -> None:
    with pytest.raises(BadInput, match="no date"):
        cells.coming_day(cell, "incoming", TODAY)


def test_stock_in_words_and_more_than_a_number(db, shop, tmp_path) -> None:
    text = "sku,仓库,库存\nA,甲,100+\nB,甲,无货\nC,甲,200以上\n"
    assert run_import(db, shop.id, STOCK, written(tmp_path, text)).written
    with db.read() as connection:
        assert [row.quantity for row in load_stock(connection, shop.id).values()] == [100, 0, 200]


def test_in_stock_without_a_number_is_told_with_what_to_write(db, shop, tmp_path) -> None:
    report = run_import(db, shop.id, STOCK, written(tmp_path, "sku,仓库,库存\nA,甲,有货\n"))
    said = "quantity “有货” does not say how many. Write how many can be sold, like 20; 无货 is 0."
    assert (report.written, report.rows[0].message) == (False, said)


def test_each_error_of_a_row_has_its_own_line_and_hint(db, shop, tmp_path) -> None:
    report = run_import(db, shop.id, STOCK, written(tmp_path, "sku,仓库,库存,到货日期\nA,,有货,下周\n"))
    first, second, third = report.rows[0].message.split("\n")
    assert first == "warehouse is empty. Fill it in."
    assert second.startswith("quantity “有货”")
    assert third == "incoming “下周” is no date. Write it like 2026-11-22."
    assert report.rows[0].told().splitlines()[1].startswith("  quantity")


def test_columns_that_nobody_reads_are_told_once(db, shop, tmp_path) -> None:
    text = "sku,仓库,库存,占用,库位\nA,甲,3,1,B-2\nB,甲,4,0,B-3\n"
    assert "Columns not used: 占用, 库位." in run_import(db, shop.id, STOCK, written(tmp_path, text)).warnings


def test_delivery_and_stock_that_do_not_meet_are_told_by_the_import_of_delivery(db, shop, tmp_path) -> None:
    of_products(db, shop, tmp_path, LISTING.replace("\n", ",虚拟\n") + "C,会员卡,卡,C-1,,9,是\nB,包,包,B-1,,9,否\n")
    promises = written(tmp_path, "仓库,地区,天数\n杭州仓,全国,3\n")
    assert run_import(db, shop.id, DELIVERY, promises).warnings == ()
    held = written(tmp_path, "sku,仓库,库存\nC-1,云仓,9\nB-1,宁波仓,4\n")
    assert run_import(db, shop.id, STOCK, held).warnings == ()
    told = run_import(db, shop.id, DELIVERY, written(tmp_path, "仓库,地区,天数\n杭州仓,全国,3\n")).warnings
    assert ("never used: 杭州仓" in told[0], "no day is promised: 宁波仓." in told[1]) == (True, True)


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("待发货", "paid"),
        ("买家已付款，等待卖家发货", "paid"),
        ("等待出库", "paid"),
        ("备货中", "paid"),
        ("等待买家付款", "unpaid"),
        ("已付定金", "deposit"),
        ("定金已付，尾款待付", "deposit"),
        ("待付尾款", "deposit"),
        ("卖家已发货，等待买家确认", "shipped"),
        ("已发货，待签收", "shipped"),
        ("待收货", "shipped"),
        ("部分发货", "part_shipped"),
        ("交易成功", "delivered"),
        ("已完成", "delivered"),
        ("部分退款", "part_refunded"),
        ("退款中", "refunding"),
        ("未发货，退款成功", "refunded"),
        ("交易关闭", "cancelled"),
        ("WAIT_SELLER_SEND_GOODS", "paid"),
    ],
)
def test_states_of_the_platforms_are_read(cell, status) -> None:
    assert order_status(cell, paid=False) == status


def test_a_closed_trade_that_was_paid_is_refunded(db, shop, tmp_path) -> None:
    text = "订单编号,订单状态,付款时间\n1,交易关闭,2026-11-20 10:00\n2,交易关闭,\n"
    run_import(db, shop.id, ORDERS, written(tmp_path, text))
    with db.read() as connection:
        assert [order.status for order in ORDERS.load(connection, shop.id).values()] == ["refunded", "cancelled"]


def test_every_state_of_ours_is_read_back() -> None:
    assert [order_status(chinese, paid=False) for chinese in STATUSES.values()] == list(STATUSES)
