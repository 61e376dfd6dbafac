"""Goods that a message names beside those that it asks about."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.values import Product, Variant
from kefu.core.decide.hearing.mentioned import only_mentioned
from kefu.core.decide.selling.own_things import with_what_is_meant
from kefu.core.decide.values import Asked


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("那灰的吧 送支架不", "支架"),
        ("这款带电池吗", "电池"),
        ("自带滤网吗", "滤网"),
        ("包括插头吗", "插头"),
        ("换了灯管也不行", "灯管"),
        ("用过清洁剂还是洗不掉", "清洁剂"),
        ("试了新的插座也没用", "插座"),
    ],
)
def test_what_comes_along_or_was_tried_is_only_mentioned(text: str, name: str) -> None:
    assert only_mentioned(text, [name]) == (name,)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("支架有吗", "支架"),
        ("再配个电池吗", "电池"),
        ("要带支架的", "支架"),
        ("发送支架的链接", "支架"),
        ("买了支架什么时候发", "支架"),
        ("换支架可以吗", "支架"),
        ("带支架的那款多少钱", "支架"),
    ],
)
def test_what_is_asked_for_is_not_only_mentioned(text: str, name: str) -> None:
    assert only_mentioned(text, [name]) == ()


SOLD = Catalogue.build(
    [
        Product("blade", "青禾割草刀片", (Variant("blade"),), ("刀片",), "刀片"),
        Product("mower", "青禾割草机", (Variant("mower"),), ("割草机",), "园林机械"),
    ]
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("30的刀片有吗 我用割草机", "30的刀片有吗 割草机能用吗"),
        ("刀片还有没，我家是青禾割草机", "刀片还有没，青禾割草机能用吗"),
        ("刀片有吗 我用微信付", "刀片有吗 我用微信付"),
        ("割草机有吗 我有割草机", "割草机有吗 我有割草机"),
        ("刀片30的 我用割草机能装吗", "刀片30的 我用割草机能装吗"),
    ],
)
def test_what_one_has_is_asked_for_a_fit(said: str, meant: str) -> None:
    assert with_what_is_meant(Asked(said, "c", datetime(2026, 12, 1, 10, tzinfo=UTC)), SOLD).query == meant
