"""Doctor's word on the shop's own data: the classes of the apps' classifiers, SKUs without stock."""

from __future__ import annotations

import pytest

from kefu.core.intents import IntentNames, map_classes
from kefu.dify.checks_kefu import classes, delivery, devices, names, stock
from kefu.dify.patient import Patient


@pytest.mark.parametrize(
    ("names", "fix"),
    [
        ([], "./kefu shop starter"),
        ([IntentNames("taste", "口感", (), ("苦不苦", "甜不甜"))], "./kefu shop starter"),
        ([IntentNames("stock_query", "库存查询", ("问库存", "价格咨询"), ())], "Name the class like an intent"),
    ],
)
def test_a_shop_without_intents_for_them_is_told_where_to_get_some(names: list[IntentNames], fix: str) -> None:
    patient = Patient("http://localhost", "", unmapped=lambda texts: map_classes(texts, names, {}).unmapped)
    line = classes(patient)
    assert line.status == "warn"
    assert line.fix.startswith(fix), line


def test_gaps_of_the_delivery_table_are_told() -> None:
    assert delivery(Patient("http://localhost", "", delivery_gaps=list)).status == "ok"
    line = delivery(Patient("http://localhost", "", delivery_gaps=lambda: ["广州仓 has no row."]))
    assert (line.status, line.detail) == ("warn", "广州仓 has no row.")


def test_devices_that_no_years_tell_apart_are_told() -> None:
    assert devices(Patient("http://localhost", "", device_gaps=list)).status == "ok"
    line = devices(Patient("http://localhost", "", device_gaps=lambda: ["翠鸟 and 老款翠鸟."]))
    assert (line.status, line.detail) == ("warn", "翠鸟 and 老款翠鸟.")


def test_names_that_are_misread_are_told() -> None:
    assert names(Patient("http://localhost", "", naming_gaps=list)).status == "ok"
    line = names(Patient("http://localhost", "", naming_gaps=lambda: ["门 of 阀门."]))
    assert (line.status, line.detail) == ("warn", "门 of 阀门.")


def test_skus_without_a_stock_row_are_counted_and_named() -> None:
    assert stock(Patient("http://localhost", "", without_stock=list)).status == "ok"
    line = stock(Patient("http://localhost", "", without_stock=lambda: [f"CUP-{n}" for n in range(7)]))
    assert (line.status, line.detail.endswith("7 (CUP-0, CUP-1, CUP-2, CUP-3, CUP-4, …)")) == ("warn", True)
    assert line.fix.startswith("./kefu import stock")
