"""An entry that refuses a claim answers for the cases it was written for, and for no other."""

from __future__ import annotations

import pytest

from kefu.core.knowledge import Entry
from kefu.core.knowledge.claims import refuses_another_claim, speaks_of_the_claim

TASTE = Entry(
    "taste",
    "after-sales",
    "口味",
    "个人口味不同，这种情况不支持退货。",
    question="不香能退吗",
    tags=("太苦了能退吗", "喝不惯能退吗"),
)
OPENED = Entry("opened", "after-sales", "拆封", "拆封的茶叶不退，发霉的包赔。", question="拆封了能退吗")
ANY = Entry(
    "any", "after-sales", "退货", "七天内可退，拆封的不退。", question="收到不合适能退吗", tags=("不想要了能退吗",)
)
BROKEN = Entry("broken", "after-sales", "破损", "破了的补发。", question="罐子破了赔吗")


@pytest.mark.parametrize(
    ("said", "entry"),
    [
        ("茶饼发霉了能退吗", TASTE),
        ("没拆封能退吗", TASTE),
        ("能退吗", TASTE),
        ("罐子破了能退吗", TASTE),
        ("罐子瘪了赔吗", OPENED),
    ],
)
def test_a_refusal_of_another_case_is_no_answer(said: str, entry: Entry) -> None:
    assert refuses_another_claim(said, entry)


@pytest.mark.parametrize(
    ("said", "entry"),
    [
        ("这茶太苦了可以退不", TASTE),
        ("拆封喝了一泡还能退吗", OPENED),
        ("发霉了能退吗", OPENED),
        ("能退吗", ANY),
        ("我不想要了怎么退", ANY),
        ("盖子破了赔不赔", BROKEN),
        ("茶怎么泡", TASTE),
    ],
)
def test_what_speaks_of_the_case_or_refuses_nothing_may_answer(said: str, entry: Entry) -> None:
    assert not refuses_another_claim(said, entry)


@pytest.mark.parametrize(
    ("said", "speaks"), [("罐子破了能退吗", False), ("罐子破了能补吗", True), ("罐子破了怎么办", True)]
)
def test_an_entry_speaks_of_what_is_claimed(said: str, speaks: bool) -> None:
    assert speaks_of_the_claim(said, BROKEN) is speaks
