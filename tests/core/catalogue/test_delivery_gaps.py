"""What the owner is told of a delivery table that leaves something open."""

from __future__ import annotations

from kefu.core.catalogue import EVERYWHERE, UNSPLIT, DeliveryPromise
from kefu.core.catalogue.delivery.gaps import delivery_gaps

XINJIANG, SHANGHAI = "650000", "310000"
TABLE = [
    DeliveryPromise("广州仓", EVERYWHERE, 4),
    DeliveryPromise("杭州仓", EVERYWHERE, 3),
    DeliveryPromise("杭州仓", XINJIANG, 7),
    DeliveryPromise("成都仓", XINJIANG, 6),
    DeliveryPromise("杭州仓", SHANGHAI, 1),
]
WAREHOUSES = ["广州仓", "杭州仓", "成都仓"]


def test_a_warehouse_that_promises_a_far_region_by_its_row_for_everywhere_is_told() -> None:
    (told,) = delivery_gaps(TABLE, WAREHOUSES)
    assert told.startswith("广州仓 has no row of its own")
    assert "新疆维吾尔自治区 4 days (成都仓 6、杭州仓 7)" in told
    assert "上海" not in told
    assert [*delivery_gaps(TABLE[::-1], WAREHOUSES)] == [told]  # in whatever order the store gives the rows


def test_a_region_that_others_only_refuse_says_nothing_of_how_far_it_is() -> None:
    refused = [DeliveryPromise("广州仓", EVERYWHERE, 4), DeliveryPromise("杭州仓", XINJIANG, None)]
    assert [*delivery_gaps(refused, ())] == []
    (told,) = delivery_gaps([*refused, DeliveryPromise("成都仓", XINJIANG, 6)], ())
    assert "4 days (成都仓 6)" in told
    assert [*delivery_gaps([*refused, DeliveryPromise("", XINJIANG, 5)], ())] == []


def test_a_warehouse_that_is_silent_of_a_region_which_the_others_refuse_is_told() -> None:
    hong_kong = [DeliveryPromise("广州仓", "810000", None), DeliveryPromise("杭州仓", "810000", None)]
    (told,) = [one for one in delivery_gaps([*TABLE, *hong_kong], WAREHOUSES) if "香港" in one]
    assert told.startswith("成都仓 has no row for 香港特别行政区")
    for more in (DeliveryPromise("成都仓", "810000", None), DeliveryPromise("", "810000", None)):
        assert not any("香港" in one for one in delivery_gaps([*TABLE, *hong_kong, more], WAREHOUSES))


def test_warehouses_of_one_side_only_are_told() -> None:
    unused, lost = delivery_gaps([DeliveryPromise("杭州仓", EVERYWHERE, 3)], ["杭州", "宁波仓"])
    assert "never used: 杭州仓" in unused
    assert "no day is promised: 宁波仓, 杭州." in lost
    assert "not split" in [*delivery_gaps([DeliveryPromise("杭州仓", EVERYWHERE, 3)], [UNSPLIT])][1]


def test_nothing_is_told_while_a_file_is_missing_or_rows_hold_for_every_warehouse() -> None:
    own = [DeliveryPromise("杭州仓", EVERYWHERE, 3)]
    assert [*delivery_gaps(own, [])] == [*delivery_gaps([], WAREHOUSES)] == []
    assert [*delivery_gaps([DeliveryPromise("", EVERYWHERE, 3)], WAREHOUSES)] == []
