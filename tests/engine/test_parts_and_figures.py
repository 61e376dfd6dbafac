"""Parts that a manual speaks of, figures in descriptions, what fits and its price, materials that stand for goods."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_order_wishes import talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

PRODUCTS = """商品编号,商品名,别名,类目,单位,商家编码,规格,价格,备货天数,描述
steamer,望田挂烫机,挂烫机,熨烫,台,ST-20,容量=2L,239,,水箱2升，出汽量每分钟30克，水垢多了要除垢
,,,,,ST-35,容量=3.5L,289,,水箱3.5升，出汽量每分钟40克
nozzle,望田喷汽头,喷汽头,熨烫配件,个,NZ-1,,26,,适用望田挂烫机
mug-b,望田竹柄杯,竹柄杯|竹杯,杯子,只,MB-1,,39,,
mug-t,望田锡胎杯,锡胎杯|锡杯,杯子,只,MT-1,,188,2027-01-15,
filter,望田净水滤芯,净水滤芯,滤芯,支,FI-A,型号=A款,35,,
,,,,,FI-B,型号=B款,45,,
,,,,,FI-C,型号=C款,55,,
"""
STOCK = "商家编码,仓库,数量\n" + "".join(
    f"{sku},{warehouse},20\n"
    for sku, warehouse in (
        *(("ST-20", "南仓"), ("ST-35", "杭州仓"), ("NZ-1", "杭州仓"), ("MB-1", "杭州仓")),
        *(("FI-A", "杭州仓"), ("FI-B", "杭州仓"), ("FI-C", "杭州仓")),
    )
)
ENTRIES = """知识库,标题,问题,内容,商品编号,标签
说明,滴水,挂烫机滴水怎么办,先等水开了再用；喷汽头滴水的话拧下来泡白醋除垢，还滴就换一个喷汽头。,steamer,喷汽头老滴水
售后,邮费说明,包邮吗,满88元免邮，不满收7元。,,
"""
COMPATIBILITY = """类型,机型,别名,属性,类目,商品编号,规格编号,兼容,说明
device,清源 QY3 净水器,QY3,,,,,,
pair,清源 QY3 净水器,,,,,FI-B,是,
pair,清源 QY3 净水器,,,,,FI-C,是,
pair,清源 QY3 净水器,,,,,FI-A,否,
"""
DELIVERY = "仓库,地区,天数,截单\n南仓,全国,3,13:00\n"


@pytest.fixture
def household(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    """The sample shop with irons, their parts, cups and filters, and a warehouse whose last hour is past."""
    files = {"products": PRODUCTS, "stock": STOCK, "knowledge": ENTRIES}
    files |= {"compatibility": COMPATIBILITY, "delivery": DELIVERY}
    for kind, rows in files.items():
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        assert run_import(sample_engine.db, sample_shop.id, KINDS[kind], path).written
    return sample_shop


@pytest.mark.parametrize("texts", [["喷汽头一直滴水怎么回事"], ["挂烫机好用吗", "喷汽头滴水咋办"]])
def test_the_manual_of_a_thing_tells_of_its_parts(sample_engine: Engine, household: Shop, texts: list[str]) -> None:
    *_, told = talk(sample_engine, household, *texts)
    assert "泡白醋除垢" in told["reply"] + told["context"], told


def test_the_manual_of_a_thing_is_no_answer_for_what_it_does_not_name(sample_engine: Engine, household: Shop) -> None:
    (told,) = talk(sample_engine, household, "竹柄杯一直滴水怎么回事")
    assert "泡白醋除垢" not in told["reply"] + told["context"], told


@pytest.mark.parametrize("text", ["3.5升的出汽量多少", "挂烫机出汽量是多少呢", "挂烫机水箱多大"])
def test_a_figure_in_the_description_is_no_price(sample_engine: Engine, household: Shop, text: str) -> None:
    *_, told = talk(sample_engine, household, "挂烫机有吗", text)
    assert told["needs_llm"], told
    assert "出汽量每分钟40克" in told["context"]


@pytest.mark.parametrize("text", ["3.5升的多少", "挂烫机3.5L的价格多少"])
def test_a_price_is_still_one(sample_engine: Engine, household: Shop, text: str) -> None:
    *_, told = talk(sample_engine, household, "挂烫机有吗", text)
    assert "289.00元" in told["reply"], told


@pytest.mark.parametrize(
    ("texts", "has"),
    [
        (["竹的多少钱"], "39.00元"),
        (["竹柄杯有吗", "锡的那个啥时候发"], "1月15日"),
        (["竹柄杯多少钱", "锡的呢"], "188.00元"),
    ],
)
def test_a_material_stands_for_what_is_called_after_it(
    sample_engine: Engine, household: Shop, texts: list[str], has: str
) -> None:
    *_, told = talk(sample_engine, household, *texts)
    assert has in told["reply"], told


@pytest.mark.parametrize("text", ["多少钱啊 到广州要几天", "什么价，几天能到广州"])
def test_a_price_asked_with_the_arrival_is_told_too(sample_engine: Engine, household: Shop, text: str) -> None:
    *_, told = talk(sample_engine, household, "挂烫机3.5L的有吗", text)
    assert "289.00元" in told["reply"], told
    assert "送达广州市" in told["reply"]


@pytest.mark.parametrize("text", ["寄到合肥多少钱", "快递要多少钱"])
def test_what_sending_costs_is_no_price_of_goods(sample_engine: Engine, household: Shop, text: str) -> None:
    *_, told = talk(sample_engine, household, "挂烫机3.5L的有吗", text)
    assert "289" not in told["reply"], told
    assert "元" in told["reply"]


@pytest.mark.parametrize("between", [[], ["滤芯是新的吗"]])
def test_of_what_fits_the_customers_device_the_price_is_told(
    sample_engine: Engine, household: Shop, between: list[str]
) -> None:
    *_, told = talk(sample_engine, household, "QY3的净水器配哪个净水滤芯", *between, "多少钱")
    assert "45.00元" in told["reply"], told
    assert "55.00元" in told["reply"]
    assert "35.00元" not in told["reply"]


@pytest.mark.parametrize(
    ("thing", "told_of", "when"), [("3.5L的", "今天（11月20日）", "17:00前"), ("2L的", "明天（11月21日）", "13:00前")]
)
def test_when_it_is_sent_depends_on_where_it_lies(
    sample_engine: Engine, household: Shop, thing: str, told_of: str, when: str
) -> None:
    *_, told = talk(sample_engine, household, f"挂烫机{thing}有吗", "现在拍啥时候发")
    assert f"{told_of}{when}付款，当天发货" in told["reply"], told
    assert "除外" not in told["reply"]  # these goods have no lead time
