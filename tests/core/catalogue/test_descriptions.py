"""What is written of single variants stays theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kefu.core.catalogue import Catalogue, DeliveryBook, Product, Shelf, StockRow, Variant, stock_answer
from kefu.core.catalogue.names.descriptions import described_apart, description_of

S, M, L = (Variant(f"V-{size}", (("尺码", size),)) for size in "SML")
SKIRT = Product("skirt", "长裙", (S, M, L))


@pytest.mark.parametrize(
    ("said", "description"),
    [
        ({}, ""),
        ({"V-S": "纯棉"}, "纯棉"),
        ({"V-S": "纯棉", "V-M": "纯棉", "V-L": "纯棉"}, "纯棉"),
        ({"V-S": "到膝盖。", "V-M": "到脚踝", "V-L": "到脚踝"}, "S：到膝盖；M、L：到脚踝"),
        ({"V-S": "到膝盖；有口袋", "V-L": "到脚踝；"}, "S：到膝盖；有口袋；L：到脚踝"),
    ],
)
def test_sentences_that_differ_stand_behind_their_variants(said, description) -> None:
    assert described_apart(SKIRT, said) == description


def test_of_a_variant_what_is_said_of_the_others_is_left_out() -> None:
    skirt = replace(SKIRT, description="手洗；S：到膝盖；有口袋；M、L：到脚踝")
    assert [description_of(skirt, one) for one in (S, M, L)] == [
        "手洗；到膝盖；有口袋", "手洗；到脚踝", "手洗；到脚踝",
    ]  # fmt: skip


def test_a_description_that_names_no_variant_is_everyones() -> None:
    skirt = replace(SKIRT, description="材质：棉；产地：绍兴")
    assert description_of(skirt, M) == skirt.description


def test_a_sold_out_variant_is_not_told_what_is_written_of_its_sister(little) -> None:
    catalogue = Catalogue.build([replace(SKIRT, description="S：已停产，不再补货；M、L：每周补货")], [])
    rows = {sku: (StockRow(sku, "甲仓", 0, little.NOW),) for sku in ("V-S", "V-M", "V-L")}
    shelf = Shelf(catalogue, lambda skus: {sku: rows[sku] for sku in skus}, DeliveryBook(()), little.NOW, timedelta(1))
    replies = [stock_answer(shelf, catalogue.resolve(f"长裙{size}码有货吗")).reply for size in "SM"]
    assert ["停产" in reply for reply in replies] == [True, False]
    assert "每周补货" in replies[1]
