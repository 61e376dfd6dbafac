"""What customers mean: the cases stand in resolve.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from kefu.core.catalogue import Catalogue, JargonTerm, Product, Variant, Wanted

HERE = Path(__file__).parent
CASES = yaml.safe_load((HERE / "resolve.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def catalogue(little) -> Catalogue:
    return little.catalogue()


@pytest.mark.parametrize("case", CASES, ids=[f"{number} {case['say']}" for number, case in enumerate(CASES, start=1)])
def test_a_question_means_what_its_case_says(catalogue: Catalogue, case: dict) -> None:
    wanted = Wanted(**case["wanted"]) if "wanted" in case else None
    found = catalogue.resolve(case["say"], wanted=wanted, last=tuple(case.get("last", ())))
    if "sku" in case:
        assert found.kind == "exact"
        assert found.variant
        assert found.variant.sku == case["sku"]
    elif "product" in case:
        assert found.kind == "ambiguous"
        assert found.product
        assert found.product.id == case["product"]
        assert found.question
    elif "any of" in case:
        assert found.kind == "ambiguous"
        assert [product.id for product in found.candidates] == case["any of"]
        assert found.question
    else:
        assert found.kind == "none"
        assert found.variant is None
        assert found.unknown == case.get("unknown", found.unknown)


def test_new_jargon_counts_at_once_and_shares_the_rest(catalogue: Catalogue) -> None:
    assert catalogue.resolve("大黑包").kind == "none"
    taught = catalogue.with_jargon((JargonTerm("大黑包", product="bag"),))
    assert taught.resolve("大黑包大号").variant.sku == "BAG-L"
    assert taught.products is catalogue.products
    assert catalogue.resolve("大黑包").kind == "none"


def test_jargon_of_one_character_does_not_break_longer_names() -> None:
    product = Product("dock", "汇港 七合一扩展坞", (Variant("D-1"),), category="扩展坞")
    catalogue = Catalogue.build([product], [JargonTerm("坞", "扩展坞")])
    assert catalogue.resolve("坞有货吗").variant.sku == "D-1"
    assert catalogue.resolve("扩展坞有货吗").variant.sku == "D-1"


def test_what_was_understood_as_a_place_is_no_product_word(catalogue: Catalogue) -> None:
    assert catalogue.resolve("石家庄有货吗", last=("BAG-L",)).kind == "none"
    assert catalogue.resolve("石家庄有货吗", last=("BAG-L",), ignore=("石家庄",)).variant.sku == "BAG-L"


@pytest.mark.parametrize("text", ["送到石家庄要几天", "大概什么时候能收到", "质量怎么样", "快递走哪家"])
def test_words_that_ask_for_no_thing_are_about_what_was_spoken_of(catalogue: Catalogue, text: str) -> None:
    assert catalogue.resolve(text, last=("BAG-L",)).variant.sku == "BAG-L"
    assert catalogue.resolve(text).kind == "none"


def test_the_same_alias_of_two_products_is_asked_about() -> None:
    twins = [Product(f"p{n}", f"小包{n}号店款", (Variant(f"S{n}"),), ("小包包",)) for n in (1, 2)]
    found = Catalogue.build(twins).resolve("小包包有吗")
    assert found.kind == "ambiguous"
    assert {product.id for product in found.candidates} == {"p1", "p2"}


def test_a_misspelt_name_is_asked_about_never_assumed(catalogue: Catalogue) -> None:
    found = catalogue.resolve("雀影无限属标")
    assert found.kind != "exact"


def test_an_empty_catalogue_means_nothing() -> None:
    assert Catalogue.build([]).resolve("A产品有货吗").kind == "none"


def test_products_of_a_category_are_found_by_its_name(catalogue: Catalogue) -> None:
    assert catalogue.category_in("有没有兼容我笔记本的内存条") == "内存条"
    assert catalogue.category_in("条子") == "内存条"
    assert [product.id for product in catalogue.in_category("内存条")] == ["ram5", "ram4"]
