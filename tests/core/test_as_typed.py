"""Slots of a message that was written otherwise stand where the customer typed them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kefu.core.decide.restated.as_typed import as_typed
from kefu.core.slots import Slot


def slot_of(text: str, value: str, normalised: str = "") -> Slot:
    at = text.index(value)
    return Slot("attribute", "容量", value, at, at + len(value), normalised or value)


def test_an_amount_in_two_parts_is_told_as_it_was_typed() -> None:
    typed, written = "红色的壶1升5的要两个", "红色的壶1.5升的要两个"
    found = as_typed([slot_of(written, one) for one in ("红色", "1.5升", "两个")], written, typed)
    assert [one.value for one in found] == ["红色", "1升5", "两个"]
    assert [typed[one.start : one.end] for one in found] == [one.value for one in found]
    assert found[1].normalised == "1.5升"


def test_two_parts_written_otherwise_are_one_stretch() -> None:
    typed, written = "1升5和2升5的各要一个", "1.5升和2.5升的各要一个"
    found = as_typed([slot_of(written, "2.5升"), slot_of(written, "一个")], written, typed)
    assert [typed[one.start : one.end] for one in found] == [one.value for one in found]
    assert "2升5" in found[0].value
    assert found[1].value == "一个"


def test_what_the_customer_did_not_say_is_no_slot() -> None:
    typed, written = "12的钻头有吗 我用手电钻", "12的钻头有吗 手电钻能用吗"
    found = as_typed([slot_of(written, "12"), slot_of(written, "能用吗")], written, typed)
    assert found[0].value == "12"
    assert all(one.value in typed for one in found)


def test_slots_of_earlier_turns_stay() -> None:
    earlier = Slot("city", "city", "杭州", 0, 2, "330100", source="earlier")
    assert as_typed([earlier], "发百色", "发白色") == (earlier,)


@given(st.text("ab", max_size=12), st.text("ab", max_size=12), st.integers(0, 11), st.integers(1, 4))
def test_every_slot_is_a_part_of_what_was_typed(written: str, typed: str, start: int, length: int) -> None:
    end = min(start + length, len(written))
    if start >= end:
        return
    slot = Slot("attribute", "色", written[start:end], start, end, "x")
    for one in as_typed([slot], written, typed):
        assert typed[one.start : one.end] == one.value
        assert 0 <= one.start < one.end <= len(typed)
