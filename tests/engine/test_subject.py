"""What a question is about: a part, a value, a service or a village is not the stock of the goods spoken of."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_talk import talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

PRODUCTS = """商品编号,商品名,别名,类目,单位,商家编码,规格,价格,描述
planter,沐野自吸水花盆,自吸水花盆,花盆,个,PL-1,颜色=陶土色|适用株高=30cm以上,59,可挂栏杆（需另购挂接件），送一包陶粒
pump,沐野浇水泵,浇水泵,水泵,台,PU-S,颜色=松绿|功率=8W,129,配2米软管
,,,,,PU-W,颜色=象牙白|功率=8W,129,
hose,沐野花园软管,花园软管,软管,根,HO-5,长度=5米,25,
,,,,,HO-9,长度=9米,39,
gate,沐野围栏门锁,围栏门锁,门锁,把,GA-1,颜色=黑色,79,送3把钥匙
valve,沐野铜球阀,铜球阀|球阀,阀门,个,VA-1,口径=15mm,19,
box,沐野多肉礼盒,多肉礼盒,盆栽,盒,BO-1,款式=六株,188,
"""
STOCK = "商家编码,仓库,数量\n" + "".join(
    f"{sku},杭州仓,30\n" for sku in ("PL-1", "PU-S", "PU-W", "HO-5", "HO-9", "GA-1", "VA-1", "BO-1")
)
ENTRIES = """知识库,标题,问题,内容,商品编号,标签
售后,乡镇派送,乡镇能送到吗,一般到镇上代收点，村里要自己去取。,,送不送到村里
售后,送货上楼,能送上楼吗,快递只到楼下，不上楼。,,
售后,上门安装,你们管安装吗,只在杭州有师傅上门，一台80元。,,能上门装吗
售后,配件单买,配件能单买吗,钥匙5元一把，遥控器12元，拍下备注型号。,,
说明,围栏锁左右,围栏锁分左右开吗,不分左右，锁舌能翻面。,gate,左开的门能用吗|右开的门能装吗
说明,水泵能抽什么,水泵能抽泥浆吗,只抽清水，泥浆会卡死叶轮。,pump,
售后,花盆满赠,花盆有赠品吗,花盆满3个送小铲一把。,planter,
售后,双十二,双12活动什么时候,12月11日晚8点开始，满200减30。,,双十二有啥活动
"""

TALKS: dict[str, tuple[list[str], str, str]] = {
    "a value that all variants share": (["浇水泵功率多大"], "功率：8W", ""),
    "the only colour": (["自吸水花盆多少钱", "有其它颜色没"], "只有陶土色这一种颜色", ""),
    "the other colour": (["浇水泵松绿的多少钱", "有其它颜色没"], "象牙白", ""),
    "a part that is no product": (["自吸水花盆多少钱", "挂接件多少钱"], "需另购挂接件", "价格是"),
    "how many parts": (["围栏门锁有吗", "有几把钥匙"], "送3把钥匙", "有现货"),
    "a spare part": (["围栏门锁有吗", "丢了一把能单买钥匙吗"], "钥匙5元一把", "有现货"),
    "a property of none": (["浇水泵有没有蓝牙的"], "沐野浇水泵", "请问您要"),
    "what comes along": (["浇水泵松绿的有吗", "送软管吗"], "配2米软管", "花园软管"),
    "what comes along is not the subject": (["浇水泵松绿的有吗", "送软管吗", "发杭州几天"], "浇水泵", "软管"),
    "a word that ends like a category": (["围栏门锁有吗", "左开的门能用不"], "锁舌能翻面", ""),
    "it is not the subject either": (["围栏门锁有吗", "左开的门能用不", "发杭州几天"], "围栏门锁", "阀"),
    "somebody is to come": (["浇水泵松绿的多少钱", "后天能来装吗"], "师傅上门", "送达"),
    "what fitting costs": (["浇水泵松绿的多少钱", "装2台多少"], "一台80元", "258"),
    "a village": (["发贵州毕节 我们是下面村子 能送到吗"], "镇上代收点", ""),
    "upstairs": (["浇水泵有吗", "送上楼吗 五楼"], "不上楼", "哪个城市"),
    "a day with offers of its own": (["那双十二会便宜点不"], "满200减30", ""),
    "a gift for somebody": (["朋友搬家乔迁 送点啥 预算200"], "多肉礼盒", "小铲"),
    "a coin is no budget": (["浇水泵有吗", "口子一块钱硬币那么大吧"], "", "这个价位"),
}


@pytest.fixture
def garden(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    """The sample shop with garden goods."""
    for kind, rows in (("products", PRODUCTS), ("stock", STOCK), ("knowledge", ENTRIES)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        assert run_import(sample_engine.db, sample_shop.id, KINDS[kind], path).written
    return sample_shop


@pytest.mark.parametrize(("texts", "says", "hasnt"), TALKS.values(), ids=TALKS)
def test_the_question_is_about_that(
    sample_engine: Engine, garden: Shop, texts: list[str], says: str, hasnt: str
) -> None:
    told = talk(sample_engine, garden, "c", *texts)[-1]
    assert says in told["reply"] + told["context"]
    assert not hasnt or hasnt not in told["reply"]
