"""What is chosen over several messages, taken back, put in the place of another, and added up."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_order_wishes import talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

PRODUCTS = """商品编号,商品名,别名,类目,单位,虚拟,商家编码,规格,价格,备货天数,描述
pot,栖木陶土花盆,陶土花盆|花盆,花盆,只,,PO-10-R,口径=10cm|颜色=砖红,12,,
,,,,,,PO-10-G,口径=10cm|颜色=灰色,12,,
,,,,,,PO-15-R,口径=15cm|颜色=砖红,18,,
,,,,,,PO-20-R,口径=20cm|颜色=砖红,26,,
,,,,,,PO-20-G,口径=20cm|颜色=灰色,30,,
selfpot,栖木自吸水花盆,自吸水花盆,花盆,只,,SP-15,口径=15cm,45,,
,,,,,,SP-20,口径=20cm,58,,
saucer,栖木花盆托盘,托盘|花盆托,花盆配件,个,,SA-10,适用=10cm,4,,
,,,,,,SA-15,适用=15cm,6,,
,,,,,,SA-20,适用=20cm,8,,
can,栖木长嘴浇水壶,浇水壶|水壶,浇水壶,把,,CA-1,容量=1.0L,29,,
,,,,,,CA-15,容量=1.5L,39,,
,,,,,,CA-2,容量=2.0L,46,,
rack,栖木花架,花架,花架,个,,RA-2,层数=两层,69,,
,,,,,,RA-3,层数=三层,89,,
"""
SKUS = [line.split(",")[6] for line in PRODUCTS.splitlines()[1:]]
STOCK = "商家编码,仓库,数量\n" + "".join(f"{sku},杭州仓,30\n" for sku in SKUS)


@pytest.fixture
def garden(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    """The sample shop with pots, saucers, watering cans and racks."""
    for kind, rows in (("products", PRODUCTS), ("stock", STOCK)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        assert run_import(sample_engine.db, sample_shop.id, KINDS[kind], path).written
    return sample_shop


def test_an_amount_spoken_in_two_parts_is_one_number(sample_engine: Engine, garden: Shop) -> None:
    (said,) = talk(sample_engine, garden, "水壶1升5的多少钱")
    assert "1.5L" in said["reply"]
    assert "39.00元" in said["reply"]


TOGETHER = {
    "two things whose prices were asked, one after the other": (
        ["花架两层的多少钱", "1.5升的水壶多少钱", "加起来呢"],
        "合计108.00元",
    ),
    "three": (
        ["花架两层的多少钱", "1.5升的水壶多少钱", "20的自吸水花盆呢", "都算上多少"],
        "合计166.00元",
    ),
    "two that were told together": (["两层的花架和1.5升的水壶各多少钱", "那加一起呢 全算上"], "合计108.00元"),
    "two sizes of which one comes in two colours": (
        ["10厘米的花盆和15的分别多少钱", "这两个都要 加起来多少"],
        "合计30.00元",
    ),
    "each of two sizes asked for one after the other": (
        ["花架两层的什么价 三层的呢", "各来一个要多少钱"],
        "合计158.00元",
    ),
    "two of each": (["花架两层的什么价 三层的呢", "各要两个一共多少"], "合计316.00元"),
    "two things asked about in two messages": (["来个15的花盆", "10的多少钱", "两个都要了 一共多少"], "合计30.00元"),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_what_was_told_side_by_side_is_taken_and_added_up(sample_engine: Engine, garden: Shop, name: str) -> None:
    texts, total = TOGETHER[name]
    *_, said = talk(sample_engine, garden, *texts)
    assert total in said["reply"]


def test_no_sum_is_told_where_the_colour_decides_the_price(sample_engine: Engine, garden: Shop) -> None:
    *_, said = talk(sample_engine, garden, "10厘米的花盆和20的分别多少钱", "这两个都要 加起来多少")
    assert "合计" not in said["reply"]
    assert said["reply"].endswith("请问分别要哪一款？")


def test_both_are_those_spoken_of_since(sample_engine: Engine, garden: Shop) -> None:
    """What was told side by side before another thing was spoken of is not taken with it."""
    texts = ["10厘米的花盆和15的分别多少钱", "浇水壶1.5L多少钱", "花架三层的多少钱", "两个都要 一共多少"]
    *_, said = talk(sample_engine, garden, *texts)
    assert "花盆" not in said["reply"]


CHANGED = {
    "one in the place of another": (
        ["来个15的花盆", "再来个两层的花架", "花架不要了 换成1.5L的浇水壶", "一共多少钱"],
        "合计57.00元",
    ),
    "one taken away and another added": (
        ["来个15的花盆", "再来个两层的花架", "去掉花架了 再来两个15的托盘", "一共多少钱"],
        "合计30.00元",
    ),
    "both after all": (["要个两层的花架", "还是三层的吧", "算了两个都要", "加起来多少"], "合计158.00元"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_the_sum_is_of_what_is_left_after_changes(sample_engine: Engine, garden: Shop, name: str) -> None:
    texts, total = CHANGED[name]
    *_, said = talk(sample_engine, garden, *texts)
    assert total in said["reply"]


@pytest.mark.parametrize(
    "text", ["花架不要了 换成1.5L的浇水壶", "去掉花架了 要1.5L的浇水壶", "花架就不要了，浇水壶1.5L有货吗"]
)
def test_what_is_taken_back_is_not_told(sample_engine: Engine, garden: Shop, text: str) -> None:
    *_, said = talk(sample_engine, garden, "来个15的花盆", "再来个两层的花架", text)
    assert "1.5L" in said["reply"]
    assert "花架" not in said["reply"]


def test_what_to_add_up_is_asked_after_changes_that_nobody_can_follow(sample_engine: Engine, garden: Shop) -> None:
    texts = ["来个15的花盆", "再来个两层的花架", "还是三层的吧", "一共多少钱", "15的花盆一个和三层花架两个"]
    *_, asked, told = talk(sample_engine, garden, *texts)
    assert asked["route"] == "ask"
    assert "要哪几样" in asked["reply"]
    assert "合计196.00元" in told["reply"]


def test_what_is_asked_about_though_another_is_ruled_out_is_told(sample_engine: Engine, garden: Shop) -> None:
    """Not every 不要 takes goods back."""
    (said,) = talk(sample_engine, garden, "不要花架 只要15的花盆有吗")
    assert "15cm" in said["reply"]
    (said,) = talk(sample_engine, garden, "花架三层的还要不要了解一下 有货吗")
    assert "花架" in said["reply"]


@pytest.mark.parametrize(
    ("texts", "has", "hasnt"),
    [
        (["要个2升的浇水壶", "再来个两层的花架", "花架不要了", "现在一共多少"], "46.00元", "花架"),
        (
            ["三层的花架来一个", "再加一个2升的浇水壶", "再加一个20的自吸水花盆", "浇水壶不要了", "一共多少"],
            "合计147.00元",
            "浇水壶",
        ),
    ],
)
def test_what_is_given_up_is_left_out(
    sample_engine: Engine, garden: Shop, texts: list[str], has: str, hasnt: str
) -> None:
    *_, given_up, told = talk(sample_engine, garden, *texts)
    assert given_up["route"] == "smalltalk", given_up
    assert has in told["reply"], told
    assert hasnt not in told["reply"]


@pytest.mark.parametrize("text", ["花架不要了", "我的花架不要了 能退吗"])
def test_the_only_thing_or_one_that_was_bought_is_not_given_up_so(
    sample_engine: Engine, garden: Shop, text: str
) -> None:
    *_, told = talk(sample_engine, garden, "两层的花架多少钱", text)
    assert "算在里面" not in told["reply"], told
