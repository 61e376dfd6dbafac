"""The region cell of a delivery file: one region, several, a customary group, and what is refused."""

from __future__ import annotations

import pytest

from kefu.core.places import DIVISIONS
from kefu.errors import BadInput
from kefu.jobs.imports import run_import
from kefu.jobs.kinds.delivery import DELIVERY
from kefu.jobs.kinds.regions import region_codes, region_name
from kefu.store.delivery import load_promises


def names(cell: str) -> str:
    return " ".join(region_name(code) for code in region_codes(cell))


@pytest.mark.parametrize("cell", ["杭州", "杭州市", "330100", "浙江省 杭州市", "浙江/杭州"])
def test_one_region_is_a_name_a_code_or_a_chain(cell) -> None:
    assert region_codes(cell) == ("330100",)


@pytest.mark.parametrize(
    ("cell", "regions"),
    [
        ("江浙沪", "江苏省 浙江省 上海市"),
        ("江浙沪皖", "江苏省 浙江省 上海市 安徽省"),
        ("湘鄂赣", "湖南省 湖北省 江西省"),
        ("福建省/江西省", "福建省 江西省"),
        ("四川、重庆", "四川省 重庆市"),
        ("陕西，甘肃;宁夏", "陕西省 甘肃省 宁夏回族自治区"),
        ("苏州 无锡\n常州", "苏州市 无锡市 常州市"),
        ("新疆和西藏", "新疆维吾尔自治区 西藏自治区"),
        ("东北", "辽宁省 吉林省 黑龙江省"),
        ("东三省、京津冀", "辽宁省 吉林省 黑龙江省 北京市 天津市 河北省"),
        ("西北地区 青海", "陕西省 甘肃省 青海省 宁夏回族自治区 新疆维吾尔自治区"),
        ("长三角", "上海市 江苏省 浙江省 安徽省"),
        ("珠三角", "广州市 深圳市 珠海市 佛山市 江门市 肇庆市 惠州市 东莞市 中山市"),
        ("330100/330200", "杭州市 宁波市"),
        ("福建省 厦门 泉州", "厦门市 泉州市"),
        ("福建省厦门、泉州", "厦门市 泉州市"),
        ("福建、厦门", "福建省 厦门市"),
        ("其他地区", "全国"),
    ],
)
def test_several_regions_in_a_cell_are_each_one(cell, regions) -> None:
    assert names(cell) == regions


@pytest.mark.parametrize(
    ("cell", "unknown"),
    [("火星", "火星"), ("新疆、偏远地区", "偏远地区"), ("江浙沪/海岛 山区", "海岛、山区"), ("华东", "华东"),
     ("除新疆", "除新疆"), ("湖南（怀化除外）", "湖南（怀化除外）"), ("、", "、")],
)  # fmt: skip
def test_what_is_not_understood_is_named(cell, unknown) -> None:
    with pytest.raises(BadInput, match=f"“{unknown}” is no region"):
        region_codes(cell)


def test_every_region_is_read_back_from_its_own_name() -> None:
    assert [code for code in DIVISIONS if region_codes(region_name(code)) != (code,)] == []


def test_a_cell_gives_one_promise_for_each_region_and_the_results_name_them(db, shop, tmp_path) -> None:
    path = tmp_path / "delivery.csv"
    path.write_text("仓库,地区,天数\n西安仓,江浙沪,3\n,四川/重庆,-\n", encoding="utf-8")
    report = run_import(db, shop.id, DELIVERY, path)
    assert [(row.number, row.key) for row in report.rows] == [
        (2, "西安仓 江苏省"), (2, "西安仓 浙江省"), (2, "西安仓 上海市"),
        (3, "every warehouse 四川省"), (3, "every warehouse 重庆市"),
    ]  # fmt: skip
    with db.read() as connection:
        found = load_promises(connection, shop.id)
    assert {(one.region, one.days) for one in found} == {
        ("320000", 3), ("330000", 3), ("310000", 3), ("510000", None), ("500000", None),
    }  # fmt: skip


def test_a_cell_with_one_word_that_is_no_region_writes_nothing(db, shop, tmp_path) -> None:
    path = tmp_path / "delivery.csv"
    path.write_text("地区,天数\n江浙沪、山区,3\n", encoding="utf-8")
    report = run_import(db, shop.id, DELIVERY, path)
    assert (report.written, report.count("error")) == (False, 1)
    assert "“山区” is no region" in report.rows[0].message
