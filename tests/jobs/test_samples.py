"""The samples that the page of import files shows: an owner who copies one gets no error and no warning."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kefu.cli.imports import describe
from kefu.core.catalogue import EVERYWHERE, Catalogue, Product, Variant
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.store.catalogue import load_products
from kefu.store.delivery import load_promises
from kefu.store.knowledge import list_entries


def test_all_samples_make_one_shop_without_a_slip(db, shop) -> None:
    for kind in KINDS.values():
        report = run_import(db, shop.id, kind, kind.sample)
        assert (report.written, report.count("error")) == (True, 0), [row.told() for row in report.rows]
        assert report.warnings == (), kind.name
    with db.read() as connection:
        products = {product.id: product for product in load_products(connection, shop.id)}
        regions = {promise.region for promise in load_promises(connection, shop.id)}
        of = {entry.title: entry.product for entry in list_entries(connection, shop.id).values()}
    assert products["bag"].description == "薄款 5度：夏天用，可机洗；厚款 -10度：羽绒填充，不可机洗"
    assert {"310000", "650000", "710000", EVERYWHERE} <= regions
    assert (of["睡袋清洗"], of["上门搭建"]) == ("bag", "")


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_sample_is_small_and_imports_again_as_the_same(db, shop, kind) -> None:
    text = kind.sample.read_text(encoding="utf-8")
    assert 2 <= len(text.splitlines()) <= 8
    assert text.rstrip() in describe(kind)
    run_import(db, shop.id, kind, kind.sample)
    again = run_import(db, shop.id, kind, kind.sample)
    assert again.count("same") == len(again.rows)


GUIDE = Path(__file__).resolve().parents[2] / "docs" / "first-shop.zh-CN.md"
FILES = "products stock delivery orders compatibility jargon rules knowledge voice"


def test_the_files_of_the_first_shop_make_one_without_a_slip(db, shop, tmp_path) -> None:
    tables = re.findall(r"```csv\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    for kind, table in zip(FILES.split(), tables, strict=True):
        (path := tmp_path / f"{kind}.csv").write_text(table, encoding="utf-8")
        report = run_import(db, shop.id, KINDS[kind], path)
        assert (report.count("error"), report.warnings) == (0, ()), kind
    with db.read() as connection:
        goods = Catalogue.build(load_products(connection, shop.id), [])
    said = {"狗粮多少钱一箱": "FD-4", "12斤的狗穿多大的胸背": "VE-R-M", "方的滤芯有吗": "CO-S"}
    found = {text: goods.resolve(text).variants for text in said}
    assert {text: variant.sku for text, (variant,) in found.items()} == said


def test_a_listings_size_is_found_as_the_advice_says() -> None:
    sizes = [
        ("中果", "5斤", "70-75mm"),
        ("中果", "9斤", "70-75mm"),
        ("大果", "5斤", "80-85mm"),
        ("大果", "9斤", "80-85mm"),
    ]
    split = [Variant(f"{a}{b}", (("果级", a), ("净含量", b), ("果径", c))) for a, b, c in sizes]
    whole = [Variant(f"{a}{b}", (("规格", f"{a}{b}装（果径{c}）"),)) for a, b, c in sizes]
    found = [
        [
            catalogue.resolve(f"苹果{said}").variant
            for said in ("中果5斤", "五斤大果", "大的5斤", "72mm 9斤", "80-85的9斤")
        ]
        for variants in (split, whole)
        for catalogue in (Catalogue.build([Product("apple", "高原苹果", tuple(variants), ("苹果",))], []),)
    ]
    assert [one and one.sku for one in found[0]] == ["中果5斤", "大果5斤", "大果5斤", "中果9斤", "大果9斤"]
    assert [one and one.sku for one in found[1]][:3] == ["中果5斤", "大果5斤", None]
