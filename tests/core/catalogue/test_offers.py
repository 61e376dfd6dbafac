"""What an offer takes off a sum, and when its words leave that open."""

from datetime import date

import pytest

from kefu.core.catalogue.offers import Tier, best_of, tiers_in

TODAY = date(2026, 12, 12)


@pytest.mark.parametrize(
    ("text", "tiers"),
    [
        ("满88减6，满188减20，拍下自动减。", [(88, 6), (188, 20)]),
        ("全店满300元立减40元", [(300, 40)]),
        ("12月10日到12日满60减5。平时没有活动。", [(60, 5)]),
        ("年末活动12月5日-20日：满60减5，满160减18。活动后恢复满160减9。", [(60, 5), (160, 18)]),
    ],
)
def test_the_tiers_of_an_offer_that_holds_for_all_are_read(text: str, tiers: list[tuple[int, int]]) -> None:
    assert tiers_in(text, TODAY) == tuple(Tier(reached * 100, off * 100) for reached, off in tiers)


@pytest.mark.parametrize(
    "text",
    [
        "12月20日到25日满60减5",
        "双旦期间满60减5",
        "新客满60减5",
        "指定商品满60减5",
        "满60减5，预售除外",
        "满3件减5",
        "每满100减10，最高减50",
        "满60减5。满60减8。",
        "满188减20，满88减26",
        "满60减80",
        "满60包邮",
        "",
    ],
)
def test_an_offer_that_may_not_hold_is_not_reckoned(text: str) -> None:
    assert tiers_in(text, TODAY) == ()


@pytest.mark.parametrize(("cost", "off"), [(8700, 0), (8800, 600), (18799, 600), (18800, 2000), (90000, 2000)])
def test_the_highest_tier_that_is_reached_counts(cost: int, off: int) -> None:
    found = best_of(tiers_in("满88减6，满188减20", TODAY), cost)
    assert (found[1] if found else 0) == off


def test_each_time_that_a_sum_is_reached_counts() -> None:
    found = best_of(tiers_in("每满100减10", TODAY), 35000)
    assert found
    assert found[1] == 3000
