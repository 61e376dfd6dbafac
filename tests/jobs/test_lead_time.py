"""The time before dispatch: what owners write into the cell, and what becomes of it in the store."""

from __future__ import annotations

from datetime import date

import pytest

from kefu.errors import BadInput
from kefu.jobs.imports import run_import
from kefu.jobs.kinds.lead_time import lead_time
from kefu.jobs.kinds.products import PRODUCTS
from kefu.store.catalogue import load_products
from kefu.store.stock import skus_without_stock

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        *(
            ("30", "30天"),
            ("25-30天", "25-30天"),
            ("25~30 天", "25-30天"),
            ("约25～30天", "25-30天"),
            ("约30天", "30天"),
        ),
        *(("25天-30天", "25-30天"), ("25至30天", "25-30天"), ("25-30", "25-30天"), ("付款后15天内发货", "15天")),
        *(("3个工作日", "3个工作日"), ("3-5个工作日", "3-5个工作日"), ("5 working days", "5个工作日")),
        *(
            ("48小时", "2天"),
            ("72小时内发货", "3天"),
            ("36h", "2天"),
            ("一周", "7天"),
            ("1-2周", "7-14天"),
            ("半个月", "15天"),
        ),
        *(("2026-12-20", "2026-12-20"), ("2026/12/20", "2026-12-20"), ("2026-12-20 00:00:00", "2026-12-20")),
        *(("12月20日", "2026-12-20"), ("预售12月20号起发货", "2026-12-20"), ("1月5日", "2027-01-05")),
        ("10月20日", "2026-10-20"),  # just past: the presale is over
    ],
)
def test_a_time_before_dispatch_as_owners_write_it(cell: str, written: str) -> None:
    found = lead_time(cell, TODAY)
    assert found is not None
    assert found.written == written
    assert type(found).of(written) == found


@pytest.mark.parametrize("cell", ["", "0", "现货", "有现货", "无", "当天发货", "-"])
def test_goods_that_leave_at_once_have_none(cell: str) -> None:
    assert lead_time(cell, TODAY) is None


@pytest.mark.parametrize("cell", ["7天无理由", "30-25天", "soon", "400天", "12月", "13月40日", "2026-02-30", "T+3"])
def test_what_is_no_time_is_refused(cell: str) -> None:
    with pytest.raises(BadInput):
        lead_time(cell, TODAY)


def imported(db, shop, tmp_path, text: str):
    path = tmp_path / "products.csv"
    path.write_text(text, encoding="utf-8")
    return run_import(db, shop.id, PRODUCTS, path)


def leads(db, shop) -> dict[str, str]:
    with db.read() as connection:
        found = load_products(connection, shop.id)
    return {v.sku: v.lead_time.written if v.lead_time else "" for product in found for v in product.variants}


def test_an_empty_cell_is_as_above_only_where_the_name_is(db, shop, tmp_path) -> None:
    text = (
        "商品编号,名称,sku,定制周期\na,窗帘,A-1,25-30天\na,,A-2,\na,,A-3,现货\nb,沙发,B-1,30\nb,沙发,B-2,\nc,灯,C-1,\n"
    )
    assert imported(db, shop, tmp_path, text).written
    assert leads(db, shop) == {"A-1": "25-30天", "A-2": "25-30天", "A-3": "", "B-1": "30天", "B-2": "", "C-1": ""}
    with db.read() as connection:
        exported = [PRODUCTS.dump(row) for row in PRODUCTS.load(connection, shop.id).values()]
        assert skus_without_stock(connection, shop.id) == ["A-3", "B-2", "C-1"]  # the others need none
    again = "\n".join(",".join(row[name] for name in exported[0]) for row in exported)
    assert imported(db, shop, tmp_path, f"{','.join(exported[0])}\n{again}\n").count("same") == 6


def test_of_two_columns_the_filled_one_counts(db, shop, tmp_path) -> None:
    text = "商品编号,名称,sku,备货天数,预售发货\na,窗帘,A-1,30,\nb,灯,B-1,,2036-12-20\n"
    assert imported(db, shop, tmp_path, text).written
    assert leads(db, shop) == {"A-1": "30天", "B-1": "2036-12-20"}


def test_a_wrong_cell_is_told_with_its_row(db, shop, tmp_path) -> None:
    report = imported(db, shop, tmp_path, "商品编号,名称,sku,生产周期\na,窗帘,A-1,看情况\n")
    assert (report.written, report.rows[0].number, report.rows[0].status) == (False, 2, "error")
    assert "lead_time “看情况”" in report.rows[0].message
    assert "25-30天" in report.rows[0].message


def test_a_presale_that_is_over_is_told(db, shop, tmp_path) -> None:
    report = imported(db, shop, tmp_path, "商品编号,名称,sku,预售时间\na,灯,A-1,2020-12-20\n")
    assert report.written
    assert "A-1 (row 2)" in report.warnings[0]
