"""Conversation state and follow-ups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.core.dialogue import Customer, FollowUp, Mentions, Named, Outcome, Pending, State, follow_up
from kefu.core.dialogue.state import MAX_ITEMS, MAX_PRODUCTS, MAX_TEXT, MAX_TURNS

SHIRT, JEANS, SHOES = Named("p1", "纯棉T恤"), Named("p2", "牛仔裤"), Named("p3", "运动鞋")
AT = "2026-11-22T10:00:00+08:00"


def _stock(**more: Any) -> Outcome:
    return Outcome("有货吗", "有的", route="stock", intent="stock_query", at=AT, **more)


STATES = {
    "new": State(),
    "shirt": State().after(_stock(product=SHIRT, attributes={"color": "白色", "size": "M"}, place="杭州")),
    "three": State().after(_stock(products=(SHIRT, JEANS, SHOES))),
    "two": State().after(_stock(products=(SHIRT, JEANS), product=JEANS)),
    "asked": State().after(
        _stock(product=SHIRT, pending=Pending("stock_query", ("color", "size"), "要什么颜色和尺码？"))
    ),
    "choose": State().after(
        _stock(
            products=(SHIRT, JEANS, SHOES),
            pending=Pending("stock_query", ("product",), "是哪一款？", options=(SHIRT, JEANS, SHOES)),
        )
    ),
    "order": State().after(
        Outcome("查订单", "已发货", route="order", intent="order_status", at=AT, order_no="6680012345")
    ),
}

CASES = yaml.safe_load((Path(__file__).parent / "data" / "follow_ups.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[f"{case['after']}-{case['say'][:12]}" for case in CASES])
def test_follow_up(case: dict[str, Any]) -> None:
    own = Mentions(intent=case["sure"], sure=True) if "sure" in case else Mentions()
    found = follow_up(case["say"], STATES[case["after"]], own)
    for name in set(case) - {"after", "say", "sure"}:
        assert _shown(found, name) == case[name], (name, found)


def _shown(found: FollowUp, name: str) -> Any:
    value = getattr(found, name)
    if name == "product":
        return value.id if value else None
    if name == "products":
        return [thing.id for thing in value]
    return dict(value) if name in ("attributes", "said") else value


def test_what_the_engine_found_in_the_sentence_wins() -> None:
    own = Mentions(intent="stock_query", sure=True, product=SHOES, place="苏州市", attributes={"color": "藏青"})
    found = follow_up("藏青的运动鞋苏州有货吗", STATES["shirt"], own)
    assert (found.product, found.place, dict(found.attributes)) == (SHOES, "苏州市", {"color": "藏青"})


def test_a_product_in_the_answer_to_a_question_is_kept() -> None:
    found = follow_up("运动鞋", STATES["choose"], Mentions(product=SHOES))
    assert (found.answers_pending, found.product) == (True, SHOES)


def test_evidence_points_into_the_original_text() -> None:
    text = "【第２个】多少钱？？"
    found = follow_up(text, STATES["three"])
    [evidence] = [e for e in found.evidence if e.what == "ordinal"]
    assert text[evidence.start : evidence.end] == "第２个"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80), st.sampled_from(sorted(STATES)))
def test_any_text_is_answered(text: str, name: str) -> None:
    found = follow_up(text, STATES[name])
    assert all(0 <= e.start <= e.end <= len(text) for e in found.evidence)


def test_a_state_survives_json() -> None:
    for state in STATES.values():
        assert State.from_dict(state.to_dict()) == state


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda c: (
            st.lists(c, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "turns",
                        "product",
                        "products",
                        "pending",
                        "slots",
                        "fired",
                        "owner",
                        "turn_count",
                        "customer",
                        "id",
                        "name",
                        "said",
                        "perhaps",
                    ]
                ),
                c,
                max_size=6,
            )
        ),
        max_leaves=20,
    )
)
def test_a_damaged_state_is_read_as_far_as_it_is_whole(data: object) -> None:
    state = State.from_dict(data)
    assert State.from_dict(state.to_dict()) == state


def test_what_the_last_turn_may_have_been_about_is_known_to_the_next_only() -> None:
    torn = State().after(Outcome("能退不", intent="after_sales", perhaps={"after_sales": 0.6, "stock_query": 0.4}))
    assert State.from_dict(torn.to_dict()).perhaps == {"after_sales": 0.6, "stock_query": 0.4}
    assert torn.after(Outcome("有货吗", intent="stock_query")).perhaps == {}


def test_a_state_stays_bounded() -> None:
    state = State()
    for n in range(100):
        thing = Named(f"p{n}", "名" * 20)
        state = state.after(
            Outcome(
                "长" * 5_000,
                "答" * 5_000,
                intent="stock_query",
                at=AT,
                product=thing,
                slots={f"s{n}": "值" * 500},
                rule_id=f"r{n}",
            )
        )
    assert (len(state.turns), len(state.products), len(state.slots), len(state.fired)) == (
        MAX_TURNS,
        MAX_PRODUCTS,
        MAX_ITEMS,
        MAX_ITEMS,
    )
    assert len(state.turns[0].said) == MAX_TEXT
    assert state.turn_count == 100


def test_another_product_forgets_the_first_ones_colour() -> None:
    state = STATES["shirt"].after(_stock(product=SHOES))
    assert (state.product, dict(state.attributes)) == (SHOES, {})


def test_a_chosen_variant_stays_while_its_product_is_written_of() -> None:
    """梨 … 5斤 … 甜吗 … 多久到上海 is still asked of the 5斤."""
    pear, chosen = Named("pear", "溪谷雪梨"), Named("pear-5", "溪谷雪梨 5斤装")
    state = State().after(Outcome("5斤", product=chosen, slots={"quantity": "2"}))
    told = state.after(Outcome("甜吗", route="llm", products=(pear,)))
    assert (told.product, told.products, told.slots) == (chosen, (chosen,), {"quantity": "2"})
    assert state.after(Outcome("还有吗", route="stock", product=pear)).product == pear
    assert state.after(Outcome("苹果甜吗", route="llm", product=Named("apple", "苹果"))).product == Named(
        "apple", "苹果"
    )


def test_a_greeting_in_between_keeps_the_topic() -> None:
    state = STATES["shirt"].after(Outcome("谢谢", "不客气", route="smalltalk", intent="thanks"))
    assert state.topic == "stock_query"


def test_the_same_question_again_is_counted() -> None:
    state = STATES["asked"].after(_stock(pending=Pending("stock_query", ("color", "size"), "要什么颜色？")))
    assert state.pending is not None
    assert state.pending.times == 2


def test_failures_count_in_a_row() -> None:
    state = State().after(Outcome("a", failed=True)).after(Outcome("b", failed=True))
    assert state.failures == 2
    assert state.after(Outcome("c")).failures == 0


def test_back_from_a_human_the_bot_starts_afresh_but_remembers() -> None:
    state = STATES["asked"].after(Outcome("x", failed=True)).handed_to("human", 7)
    assert (state.owner, state.handoff_id) == ("human", 7)
    back = state.handed_to("bot")
    assert (back.owner, back.handoff_id, back.failures, back.pending, back.product) == ("bot", 0, 0, None, SHIRT)


def test_a_customer_is_kept() -> None:
    state = State(customer=Customer("张伟", "6680012345", True))
    assert State.from_dict(state.to_dict()).customer.name == "张伟"


def test_a_place_that_names_goods_is_no_destination() -> None:
    state = State().after(Outcome("你好", "您好", route="smalltalk"))
    text = "阳澄湖的两只 宁波的三只 一共多少钱"
    assert follow_up(text, state, Mentions()).place == "宁波"
    assert follow_up(text, state, Mentions(no_places=frozenset({"宁波"}))).place == ""


def test_a_question_put_again_without_the_unknown_word_is_the_same() -> None:
    options = (Named("a", "甲"), Named("b", "乙"))
    before = Pending("stock_query", ("product",), "哪一款？", {"unknown": "xxl"}, options)
    assert Pending("stock_query", ("product",), "哪一款？", {}, options).asks_the_same(before)
    assert not Pending("stock_query", ("product",), "哪一款？", {"unknown": "香水"}, options).asks_the_same(before)
