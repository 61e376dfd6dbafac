"""Doctor's word on the classes of the apps' classifiers."""

from __future__ import annotations

import pytest

from kefu.core.intents import IntentNames, map_classes
from kefu.dify.checks_kefu import classes
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
