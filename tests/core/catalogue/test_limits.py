"""What a description forbids is heard beside the stock and the promise."""

from __future__ import annotations

import pytest

from kefu.core.catalogue.delivery.limits import limit_in, refusal_in


@pytest.mark.parametrize(
    ("description", "most", "said"),
    [
        ("玻璃瓶装，每人限购2瓶", 2, "每人限购2瓶"),
        ("新客专享。一个账号最多买一份；不补发", 1, "一个账号最多买一份"),
        ("每单限3盒，多拍不发", 3, "每单限3盒"),
        ("限购五件", 5, "限购五件"),
        ("试用装，一人一份", 1, "一人一份"),
    ],
)
def test_the_most_for_one_customer(description: str, most: int, said: str) -> None:
    limit = limit_in(description)
    assert limit is not None
    assert (limit.most, limit.said) == (most, said)


@pytest.mark.parametrize(
    "description", ["", "一人可坐，承重120kg", "限时特价", "每盒12个", "一人食3个装", "每个人2台都够用吗"]
)
def test_other_numbers_limit_nothing(description: str) -> None:
    assert limit_in(description) is None


@pytest.mark.parametrize(
    ("text", "places", "said"),
    [
        ("含酒精，新疆西藏不发", ("乌鲁木齐", "新疆"), "新疆西藏不发"),
        ("大件。海南、西藏不配送；其余包邮", ("拉萨", "西藏"), "海南、西藏不配送"),
        ("新疆运费10元，西藏不发", ("新疆",), ""),
        ("全国都发", ("新疆",), ""),
        ("新疆不发票", ("新疆",), ""),
    ],
)
def test_a_place_that_is_refused(text: str, places: tuple[str, ...], said: str) -> None:
    assert refusal_in(text, places) == said
