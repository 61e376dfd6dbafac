"""What a customer types bit by bit is put together from the turns before."""

from __future__ import annotations

import pytest

from kefu.engine import TOOLS, Engine, ToolRequest
from kefu.store.shops import Shop

TALKS = {
    "a day after a place": (["飞岩D4笔记本16的还有吗", "送到苏州几天", "周一能到不"], "可以的"),
    "one of the products offered": (["我想买内存", "笔记本的", "d4 16"], "飞岩 DDR4 笔记本内存条（16GB）有现货"),
    "a code of an offered product": (["今天能到杭州吗", "键盘", "Q87红轴黑色"], "Q87 机械键盘（黑色 红轴）有现货"),
    "said before it was asked": (["有货吗", "16g的", "笔记本用的", "DDR5"], "DDR5 笔记本内存条（16GB）有现货"),
    "a kind, a name, a size, a place": (["固态硬盘有吗", "x7", "1t", "到南京几天"], "X7 NVMe 固态硬盘（1TB）有现货"),
    "what is ruled out": (["双肩包有货吗", "不要黑色"], "中号 灰色现货25个、小号 灰色现货54个"),
    "four digits to the question for them": (["查下我的订单", "202611190004", "8765"], "由顺丰速运承运"),
    "the digits before the number": (["查下我的订单，尾号8765", "202611190004"], "由顺丰速运承运"),
    "a number taken back": (["查单", "202611190006", "不对，是202611190004", "8765"], "由顺丰速运承运"),
    "the one offered that comes in a colour": (["想要个送女朋友的键盘", "粉色的有吗"], "薄玉 蓝牙键盘（粉色）有现货"),
    "those offered that come in a colour": (
        ["想买个鼠标", "白色的有没"],
        "请问您要的是灵雀 L1 无线鼠标，还是灵雀 G5 游戏鼠标",
    ),
    "a value alone offers what has it": (["32g的有吗", "d4台式的"], "DDR4 台式机内存条（32GB）有现货"),
    "a choice keeps the question": (["买两根32g的多少钱", "d4台式的"], "DDR4 台式机内存条（32GB）价格是"),
    "a value of what a manual was asked for": (["笔记本支架承重多少", "银色还有几个"], "笔记本支架（银色）有现货"),
    "when it would be sent, before buying": (["hdmi线3米的有吗", "能今天发吗", "成都"], "送达成都"),
    "words of asking are no name": (["想问下雀影鼠标多少钱"], "没有查到“雀影鼠标”"),
    "how many together is no name": (["Q87红轴黑色有吗", "一共多少钱"], "Q87 机械键盘（黑色 红轴）价格是"),
    "a device by a name without a number": (["65瓦充电器给macbook air能用吗"], "暂时没有“macbook air”这个机型"),
    "what was asked before, in writing": (["花呗分期呢", "可以分几期"], "3、6、12期分期"),
    "where it is repaired, of the warranty": (["怎么保修", "过保了呢", "在哪修"], "质保"),
    "what differs between values": (["键盘青轴和红轴有啥区别"], "白色 青轴"),
    "which of what was shown": (["Q87键盘有吗", "办公用哪个好"], "青键 Q87 机械键盘。热插拔"),
    "which of two is faster": (["x7和x9哪个快"], "X7 NVMe 固态硬盘"),
    "the price of what was compared": (["x7和x9哪个快", "1t的多少钱"], "X9 PCIe5 固态硬盘"),
    "a word of degree compares nothing": (["Q87红轴黑色有吗", "我比较急，明天能到杭州吗"], "送达杭州"),
    "what costs no more": (["一百以内的键盘有吗"], "这个价位有现货的有：青键 外接数字小键盘，49.00元"),
    "nothing costs so little": (["十块以内的键盘"], "这个价位的目前没有现货，有现货的里面最便宜的是"),
    "a barcode is no order": (["6999000000186还有吗"], "X7 NVMe 固态硬盘（1TB）有现货"),
}


@pytest.mark.parametrize("name", TALKS)
def test_the_last_answer_knows_what_was_said_before(sample_engine: Engine, sample_shop: Shop, name: str) -> None:
    texts, wanted = TALKS[name]
    replies = [
        TOOLS["understand"](sample_engine, sample_shop, ToolRequest(text, "talk", "", "", {}))["reply"]
        for text in texts
    ]
    assert wanted in replies[-1], replies


def test_digits_that_answer_the_question_are_a_slot_with_their_place(sample_engine: Engine, sample_shop: Shop) -> None:
    for text in ("查下我的订单", "202611190004"):
        TOOLS["understand"](sample_engine, sample_shop, ToolRequest(text, "c", "", "", {}))
    said = TOOLS["understand"](sample_engine, sample_shop, ToolRequest("8765", "c", "", "", {}))["slots"]
    assert said["phone"] == {"value": "8765", "normalised": "8765", "source": "turn", "type": "phone"}
