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
