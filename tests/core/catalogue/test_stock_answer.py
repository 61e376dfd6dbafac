"""Answers about stock: numbers only from rows, never "in stock" without one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kefu.core.catalogue import Ask, StockRow, Wanted, stock_answer, stock_state
from kefu.core.catalogue.answers.describe import describe_product
from kefu.errors import BadInput


def answer(shelf, text, ask=None, **resolving):
    return stock_answer(shelf, shelf.catalogue.resolve(text, **resolving), ask)


def test_quantity_as_of_and_the_promise_for_that_city_and_day(little) -> None:
    shelf = little.shelf()
    meant = shelf.catalogue.resolve("A产品，大号，有库存吗？明天能不能送到杭州", ignore=("明天", "杭州"))
    found = stock_answer(shelf, meant, Ask(little.HANGZHOU, little.TOMORROW))
    assert (found.found, found.available, found.quantity, found.deliverable) == (True, True, 15, True)
    assert found.as_of == little.NOW - timedelta(hours=1)
    assert found.reply == (
        "亲，A产品（大号）有现货，目前库存15个（杭州仓12个、广州仓3个，库存更新于11月20日13:00）。"
        "可以的，今天（11月20日）18:00前付款，杭州仓发货，预计明天（11月21日）送达杭州市。"
    )


def test_a_sold_out_variant_is_never_called_available_and_others_are_offered(little) -> None:
    found = answer(little.shelf(), "A产品中号有货吗")
    assert (found.found, found.available, found.quantity) == (True, False, 0)
    assert "缺货" in found.reply
    assert "有现货" not in found.reply
    assert found.alternatives == ("BAG-L",)
    assert "A产品（大号）现有15个" in found.reply


def test_sold_out_with_a_place_promises_no_day(little) -> None:
    found = answer(little.shelf(), "A产品中号", Ask(little.HANGZHOU, little.TOMORROW))
    assert found.deliverable is False
    assert "暂时不能承诺送达时间" in found.reply


def test_incoming_stock_is_told_with_its_date(little) -> None:
    found = answer(little.shelf(incoming=date(2026, 11, 24)), "疾澜D5 32G")
    assert "预计11月24日（周二）到货50条" in found.reply


def test_alternatives_are_the_nearest_first(little) -> None:
    found = answer(little.shelf(), "疾澜D5 32G有货吗")
    assert found.alternatives[0] == "RAM5-16"
    assert "RAM4-8" not in found.alternatives


def test_stock_older_than_the_limit_is_uncertain(little) -> None:
    found = answer(little.shelf(as_of=little.NOW - timedelta(hours=49)), "A产品大号有货吗")
    assert (found.found, found.available, found.uncertain, found.quantity) == (True, False, True, 0)
    assert "暂不确定" in found.reply
    assert "现货" not in found.reply


def test_a_variant_without_any_row_is_uncertain(little) -> None:
    found = answer(little.shelf(), "A产品特大号")
    assert found.uncertain
    assert "暂不确定" in found.reply


def test_an_unknown_product_is_not_found_and_the_like_is_offered(little) -> None:
    found = answer(little.shelf(), "金士顿内存条有货吗")
    assert (found.found, found.available) == (False, False)
    assert found.reply.startswith("亲，没有查到“金士顿内存条”这款商品。")
    assert "疾澜 DDR5 笔记本内存条" in found.reply


def test_an_unknown_variant_is_not_found_and_the_known_ones_are_named(little) -> None:
    found = answer(little.shelf(), "疾澜D5 64G有货吗")
    assert not found.found
    assert "没有“64G”这个规格" in found.reply
    assert "16GB、32GB" in found.reply


def test_undecided_variants_are_each_told_and_asked_about(little) -> None:
    found = answer(little.shelf(), "疾澜D5有货吗")
    assert (found.found, found.available, found.missing) == (True, False, ("variant",))
    assert "16GB现货42条、32GB暂时缺货" in found.reply
    assert found.reply.endswith("请问您要哪一款？")


def test_several_products_are_asked_about(little) -> None:
    found = answer(little.shelf(), "疾澜内存条16G有货吗")
    assert (found.found, found.missing, found.route) == (False, ("product",), "ask")
    assert "还是" in found.ask


def test_nothing_named_is_asked_for(little) -> None:
    found = answer(little.shelf(), "有货吗")
    assert (found.found, found.missing, found.route) == (False, ("product",), "ask")


def test_more_than_there_is_is_not_available(little) -> None:
    found = answer(little.shelf(), "疾澜D5 16G", Ask(quantity=50))
    assert (found.available, found.quantity) == (False, 42)
    assert "不够您要的50条" in found.reply
    enough = answer(little.shelf(), "疾澜D5 16G", Ask(quantity=40))
    assert enough.available


def test_delivery_counts_only_warehouses_that_hold_the_quantity(little) -> None:
    shelf = little.shelf()
    few = answer(shelf, "A产品大号", Ask(little.Place("440100", "广州市"), None, 2))
    many = answer(shelf, "A产品大号", Ask(little.Place("440100", "广州市"), None, 10))
    assert "广州仓发货" in few.delivery
    assert "杭州仓发货" in many.delivery


def test_a_price_is_told_from_the_data_or_not_at_all(little) -> None:
    shelf = little.shelf()
    assert "价格是289.00元" in answer(shelf, "疾澜D5 16G多少钱", Ask(focus="price")).reply
    assert "价格暂不确定" in answer(shelf, "HDMI线1.5米多少钱", Ask(focus="price")).reply


def test_a_virtual_good_needs_no_delivery(little) -> None:
    found = answer(little.shelf(), "云盘会员 明天能到吗", Ask(little.HANGZHOU, little.TOMORROW))
    assert found.deliverable is True
    assert "不需要快递配送" in found.reply


@pytest.mark.parametrize(
    ("rows", "quantity"), [({}, 0), ({"C-1": [("虚拟仓", 99)]}, 99), ({"C-1": [("虚拟仓", 99), ("云仓", 0)]}, 99)]
)
def test_a_virtual_good_is_delivered_automatically_whatever_was_counted(little, rows, quantity) -> None:
    found = answer(little.shelf(rows), "云盘会员卡有货吗", Ask(quantity=2))
    assert found.reply == "亲，云盘会员卡是虚拟商品，付款后自动发货。"
    assert (found.available, found.uncertain, found.quantity) == (True, False, quantity)
    price = answer(little.shelf(rows), "云盘会员卡多少钱", Ask(quantity=2, focus="price"))
    assert price.reply == "亲，云盘会员卡价格是15.00元，2张共30.00元，是虚拟商品，付款后自动发货。"


def test_an_old_count_of_a_virtual_good_says_as_little_as_none(little) -> None:
    old = little.NOW - timedelta(days=30)
    assert answer(little.shelf({"C-1": [("虚拟仓", 9)]}, as_of=old), "云盘会员卡有货吗").available
    assert answer(little.shelf({"C-1": [("虚拟仓", 0)]}, as_of=old), "云盘会员卡有货吗").uncertain


def test_a_virtual_good_that_is_counted_is_sold_out_at_0_and_never_promised_beyond_the_count(little) -> None:
    assert "云盘会员卡目前缺货" in answer(little.shelf({"C-1": [("虚拟仓", 0)]}), "云盘会员卡有货吗").reply
    few = answer(little.shelf({"C-1": [("虚拟仓", 3)]}), "云盘会员卡要5张", Ask(quantity=5))
    assert (few.available, "目前库存只有3张，不够您要的5张。" in few.reply) == (False, True)


def test_a_virtual_good_in_a_list_or_asked_of_by_place_has_no_number_of_pieces(little) -> None:
    there = answer(little.shelf({}), "云盘会员卡 明天能到吗", Ask(little.HANGZHOU, little.TOMORROW)).reply
    assert there.startswith("亲，云盘会员卡有货。这是自动发货的虚拟商品")
    card = little.catalogue().by_sku("C-1")[0]
    assert "云盘会员卡，15.00元，付款后自动发货" in describe_product(little.shelf(), card)


def test_the_form_of_address_is_the_shops(little) -> None:
    assert answer(little.shelf(address="您"), "A产品大号").reply.startswith("您好，")
    assert answer(little.shelf(address="尊敬的客户"), "A产品大号").reply.startswith("尊敬的客户，")


def test_slots_and_sentence_together_decide(little) -> None:
    found = answer(little.shelf(), "大号的有吗", wanted=Wanted("A产品", ""))
    assert found.skus == ("BAG-L",)


def test_only_fresh_rows_count_and_the_oldest_of_them_dates_the_answer(little) -> None:
    rows = (
        StockRow("S", "甲", 5, little.NOW - timedelta(hours=3)),
        StockRow("S", "乙", 7, little.NOW - timedelta(hours=60)),
        StockRow("S", "丙", 2, little.NOW - timedelta(hours=1)),
    )
    state = stock_state(rows, little.NOW, timedelta(hours=48))
    assert (state.kind, state.quantity, state.as_of) == ("in", 7, little.NOW - timedelta(hours=3))
    assert state.warehouses == (("甲", 5), ("丙", 2))


def test_sold_out_in_fresh_rows_but_stale_elsewhere_is_uncertain(little) -> None:
    rows = (StockRow("S", "甲", 0, little.NOW), StockRow("S", "乙", 7, little.NOW - timedelta(hours=60)))
    assert stock_state(rows, little.NOW, timedelta(hours=48)).kind == "unknown"


@pytest.mark.parametrize(("quantity", "zone"), [(-1, True), (1, False)])
def test_a_row_checks_itself(little, quantity: int, zone: bool) -> None:
    with pytest.raises(BadInput):
        StockRow("S", "甲", quantity, little.NOW if zone else little.NOW.replace(tzinfo=None))


def test_a_colour_that_the_data_do_not_speak_of_is_not_passed_over(little) -> None:
    asked = answer(little.shelf(), "红色的A产品大号有吗")
    assert asked.available
    assert "是否有红色暂不确定" in asked.reply
    assert "暂不确定" not in answer(little.shelf(), "A产品大号有吗").reply
    assert "没有“红色”" in answer(little.shelf(), "雀影鼠标红色有吗").reply
