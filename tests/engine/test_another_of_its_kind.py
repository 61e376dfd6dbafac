"""Another of the kind spoken of, pointed at by what tells it from that one, denied, or compared with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_order_wishes import talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

PRODUCTS = """商品编号,商品名,别名,类目,单位,商家编码,规格,价格,备货天数,描述
strap-sil,远岫硅胶表带柔软亲肤防汗运动腕带,硅胶表带,表带,条,SS-3,机型=岚表S3,29,,
,,,,,SS-5,机型=岚表S5,29,,
,,,,,SS-5P,机型=岚表S5 Pro,32,,
strap-nyl,远岫尼龙表带编织回环透气腕带,尼龙表带|编织表带,表带,条,SN-3-R,机型=岚表S3|颜色=枣红,39,,
,,,,,SN-3-G,机型=岚表S3|颜色=松绿,39,,
,,,,,SN-5-R,机型=岚表S5|颜色=枣红,45,,
,,,,,SN-5-G,机型=岚表S5|颜色=松绿,45,,
,,,,,SN-5P-R,机型=岚表S5 Pro|颜色=枣红,49,,
,,,,,SN-5P-G,机型=岚表S5 Pro|颜色=松绿,49,,
strap-ste,远岫精钢表带三珠蝴蝶扣,精钢表带|钢表带,表带,条,ST-3,机型=岚表S3,99,,
glass-hd,远岫高透表盘膜,高透表盘膜|高透膜,表盘膜,片,GH-3,机型=岚表S3,9,,
,,,,,GH-5,机型=岚表S5,9,,
,,,,,GH-5P,机型=岚表S5 Pro,12,,
glass-mat,远岫磨砂表盘膜,磨砂表盘膜|磨砂膜,表盘膜,片,GM-3,机型=岚表S3,15,,
cord,远岫挂绳,挂绳,挂绳,条,CO-N,材质=尼龙,12,,
,,,,,CO-L,材质=牛皮,35,,
dock-15,远岫15W表座,15W表座|小表座,表座,个,DO-15-W,功率=15W|颜色=白色,59,,
,,,,,DO-15-B,功率=15W|颜色=黑色,59,,
dock-30,远岫30W双位表座,30W表座|双位表座,表座,个,DO-30-W,功率=30W|颜色=白色,109,,
,,,,,DO-30-B,功率=30W|颜色=黑色,109,,
fan-line,远岫插电小风扇,插电风扇,插电风扇,台,FL-W,颜色=白色,49,,
,,,,,FL-G,颜色=灰色,49,,
fan-bat,远岫充电小风扇,手持充电风扇,充电风扇,台,FB-W,颜色=白色,79,,
,,,,,FB-G,颜色=灰色,79,,
fan-big,远岫落地充电大风扇,落地充电风扇,充电风扇,台,FG,颜色=白色,239,,
"""
SKUS = [line.split(",")[5] for line in PRODUCTS.splitlines()[1:]]
STOCK = "商家编码,仓库,数量\n" + "".join(f"{sku},杭州仓,30\n" for sku in SKUS)


@pytest.fixture
def watches(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    """The sample shop with straps and films for watches, docks and small fans."""
    for kind, rows in (("products", PRODUCTS), ("stock", STOCK)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        assert run_import(sample_engine.db, sample_shop.id, KINDS[kind], path).written
    return sample_shop


@pytest.mark.parametrize("text", ["尼龙的那种呢", "那尼龙的多少钱", "换成尼龙的", "编织的有吗", "还是尼龙的吧"])
def test_a_sister_is_meant_for_the_same_device(sample_engine: Engine, watches: Shop, text: str) -> None:
    *_, told = talk(sample_engine, watches, "岚表S5的硅胶表带多少钱", text)
    assert "尼龙表带" in told["reply"], told
    assert "枣红" in told["reply"]
    assert "S3" not in told["reply"]
    assert "Pro" not in told["reply"]


def test_the_device_said_of_what_is_not_sold_for_it_holds(sample_engine: Engine, watches: Shop) -> None:
    *_, told = talk(sample_engine, watches, "岚表S5 Pro的磨砂表盘膜多少钱", "那普通高透的呢")
    assert "高透表盘膜" in told["reply"], told
    assert "S5 Pro" in told["reply"]
    assert "S3" not in told["reply"]


@pytest.mark.parametrize("text", ["那换成30w的呢", "30W的多少钱", "双位的呢"])
def test_a_value_of_another_one_of_the_kind_means_that_one(sample_engine: Engine, watches: Shop, text: str) -> None:
    *_, told = talk(sample_engine, watches, "15W表座多少钱", text)
    assert "109.00元" in told["reply"], told
    assert "没有" not in told["reply"]


def test_a_value_that_none_of_the_kind_has_is_said_not_to_be_there(sample_engine: Engine, watches: Shop) -> None:
    *_, told = talk(sample_engine, watches, "15W表座多少钱", "那换成60w的呢")
    assert "109.00元" not in told["reply"], told


@pytest.mark.parametrize("text", ["还是充电的吧 便宜的那个", "算了还是充电吧 便宜的那款", "那充电的呢 便宜那个"])
def test_a_kind_that_ends_alike_is_chosen(sample_engine: Engine, watches: Shop, text: str) -> None:
    *_, told = talk(sample_engine, watches, "插电风扇多少钱", text)
    assert "充电小风扇" in told["reply"], told
    assert "239.00元" not in told["reply"]
    assert "49.00元" not in told["reply"]


@pytest.mark.parametrize("text", ["不要尼龙的", "尼龙的会不会掉色", "不是尼龙的吧"])
def test_what_is_denied_or_asked_about_is_not_chosen(sample_engine: Engine, watches: Shop, text: str) -> None:
    *_, told = talk(sample_engine, watches, "岚表S5的硅胶表带多少钱", text)
    assert "45.00元" not in told["reply"], told
    assert "枣红现货" not in told["reply"], told


@pytest.mark.parametrize("text", ["跟刚才那个插电的差多少钱", "比之前那个插电的贵多少", "和刚才插电的相差多少"])
def test_a_price_is_compared_with_what_was_spoken_of_before(sample_engine: Engine, watches: Shop, text: str) -> None:
    *_, told = talk(sample_engine, watches, "插电风扇多少钱", "手持充电风扇多少钱", text)
    assert "相差30.00元" in told["reply"], told
    assert "请问您要哪" not in told["reply"]


@pytest.mark.parametrize("text", ["差多少钱", "跟刚才那个差多少钱", "贵多少"])
def test_two_colours_of_one_price_are_not_compared(sample_engine: Engine, watches: Shop, text: str) -> None:
    *_, told = talk(sample_engine, watches, "插电风扇有货吗", text)
    assert "相差" not in told["reply"], told


@pytest.mark.parametrize("text", ["不是pro 就普通s5", "我要的不是Pro，是S5", "要s5 不是pro"])
def test_what_is_denied_beside_another_value_is_left_out(sample_engine: Engine, watches: Shop, text: str) -> None:
    *_, told = talk(sample_engine, watches, "尼龙表带有吗", text)
    assert "Pro" not in told["reply"], told
    assert "S5 枣红" in told["reply"]


TOGETHER = {
    "in one message": (["岚表S5的硅胶表带和高透表盘膜一共多少钱"], "合计38.00元"),
    "one after the other": (["岚表S5 Pro的硅胶表带多少钱", "高透表盘膜也要一片 一共多少"], "合计44.00元"),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_several_things_are_for_the_one_device_that_is_said(sample_engine: Engine, watches: Shop, name: str) -> None:
    texts, total = TOGETHER[name]
    *_, told = talk(sample_engine, watches, *texts)
    assert total in told["reply"], told


def test_another_device_that_is_said_is_heeded(sample_engine: Engine, watches: Shop) -> None:
    *_, told = talk(sample_engine, watches, "岚表S5的硅胶表带多少钱", "岚表S3的高透表盘膜多少钱")
    assert "S3" in told["reply"], told
    assert "9.00元" in told["reply"]


def test_what_is_sold_for_the_device_is_offered_of_a_kind(sample_engine: Engine, watches: Shop) -> None:
    *_, told = talk(sample_engine, watches, "岚表S5的硅胶表带多少钱", "表盘膜有吗")
    assert "高透" in told["reply"], told
    assert "磨砂" not in told["reply"]


@pytest.mark.parametrize("text", ["多少钱", "那多少钱一条", "什么价"])
def test_a_price_asked_of_nothing_is_that_of_what_is_spoken_of(sample_engine: Engine, watches: Shop, text: str) -> None:
    *_, told = talk(sample_engine, watches, "精钢表带有货吗", "能开发票吗", text)
    assert "99.00元" in told["reply"], told


def test_the_one_of_a_list_that_was_asked_about_is_what_the_price_is_asked_of(
    sample_engine: Engine, watches: Shop
) -> None:
    *_, told = talk(sample_engine, watches, "表座有哪些", "双位那个能发顺丰吧", "多少钱")
    assert "109.00元" in told["reply"], told
    assert "59.00元" not in told["reply"]


@pytest.mark.parametrize("text", ["那我要哪条 多少钱", "哪根有货", "我买哪台好呢"])
def test_a_question_which_one_names_no_thing(sample_engine: Engine, watches: Shop, text: str) -> None:
    (told,) = talk(sample_engine, watches, text)
    assert "“哪" not in told["reply"], told


@pytest.mark.parametrize("text", ["新疆也包吗", "那西藏包不包", "青海包么"])
def test_postage_is_asked_on_about_in_short(sample_engine: Engine, watches: Shop, text: str) -> None:
    *_, told = talk(sample_engine, watches, "满多少包邮", text)
    assert told["delivery"] == "" if "delivery" in told else True, told
    assert "预计" not in told["reply"], told


def test_a_price_asked_beside_an_arrival_is_told(sample_engine: Engine, watches: Shop) -> None:
    (told,) = talk(sample_engine, watches, "精钢表带多钱 今天拍 苏州后天能到不")
    assert "99.00元" in told["reply"], told


def test_a_number_beyond_the_list_is_a_value_and_the_talk_goes_on_about_it(
    sample_engine: Engine, watches: Shop
) -> None:
    _, _, colours, one = talk(sample_engine, watches, "尼龙表带有吗", "岚表S5的", "什么颜色", "那个枣红的多少钱")
    assert "松绿" in colours["reply"], colours
    assert "S3" not in colours["reply"]
    assert "45.00元" in one["reply"], one
    assert "S3" not in one["reply"]
