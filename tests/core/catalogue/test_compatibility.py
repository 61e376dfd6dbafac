"""Which part fits which device: rules, explicit pairs, and what is not known."""

from __future__ import annotations

import pytest

from kefu.core.catalogue import (
    Compatibility,
    CompatibilityPair,
    CompatibilityRule,
    Device,
    Product,
    Variant,
    fit_answer,
)
from kefu.core.catalogue.fit.answer import KnownDevice
from kefu.errors import BadInput


def fits(little, device: str, sku: str):
    compatibility = little.compatibility()
    product, variant = little.catalogue().by_sku(sku)
    return compatibility.fits(compatibility.find_device(device).device, product, variant)


@pytest.mark.parametrize(
    ("device", "sku", "verdict"),
    [
        ("云帆 Book 14", "RAM5-16", "yes"),
        ("云帆 Book 14", "RAM5-32", "no"),  # 16GB at most in one slot
        ("云帆 Book 14", "RAM4-8", "no"),  # DDR4 in a DDR5 slot
        ("云帆 Air 13", "RAM5-16", "no"),  # soldered
        ("X200", "RAM4-8", "yes"),
        ("X200", "RAM4-16", "no"),  # the pair wins over the rules
        ("谜 One", "RAM5-16", "unknown"),  # facts are missing
        ("云帆 Book 14", "MS-BK", "yes"),  # a pair of the product
        ("X200", "MS-BK", "unknown"),  # no rule and no pair
    ],
)
def test_pairs_first_then_every_rule_and_a_missing_fact_is_no_fit(little, device, sku, verdict) -> None:
    assert fits(little, device, sku).verdict == verdict


def test_the_reason_comes_from_the_data(little) -> None:
    assert fits(little, "云帆 Air 13", "RAM5-16").note == "内存焊死在主板上"
    assert fits(little, "X200", "RAM4-16").note == "实测不稳定"
    assert fits(little, "云帆 Book 14", "RAM4-8").note == "这款机型的内存类型是DDR5，而它的类型是DDR4"


def test_the_lessons_dialogue_asks_for_the_model_then_names_what_fits(little) -> None:
    shelf, compatibility = little.shelf(), little.compatibility()
    first = fit_answer(shelf, compatibility, "请问有没有兼容我笔记本型号的内存条？")
    assert (first.found, first.missing, first.part) == (False, ("device",), "内存条")
    assert "笔记本是什么品牌和型号" in first.reply
    second = fit_answer(shelf, compatibility, "云帆Book14", part=first.part)
    assert (second.found, second.device, second.skus) == (True, "云帆 Book 14", ("RAM5-16",))
    assert "目前都有现货" in second.reply


def test_what_fits_but_is_sold_out_is_not_called_available(little) -> None:
    found = fit_answer(little.shelf({"RAM5-16": (("杭州仓", 0),)}), little.compatibility(), "Book14能用什么内存条")
    assert "16GB暂时缺货" in found.reply
    assert "有现货" not in found.reply


def test_one_part_is_answered_with_its_reason_and_what_fits_instead(little) -> None:
    found = fit_answer(little.shelf(), little.compatibility(), "疾澜D4 8G能用在云帆Book14上吗")
    assert found.fits is False
    assert "不适合云帆 Book 14" in found.reply
    assert "疾澜 DDR5 笔记本内存条（16GB）" in found.reply


def test_this_one_means_the_part_spoken_of_before(little) -> None:
    found = fit_answer(little.shelf(), little.compatibility(), "这个能用在X200上吗", last=("RAM4-8",))
    assert found.fits is True
    assert "8GB现货7条" in found.reply


def test_an_unknown_model_is_uncertain_and_never_a_fit(little) -> None:
    found = fit_answer(little.shelf(), little.compatibility(), "海神 Q9000", part="内存条")
    assert (found.found, found.uncertain, found.skus) == (False, True, ())
    assert "暂不确定" in found.reply


def test_missing_facts_are_uncertain(little) -> None:
    assert fit_answer(little.shelf(), little.compatibility(), "谜 One 能用什么内存条").uncertain


def test_a_device_that_takes_none_is_told_why(little) -> None:
    found = fit_answer(little.shelf(), little.compatibility(), "云帆 Air 13 能加内存条吗")
    assert found.fits is False
    assert "内存焊死在主板上" in found.reply


def test_a_slip_in_a_model_name_is_asked_about(little) -> None:
    found = little.compatibility().find_device("云帆 Bok 14")
    assert found.kind == "ambiguous"
    assert found.candidates[0].model == "云帆 Book 14"


def test_two_devices_of_one_name_are_asked_about() -> None:
    compatibility = Compatibility([Device("甲 14 2023", ("甲14",)), Device("甲 14 2024", ("甲14",))])
    assert compatibility.find_device("我的是甲14").kind == "ambiguous"
    assert compatibility.find_device("我的是甲14 2024").device.model == "甲 14 2024"


def test_terabytes_and_gigabytes_compare() -> None:
    rule = CompatibilityRule("硬盘", "最大硬盘", "<=", "容量")
    compatibility = Compatibility([Device("甲1", (), (("最大硬盘", "2TB"),))], [rule])
    device = compatibility.devices[0]
    product = Product("p", "盘", (), category="硬盘")
    assert compatibility.fits(device, product, Variant("a", (("容量", "512GB"),))).verdict == "yes"
    assert compatibility.fits(device, product, Variant("b", (("容量", "4TB"),))).verdict == "no"
    assert compatibility.fits(device, product, Variant("c", (("容量", "很大"),))).verdict == "unknown"


def test_rules_and_pairs_check_themselves() -> None:
    with pytest.raises(BadInput):
        CompatibilityRule("内存条", "类型", "~", "类型")
    with pytest.raises(BadInput):
        CompatibilityRule("内存条", "类型")
    with pytest.raises(BadInput):
        CompatibilityPair("甲", True)


@pytest.mark.parametrize("said", ["云帆Book14 2021", "2021款云帆Book14", "云帆Book14 三代"])
def test_another_year_of_a_known_model_is_not_answered_from_this_one(little, said) -> None:
    found = fit_answer(little.shelf(), little.compatibility(), f"{said}能用什么内存条")
    assert (found.found, found.uncertain, found.skus) == (False, True, ())
    assert "资料里暂时没有" in found.reply


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("把星图Q15放进去能充电吗，用雀影鼠标", "Q15"),
        ("戴尔灵越5559", "戴尔灵越5559"),
        ("内存条支持ddr5吗", ""),
        ("内存条能装进16寸的本子吗", ""),
        ("疾澜D5和疾澜D4内存条有什么区别", ""),
        ("内存条能装macbook air里吗", "macbook air"),
        ("内存条给MacBook Pro m2能用吗", "MacBook Pro m2"),
        ("这个内存条d4的能用吗", ""),
        ("我的laptop能用这种内存条吗", ""),
        ("will this memory fit my old machine?", ""),
    ],
)
def test_only_a_device_is_called_an_unknown_model(little, text, named) -> None:
    found = fit_answer(little.shelf(), little.compatibility(), text)
    assert (f"没有“{named}”" in found.reply) if named else found.missing == ("device",)


@pytest.mark.parametrize(
    "named", ["7840HS", "i5-12450H", "i7 1260p", "锐龙7 5800H", "R5 5600", "Ultra 5 125H", "12700h"]
)
def test_a_processor_is_no_model_so_the_machine_is_asked_for(little, named) -> None:
    for text in (f"{named}的笔记本能用这个内存条吗", named):
        found = fit_answer(little.shelf(), little.compatibility(), text, part="内存条")
        assert found.missing == ("device",)
        assert f"{named}是处理器的型号" in found.reply


def test_a_model_with_its_processor_is_still_a_model(little) -> None:
    found = fit_answer(
        little.shelf(), little.compatibility(), "戴尔灵越5559 i5-6200U", device=KnownDevice("戴尔灵越5559 i5-6200U")
    )
    assert found.uncertain
    assert "没有“戴尔灵越5559”" in found.reply


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    ["abc" + "1" * 5_000 + "a" * 50 + "能用吗", "a" * 20_000 + "能用吗", "a1 " * 5_000 + "能用吗", "a-" * 9_000 + "吗"],
)
def test_no_message_holds_the_search_for_a_name(little, text) -> None:
    fit_answer(little.shelf(), little.compatibility(), text)


def test_a_model_with_a_word_behind_it_is_another_model() -> None:
    """S9pro is no S9, unless the data call it so."""
    compatibility = Compatibility([Device("星石 S9", ("S9",)), Device("星石 S9 Max", ("S9max",))], [], [])
    assert compatibility.find_device("S9能用吗").device
    assert compatibility.find_device("S9max能用吗").device.model == "星石 S9 Max"
    found = compatibility.find_device("那S9pro能用吗")
    assert (found.kind, found.unknown) == ("none", "s9pro")
