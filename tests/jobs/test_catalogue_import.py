"""The six catalogue files: what a cell may hold, what is refused, and that an export imports again."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, time

import pytest

from kefu.core.catalogue import EVERYWHERE, UNSPLIT
from kefu.errors import BadInput
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import cells
from kefu.jobs.kinds.compatibility import COMPATIBILITY
from kefu.jobs.kinds.delivery import DELIVERY, days_of
from kefu.jobs.kinds.jargon import JARGON
from kefu.jobs.kinds.orders import ORDERS
from kefu.jobs.kinds.products import PRODUCTS
from kefu.jobs.kinds.rules import KIND as RULES
from kefu.jobs.kinds.stock import STOCK
from kefu.store.catalogue import load_products
from kefu.store.delivery import load_holidays, load_promises
from kefu.store.orders import load_orders
from kefu.store.stock import load_stock

# ruff: noqa: E501 (whole lines of CSV)
FILES = {
    PRODUCTS: """product,name,aliases,category,brand,unit,virtual,sku,attributes,variant_aliases,barcode,price,description
bag,电脑包,包|书包,包,云岭,个,否,BAG-L,尺码=大号|颜色=黑色,L,6901,129.00,结实
bag,,,,,,,BAG-S,尺码=小号|颜色=黑色,,,99.5,
card,会员卡,,卡密,,张,是,CARD,,,,15,
""",
    STOCK: """sku,warehouse,quantity,as_of,incoming,incoming_quantity
BAG-L,杭州仓,12,2026-11-20 10:30,,
BAG-S,杭州仓,0,2026-11-20T10:30:00+08:00,2026-12-01,50
""",
    DELIVERY: """type,warehouse,region,days,cutoff,express,express_cutoff,express_by,date,until,name
promise,杭州仓,杭州,1,18:00,当晚达,12:00,21:30,,,
,,全国,3,,,,,,,
承诺,,台湾省,-,,,,,,,
holiday,,,,,,,,2027-02-05,2027-02-11,春节
""",
    JARGON: "term,means,product,sku\n条子,内存条,,\n大包,,,BAG-L\n",
    COMPATIBILITY: """type,device,aliases,attributes,category,part_attribute,operator,device_attribute,value,product,sku,fits,note
device,甲 14,甲14,内存类型=DDR5|硬盘尺寸=2280/2242,,,,,,,,,
rule,,,,内存条,类型,,内存类型,,,,,
规则,,,,内存条,,≥,内存插槽,1,,,,焊死
pair,甲 14,,,,,,,,bag,,是,
pair,甲 14,,,,,,,,,BAG-S,否,太小
""",
    ORDERS: """order_no,buyer_id,phone,items,status,ordered_at,paid_at,promised_at,shipped_at,carrier,tracking
1001,b1,13800001234,BAG-L*2|CARD,已付款,2026-11-20 09:58,2026-11-20 10:00,2026-11-21 18:00,,,
1002,b2,,BAG-S x3,shipped,,,,2026-11-20 12:00,顺丰,SF1
""",
}


def write(tmp_path, kind, text=None):
    path = tmp_path / f"{kind.name}.csv"
    path.write_text(FILES[kind] if text is None else text, encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", FILES, ids=lambda kind: kind.name)
def test_a_file_imports_again_as_nothing_new_and_its_export_too(db, shop, tmp_path, kind) -> None:
    path = write(tmp_path, kind)
    first = run_import(db, shop.id, kind, path)
    assert first.written
    assert first.count("new") == len(FILES[kind].strip().splitlines()) - 1
    assert run_import(db, shop.id, kind, path).count("same") == len(first.rows)
    with db.read() as connection:
        rows = [kind.dump(item) for item in kind.load(connection, shop.id).values()]
    exported = tmp_path / f"again-{kind.name}.csv"
    with exported.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [column.name for column in kind.columns])
        writer.writeheader()
        writer.writerows(rows)
    assert run_import(db, shop.id, kind, exported).count("same") == len(first.rows)


def test_values_arrive_in_the_shops_own_form(db, shop, tmp_path) -> None:
    for kind in FILES:
        run_import(db, shop.id, kind, write(tmp_path, kind))
    with db.read() as connection:
        bag, card = load_products(connection, shop.id)
        assert [(v.sku, v.price) for v in bag.variants] == [("BAG-L", 12900), ("BAG-S", 9950)]
        assert (bag.unit, card.virtual, bag.variants[1].attribute("颜色")) == ("个", True, "黑色")
        row = load_stock(connection, shop.id)[("BAG-S", "杭州仓")]
        assert (row.as_of, row.incoming) == (datetime(2026, 11, 20, 2, 30, tzinfo=UTC), date(2026, 12, 1))
        promises = {promise.region: promise for promise in load_promises(connection, shop.id)}
        assert promises["330100"].express_by == time(21, 30)
        assert promises[EVERYWHERE].cutoff is None
        assert promises["710000"].days is None
        assert load_holidays(connection, shop.id)[0].name == "春节"
        orders = load_orders(connection, shop.id)
        assert orders["1001"].phone_last4 == "1234"
        assert [(item.sku, item.quantity) for item in orders["1002"].items] == [("BAG-S", 3)]


@pytest.mark.parametrize(
    ("kind", "row", "says"),
    [
        (PRODUCTS, "x,,,,,,,S,,,,,", "name is empty"),
        (PRODUCTS, "x,甲,,,,,maybe,S,,,,,", "neither yes nor no"),
        (PRODUCTS, "x,甲,,,,,,S,尺码=1|大号,,,,", "no attribute"),
        (PRODUCTS, "x,甲,,,,,,S,尺码=1|尺码=2,,,,", "twice"),
        (PRODUCTS, "x,甲,,,,,,S,颜色分类:红;颜色:蓝,,,,", "twice"),
        (PRODUCTS, "x,甲,,,,,,S,,,,1.999,", "no amount"),
        (PRODUCTS, f"x,甲,,,,,,{'S' * 65},,,,,", "65 characters"),
        (STOCK, "S,甲,-1,,,", "whole number"),
        (STOCK, "S,甲,1.5,,,", "whole number"),
        (STOCK, "S,,1,,,", "warehouse is empty"),
        (STOCK, "S,甲,1,yesterday,,", "no moment"),
        (STOCK, "S,甲,1,,soon,", "no date"),
        (DELIVERY, "promise,,Atlantis,1,,,,,,,", "no region"),
        (DELIVERY, "promise,,杭州,soon,,,,,,,", "whole number"),
        (DELIVERY, "promise,,杭州,1,25:00,,,,,,", "no time of day"),
        (DELIVERY, "promise,,杭州,1,,当晚达,,,,,", "has no times"),
        (DELIVERY, "holiday,,,,,,,,,,x", "no date"),
        (DELIVERY, "party,,,,,,,,,,", "no type"),
        (JARGON, "条子,,,", "“条子” stands for nothing. Fill in means, product or sku, or remove the row."),
        (COMPATIBILITY, "rule,,,,内存条,类型,~,内存类型,,,,,", "compares nothing"),
        (COMPATIBILITY, "rule,,,,内存条,,,内存类型,,,,,", "one side"),
        (COMPATIBILITY, "pair,甲,,,,,,,,,S,,", "fits is empty"),
        (COMPATIBILITY, "pair,甲,,,,,,,,,,是,", "no single part"),
        (COMPATIBILITY, "device,,,,,,,,,,,,", "device is empty"),
        (COMPATIBILITY, "device,翠鸟,,年款=新款,,,,,,,,,", "“新款” are no years"),
        (ORDERS, "1,b,12,,paid,,,,,,", "2 digits"),
        (ORDERS, "1,b,,,lost,,,,,,", "no order status"),
    ],
)
def test_a_wrong_cell_is_told_with_its_row_and_nothing_is_written(db, shop, tmp_path, kind, row, says) -> None:
    header = FILES[kind].splitlines()[0]
    report = run_import(db, shop.id, kind, write(tmp_path, kind, f"{header}\n{row}\n"))
    assert (report.written, report.rows[0].number, report.rows[0].status) == (False, 2, "error")
    assert says in report.rows[0].message


def test_devices_of_one_name_that_no_years_tell_apart_are_told(db, shop, tmp_path) -> None:
    header = FILES[COMPATIBILITY].splitlines()[0]
    rows = "{0}\ndevice,海风翠鸟,翠鸟,{1},,,,,,,,,\ndevice,老款翠鸟,,年款=13-17,,,,,,,,,\n"
    report = run_import(db, shop.id, COMPATIBILITY, write(tmp_path, COMPATIBILITY, rows.format(header, "")))
    assert "海风翠鸟 and 老款翠鸟" in " ".join(report.warnings)
    report = run_import(db, shop.id, COMPATIBILITY, write(tmp_path, COMPATIBILITY, rows.format(header, "年款=18至今")))
    assert not report.warnings


def test_chinese_headers_are_taken(db, shop, tmp_path) -> None:
    path = write(tmp_path, STOCK, "规格编号,仓库,数量\nS,甲,5\n")
    assert run_import(db, shop.id, STOCK, path).written


def test_stock_without_a_moment_is_counted_at_the_frozen_one(db, shop, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("KEFU_NOW", "2026-12-08T20:10:00+08:00")
    cells.shop_clock.cache_clear()
    try:
        run_import(db, shop.id, STOCK, write(tmp_path, STOCK, "规格编号,仓库,数量\nS,甲,5\n"))
    finally:
        cells.shop_clock.cache_clear()
    with db.read() as connection:
        assert load_stock(connection, shop.id)[("S", "甲")].as_of == datetime(2026, 12, 8, 12, 10, tzinfo=UTC)


def test_a_listing_as_shop_systems_export_it_is_taken(db, shop, tmp_path) -> None:
    text = "商品ID,宝贝标题,宝贝类目,商家编码,销售属性,一口价\nA,长裙,连衣裙,A-1,颜色分类:杏色;尺码:S,189\n"
    assert run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS, text)).written
    with db.read() as connection:
        (row,) = PRODUCTS.load(connection, shop.id).values()
    assert (row.product.category, row.variant.attributes) == ("连衣裙", (("颜色", "杏色"), ("尺码", "S")))


def test_a_missing_column_is_told_with_its_other_names_and_what_is_not_known(db, shop, tmp_path) -> None:
    with pytest.raises(BadInput, match=r"商家编码.*Not known in it: 怪列"):
        run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS, "商品ID,宝贝标题,怪列\nA,长裙,x\n"))


def test_spreadsheet_numbers_and_dates_are_taken() -> None:
    assert cells.whole("1,200", "quantity") == 1200
    assert cells.whole("12.0", "quantity") == 12
    assert cells.price("￥1,289.00元") == 128900
    assert cells.day("2026-12-01 00:00:00", "incoming") == cells.day("2026/12/01", "incoming") == date(2026, 12, 1)
    assert cells.clock("18：30", "cutoff") == time(18, 30)


@pytest.mark.parametrize(
    "written",
    [
        "2026/11/30 9:00",
        "2026.11.30 9:00",
        "2026-11-30 9:00",
        "2026/11/30 09:00:00",
        "2026年11月30日 9：00",
        "2026-11-30T01:00Z",
    ],
)
def test_a_time_as_spreadsheets_and_platforms_write_it_is_taken(written) -> None:
    assert cells.moment(written, "paid_at") == datetime(2026, 11, 30, 1, 0, tzinfo=UTC)


def test_seconds_and_days_of_one_digit_are_taken() -> None:
    assert cells.moment("2026/1/5 9:00:05", "paid_at") == datetime(2026, 1, 5, 1, 0, 5, tzinfo=UTC)
    assert cells.day("2026/1/5", "incoming") == cells.day("2026.01.05 0:00", "incoming") == date(2026, 1, 5)


@pytest.mark.parametrize("written", ["2026/13/1 9:00", "2026/11/30 25:00", "30/11/2026 9:00", "2026/11/30 9:5"])
def test_a_time_that_cannot_be_read_for_sure_is_refused(written) -> None:
    with pytest.raises(BadInput, match="no moment"):
        cells.moment(written, "paid_at")


@pytest.mark.parametrize(
    ("kind", "row", "says"),
    [
        (ORDERS, "7,b,12,,lost,soon,later,,,,", ("no order status", "2 digits", "ordered_at", "paid_at")),
        (STOCK, "S,甲,many,soon,later,some", ("quantity “many”", "as_of", "incoming “later”", "incoming_quantity")),
        (STOCK, "S,,,soon,,", ("warehouse, quantity is empty", "as_of")),
        (PRODUCTS, "x,,,,,,maybe,S,尺码:,,,cheap,", ("name is empty", "neither yes", "no attribute", "price")),
        (DELIVERY, "promise,,Atlantis,soon,25:00,,,,,,", ("no region", "days", "cutoff")),
        (JARGON, f"{'术' * 65},,,{'S' * 65}", ("term has 65", "sku has 65")),
        (COMPATIBILITY, "device,,,内存,,,,,,,,,", ("device is empty", "“内存” is no attribute")),
        (
            COMPATIBILITY,
            "rule,,,,,类型,~,,14,,,,",
            ("category is empty", "device_attribute is empty", "“~”", "one side"),
        ),
        (COMPATIBILITY, "pair,,,,,,,,,bag,S,maybe,", ("device is empty", "neither yes nor no", "no single part")),
        (
            RULES,
            "r 1,,[||(,,,,,ten,,,9-9,x,maybe,,-1,fly,",
            (
                "“r 1” is no rule id",
                "“[”",
                "“(”",
                "priority “ten”",
                "time window",
                "no days",
                "first_message",
                "cooldown is negative",
                "fly",
            ),
        ),
    ],
)
def test_all_that_is_wrong_in_a_row_is_told_at_once(db, shop, tmp_path, kind, row, says) -> None:
    header = ",".join(c.name for c in RULES.columns) if kind is RULES else FILES[kind].splitlines()[0]
    (told,) = run_import(db, shop.id, kind, write(tmp_path, kind, f"{header}\n{row}\n")).rows
    assert [part for part in says if part not in told.message] == []
    assert "“”" not in told.message


def test_two_rows_that_say_different_things_of_one_sku_are_an_error_that_names_both(db, shop, tmp_path) -> None:
    text = "商品编号,商品名,规格编号,价格\ncup,杯子,CUP-1,19\npot,茶壶,POT-1,88\npot,茶壶,CUP-1,89\n"
    report = run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS, text))
    assert [(row.number, row.status) for row in report.rows] == [(2, "error"), (3, "new"), (4, "error")]
    assert all("Rows 2 and 4" in row.message and "CUP-1" in row.message for row in report.rows if row.key == "CUP-1")
    kept = run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS, text), keep_going=True)
    with db.read() as connection:
        assert (kept.written, [product.id for product in load_products(connection, shop.id)]) == (True, ["pot"])


def test_a_row_that_is_there_twice_is_one(db, shop, tmp_path) -> None:
    text = "商品编号,商品名,规格编号,价格\ncup,杯子,CUP-1,19\ncup,杯子,CUP-1,19\n"
    report = run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS, text))
    assert [(row.status, row.message) for row in report.rows] == [("new", ""), ("same", "as row 2")]


APART = """商品编号,商品名,规格编号,规格,描述
pump,手动泵,PUMP-S,行程=短,自行车用
,,PUMP-L,行程=长,摩托车也能用
,,PUMP-X,行程=特长,
"""


def described(db, shop) -> str:
    with db.read() as connection:
        return load_products(connection, shop.id)[0].description


def test_descriptions_that_differ_between_the_rows_of_a_product_are_kept_apart(db, shop, tmp_path) -> None:
    first = run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS, APART))
    assert described(db, shop) == "短：自行车用；长：摩托车也能用"
    assert (first.count("new"), run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS, APART)).count("same")) == (
        3,
        3,
    )


def test_a_row_imported_alone_loses_nothing_that_was_said_of_its_sisters(db, shop, tmp_path) -> None:
    run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS, APART))
    head, _, long, _ = APART.splitlines()
    alone = "\n".join((head, long.replace(",,", "pump,手动泵,", 1)))
    assert run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS, alone)).count("same") == 1
    run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS, alone.replace("摩托车", "电动车")))
    assert described(db, shop) == "短：自行车用；长：电动车也能用"


def test_one_row_of_an_exported_file_may_be_written_anew(db, shop, tmp_path) -> None:
    run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS, APART))
    whole = "短：自行车用；长：摩托车也能用"
    rows = (
        f"商品编号,商品名,规格编号,规格,描述\npump,手动泵,PUMP-S,行程=短,{whole}\npump,手动泵,PUMP-L,行程=长,{whole}\n"
    )
    assert run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS, rows)).count("same") == 2
    run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS, f"{rows}pump,手动泵,PUMP-X,行程=特长,货车用\n"))
    assert described(db, shop) == "短：自行车用；长：摩托车也能用；特长：货车用"


def test_one_description_on_some_rows_is_the_products(db, shop, tmp_path) -> None:
    text = "商品编号,商品名,规格编号,规格,描述\npump,泵,P-1,款=A,\npump,泵,P-2,款=B,铝合金\npump,泵,P-3,款=C,铝合金\n"
    assert run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS, text)).written
    assert described(db, shop) == "铝合金"


def test_two_descriptions_of_one_sku_are_an_error(db, shop, tmp_path) -> None:
    text = "商品编号,商品名,规格编号,描述\npump,泵,P-1,铝合金\npump,泵,P-1,塑料\n"
    report = run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS, text))
    assert (report.written, report.count("error")) == (False, 2)


def test_what_names_no_product_of_the_shop_is_taken_with_a_warning_that_names_rows_and_values(
    db, shop, tmp_path
) -> None:
    run_import(db, shop.id, PRODUCTS, write(tmp_path, PRODUCTS))
    warned = {}
    for kind, text in {
        STOCK: "sku,warehouse,quantity\nBAG-L,甲,1\nBAG-LL,甲,1\nHAT,甲,2\nHAT,乙,2\n",
        ORDERS: "order_no,status,items\n1,paid,BAG-L*1|HAT*2\n2,paid,BAG-S两个\n",
        COMPATIBILITY: "type,device,category,device_attribute,value,product,sku,fits\n"
        "rule,,书包,尺寸,14,,,\nrule,,卡密,尺寸,14,,,\npair,甲,,,,cap,,是\npair,甲,,,,,HAT,是\n",
    }.items():
        report = run_import(db, shop.id, kind, write(tmp_path, kind, text))
        assert (report.written, report.count("error")) == (True, 0)
        warned[kind] = " ".join(report.warnings)
    assert "No product has the SKU BAG-LL (row 3), HAT (rows 4, 5)." in warned[STOCK]
    assert "HAT (row 2), BAG-S两个 (row 3)" in warned[ORDERS]
    assert "SKU*quantity" in warned[ORDERS]
    assert "No product is of the category 书包 (row 2)." in warned[COMPATIBILITY]
    assert "The shop has 包、卡密." in warned[COMPATIBILITY]
    assert "There is no product cap (row 4)." in warned[COMPATIBILITY]
    assert "No product has the SKU HAT (row 5)." in warned[COMPATIBILITY]


def test_an_import_of_stock_tells_which_skus_have_none_yet(db, shop, tmp_path) -> None:
    more = FILES[PRODUCTS] + "cap,帽子,,,,,否,CAP,,,,9,\n"
    reports = [
        run_import(db, shop.id, kind, write(tmp_path, kind, text))
        for kind, text in ((PRODUCTS, more), (ORDERS, None), (STOCK, None))
    ]
    told = "SKUs without any stock row yet, which are answered “库存暂不确定”: 1 (CAP)."  # a virtual card needs none
    assert [report.warnings for report in reports] == [(), (), (told,)]
    rest = run_import(db, shop.id, STOCK, write(tmp_path, STOCK, "sku,warehouse,quantity\nCAP,杭州仓,0\n"))
    assert rest.warnings == ()


def test_a_row_that_replaces_an_earlier_one_of_its_file_is_told(db, shop, tmp_path) -> None:
    report = run_import(db, shop.id, STOCK, write(tmp_path, STOCK, "sku,warehouse,quantity\nS,甲,1\nS,甲,2\n"))
    assert report.warnings[0] == "Given more than once, the last counts: S 甲 (rows 2, 3)."


@pytest.mark.parametrize("item", ["RC-3*2", "RC-3 x2", "RC-3x2", "RC-3×2", "RC-3 X 2", "RC-3 ＊ 2", "RC-3 * 2"])
def test_a_quantity_may_be_written_with_any_sign_for_times(db, shop, tmp_path, item) -> None:
    run_import(db, shop.id, ORDERS, write(tmp_path, ORDERS, f"order_no,status,items\n1,paid,{item}\n"))
    with db.read() as connection:
        (found,) = load_orders(connection, shop.id)["1"].items
    assert (found.sku, found.quantity) == ("RC-3", 2)


def test_a_sku_that_ends_like_a_quantity_stays_whole(db, shop, tmp_path) -> None:
    run_import(db, shop.id, ORDERS, write(tmp_path, ORDERS, "order_no,status,items\n1,paid,DDR5-16GX2|KIT-8GX2*3\n"))
    with db.read() as connection:
        items = load_orders(connection, shop.id)["1"].items
    assert [(item.sku, item.quantity) for item in items] == [("DDR5-16GX2", 1), ("KIT-8GX2", 3)]


@pytest.mark.parametrize(
    ("written", "days"),
    [("0", 0), ("2.0", 2), ("当日", 0), ("当天", 0), ("次日", 1), ("次日达", 1), ("隔日", 2), ("不发", None), ("3天", 3), ("3 日", 3), ("2-3天", 3),
     ("2天至4天", 4), ("3～5", 5), ("-", None)],
)  # fmt: skip
def test_days_of_delivery_are_read_as_shops_write_them(written, days) -> None:
    assert days_of(written) == days


@pytest.mark.parametrize("written", ["3-2天", "24小时", "3个工作日", "尽快", "1-2-3", "2026-02-03"])
def test_days_that_are_not_sure_are_refused_with_what_may_be_written(written) -> None:
    with pytest.raises(BadInput, match=r"no whole number of days.*2-3天.*次日"):
        days_of(written)


def test_stock_without_warehouses_is_taken_where_no_stock_has_one(db, shop, tmp_path) -> None:
    plain = write(tmp_path, STOCK, "商家编码,库存\nCUP-1,7\nCUP-2,0\n")
    assert run_import(db, shop.id, STOCK, plain).written
    assert run_import(db, shop.id, STOCK, plain).written
    with db.read() as connection:
        held = {key: row.quantity for key, row in load_stock(connection, shop.id).items()}
    assert held == {("CUP-1", UNSPLIT): 7, ("CUP-2", UNSPLIT): 0}


@pytest.mark.parametrize(
    "text",
    ["sku,quantity\nCUP-2,3\n", "sku,quantity\nCUP-1,0\n", "sku,warehouse,quantity\nCUP-2,未分仓,3\n"],
)
def test_stock_without_warehouses_is_refused_where_the_shop_has_some(db, shop, tmp_path, text) -> None:
    run_import(db, shop.id, STOCK, write(tmp_path, STOCK, "sku,warehouse,quantity\nCUP-1,宁波仓,7\n"))
    with pytest.raises(BadInput, match=r"counted twice: the shop has stock in 宁波仓.*column warehouse"):
        run_import(db, shop.id, STOCK, write(tmp_path, STOCK, text))


def test_stock_that_was_not_split_must_go_where_warehouses_count_it(db, shop, tmp_path) -> None:
    run_import(db, shop.id, STOCK, write(tmp_path, STOCK, "sku,quantity\nCUP-1,7\n"))
    split = "sku,warehouse,quantity\nCUP-1,宁波仓,4\nCUP-1,嘉兴仓,3\n"
    with pytest.raises(BadInput, match=r"CUP-1: there is stock.*未分仓 and quantity 0"):
        run_import(db, shop.id, STOCK, write(tmp_path, STOCK, split))
    assert run_import(db, shop.id, STOCK, write(tmp_path, STOCK, split + "CUP-1,未分仓,0\n")).written
    with db.read() as connection:
        assert sum(row.quantity for row in load_stock(connection, shop.id).values()) == 7


def test_rows_with_and_without_a_warehouse_in_one_file_are_refused(db, shop, tmp_path) -> None:
    path = tmp_path / "stock.jsonl"
    path.write_text(
        '{"sku": "CUP-1", "quantity": 3}\n{"sku": "CUP-2", "warehouse": "宁波仓", "quantity": 3}\n', "utf-8"
    )
    with pytest.raises(BadInput, match="counted twice"):
        run_import(db, shop.id, STOCK, path)
