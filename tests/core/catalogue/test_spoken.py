"""What a reply calls a product: its name, or where that is a listing's title a short alias."""

from __future__ import annotations

import pytest

from kefu.core.catalogue import Product, Variant

LISTING = "LED嵌入式客厅走廊天花洞灯防眩光超薄家用"


@pytest.mark.parametrize(
    ("name", "aliases", "said"),
    [
        ("云岭 D4 2400 笔记本内存条", ("云岭2400",), "云岭 D4 2400 笔记本内存条"),
        ("木纹 轻便折叠露营椅 带杯架", ("露营椅",), "露营椅"),
        ("木纹 轻便折叠露营椅 带杯架", ("轻便折叠露营椅带杯架",), "木纹 轻便折叠露营椅 带杯架"),
        ("木纹 折叠露营椅", ("露营椅",), "木纹 折叠露营椅"),
        (LISTING, ("洞灯", "嵌入式洞灯"), "洞灯"),
        (LISTING, ("灯", "PE", "T5", "洞灯"), "洞灯"),
        (LISTING, ("灯", "X5"), LISTING),
        (LISTING, (), LISTING),
        ("小鹿 宝宝餐椅 可升降 婴儿吃饭椅子", ("餐椅", "升降餐椅"), "餐椅"),
        ("加厚黄铜球阀4分内丝冷热水通用水阀", ("黄铜球阀", "球阀"), "黄铜球阀"),
    ],
)
def test_a_title_is_said_by_the_first_alias_that_is_clear_by_itself(name: str, aliases, said: str) -> None:
    assert Product("p", name, (Variant("P-1"),), aliases).spoken == said
