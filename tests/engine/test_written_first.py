"""What the shop has written answers before its stock does, of the very thing and case that is asked about."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.test_talk import talk

from kefu.engine import Engine
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.shops import Shop

ENTRIES = """knowledge_id,title,question,content,product,tags
after-sales,延后发货,可以晚几天发吗,可以延后，最晚十五天，下单时备注日期。,,
after-sales,手感不满意,手感不好能退吗,手感因人而异，这种情况不支持退货。,,键帽太滑能退吗|不顺手能退吗
manuals,Q87手大手小,Q87手小的人选多大,手小的拍87键，手大或要数字键的拍104键；手腕高的配掌托。,kb-q87,
manuals,Q87透光,Q87键帽会透光吗,字符不透光，只有边上有光。,kb-q87,
after-sales,少发配件,配件少发了怎么弄,请拍一下面单和收到的东西，二十四小时内补发。,,漏发了怎么弄
after-sales,线断了,数据线断了怎么办,三个月内线断了寄回来，我们换一根新的。,,
manuals,Q87孕期,Q87孕妇能用吗,孕期可以用，用的时候记得起来走走。,kb-q87,
manuals,鼠标出汗,鼠标手汗能用吗,手汗多也能用，表面有涂层。,,
manuals,键盘进水,键盘进水了怎么办,马上拔线，倒扣晾干两天再用，不要用吹风机。,kb-q87,
"""
"""Beside what the sample shop has."""

TALKS = {
    "an entry's own question of seven characters": (["可以晚几天发吗"], "最晚十五天", "当天发货"),
    "to be sent later, in other words": (["能不能过几天再发"], "最晚十五天", "当天发货"),
    "a refusal of another case": (["Q87键盘进水了能退吗"], "", "手感因人而异"),
    "the case that the refusal is of": (["Q87键盘手感不好能退吗"], "手感因人而异", ""),
    "what a thing is like is not its stock": (["Q87红轴黑色有吗", "声音大吗"], "", "现货"),
    "how long it keeps going is no delivery": (["L1鼠标白色发上海几天", "一节电池能用几个月"], "", "送达"),
    "a product's own entry, leaning on its short name": (["Q87红轴黑色有吗", "进水了咋整"], "倒扣晾干", "现货"),
    "a favour is no thing": (["Q87红轴黑色发成都几天", "能写贺卡吗"], "", "没有查到"),
    "a holiday is no thing": (["元旦放假吗"], "元旦", "没有查到"),
    "whether it is sent on a day": (["元旦上班吗 发不发"], "元旦", "请问您想看"),
    "health is no stock": (["有颈椎病和高血压能用的吗"], "", "请问您想看"),
    "a quality with a colour beside it": (["Q87有货吗", "会透光吗 黑色"], "字符不透光", "现货"),
    "a bare how is about what was said before": (["数据线断了", "怎么弄"], "换一根新的", "补发"),
    "a thing that is not sold by the piece": (["Q87红轴黑色有吗", "雨伞多少钱一把"], "雨伞", "价格是"),
    "written for who told before that she is pregnant": (["我怀孕五个月了 Q87还有货吗", "Q87能用吗"], "起来走走", ""),
    "nothing is written for her of another thing": (["我怀孕五个月了 L1鼠标还有货吗", "L1鼠标能用吗"], "人工", "手汗"),
    "two rules in one message": (["可以开发票吗 还有包邮不"], "包邮", "关于"),
}


@pytest.fixture
def shop_that_wrote(sample_engine: Engine, sample_shop: Shop, tmp_path: Path) -> Shop:
    path = tmp_path / "knowledge.csv"
    path.write_text(ENTRIES, encoding="utf-8")
    assert run_import(sample_engine.db, sample_shop.id, KINDS["knowledge"], path).written
    return sample_shop


@pytest.mark.parametrize(("texts", "says", "hasnt"), TALKS.values(), ids=TALKS)
def test_writing_answers(sample_engine: Engine, shop_that_wrote: Shop, texts: list[str], says: str, hasnt: str) -> None:
    told = talk(sample_engine, shop_that_wrote, "c", *texts)[-1]
    assert says in told["reply"] + told["context"]
    assert not hasnt or hasnt not in told["reply"]
