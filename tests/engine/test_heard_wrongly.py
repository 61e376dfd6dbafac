"""A message that was taken for something else is answered by what it says: its own entry, the goods that it names."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_order_wishes import talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

PRODUCTS = """商品编号,商品名,别名,类目,单位,商家编码,规格,价格,描述
coconut,南屿开盖椰子,椰子,椰子,个,CO-1,,16,汁水清甜
pomelo,南屿火龙果,火龙果,火龙果,个,PO-S,果级=中果,18,红皮，果肉紫红
,,,,,PO-L,果级=大果,26,红皮，果肉紫红
mango,南屿青皮芒果,芒果,芒果,箱,MA-5,,39,到货是青的，不含削皮刀，一箱9个
"""
STOCK = "商家编码,仓库,数量\n" + "".join(f"{sku},杭州仓,30\n" for sku in ("CO-1", "PO-S", "PO-L", "MA-5"))
ENTRIES = """知识库,标题,问题,内容,商品编号,标签
售后,椰子酸了,椰子开出来是生的怎么办,拍照发来，生的按个退。,coconut,椰子开出来没水怎么办|椰子包不包甜
"""


@pytest.fixture
def fruit(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    """The sample shop with three kinds of fruit and an entry about one of them."""
    for kind, rows in (("products", PRODUCTS), ("stock", STOCK), ("knowledge", ENTRIES)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        assert run_import(sample_engine.db, sample_shop.id, KINDS[kind], path).written
    return sample_shop


@pytest.mark.parametrize("text", ["开出来是生的怎么办", "开出来没水怎么办"])
def test_nearly_its_question_is_the_entry_of_the_product_spoken_of(
    sample_engine: Engine, fruit: Shop, text: str
) -> None:
    *_, told = talk(sample_engine, fruit, "椰子怎么卖的", "包不包甜啊", text)
    assert told["reply"].startswith("拍照发来"), told


@pytest.mark.parametrize("text", ["火龙果红心白心啊"])
def test_goods_that_are_named_are_told_where_it_hardly_sounds_like_a_complaint(
    sample_engine: Engine, fruit: Shop, text: str
) -> None:
    (told,) = talk(sample_engine, fruit, text)
    assert told["route"] != "human", told
    assert "火龙果" in told["reply"]


def test_a_complaint_about_goods_still_reaches_a_person(sample_engine: Engine, fruit: Shop) -> None:
    (told,) = talk(sample_engine, fruit, "你们火龙果太差了 全是坏的 我要投诉")
    assert told["handed_off"], told


@pytest.mark.parametrize("text", ["老人牙口不好", "我妈平时怕酸", "孩子不爱吃甜的"])
def test_a_model_chooses_among_what_was_told_by_whom_it_is_for(sample_engine: Engine, fruit: Shop, text: str) -> None:
    *_, told = talk(sample_engine, fruit, "火龙果有货吗", text)
    assert told["needs_llm"], told
    assert "果肉紫红" in told["context"]
    assert "抱歉" not in told["reply"]


@pytest.mark.parametrize("text", ["送削皮刀不", "带不带削皮刀", "含削皮刀吗"])
def test_what_comes_along_by_the_description_is_no_question_of_offers(
    sample_engine: Engine, fruit: Shop, text: str
) -> None:
    *_, told = talk(sample_engine, fruit, "芒果多少钱", text)
    assert told["route"] != "human", told
    assert "不含削皮刀" in told["context"] + told["reply"]


@pytest.mark.parametrize("text", ["你们开店几年了", "你家店开了多久了呀"])
def test_how_old_the_shop_is_is_no_question_who_speaks(sample_engine: Engine, fruit: Shop, text: str) -> None:
    (told,) = talk(sample_engine, fruit, text)
    assert told["route"] != "identity", told


def test_who_speaks_is_still_told(sample_engine: Engine, fruit: Shop) -> None:
    (told,) = talk(sample_engine, fruit, "你是谁呀")
    assert told["route"] == "identity", told
