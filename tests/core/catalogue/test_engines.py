"""The parts below: text index against rank-bm25, both gazetteer engines, folding and measures."""

from __future__ import annotations

import random

import numpy as np
import pytest

from kefu.core.catalogue.names.codes import Codes
from kefu.core.catalogue.names.gazetteer import Gazetteer
from kefu.core.catalogue.names.vocabulary import common
from kefu.core.catalogue.values import Product, Variant
from kefu.core.catalogue.words import Query, canonical_value, fold, key, measures
from kefu.core.textindex import TextIndex
from kefu.evaluation.baseline import positive_bm25


@pytest.mark.parametrize("seed", range(12))
def test_the_ten_best_scores_are_those_of_rank_bm25(seed: int) -> None:
    dice = random.Random(seed)
    words = [f"w{int(dice.paretovariate(0.6)) % 60}" for _ in range(200)]
    documents = [dice.choices(words, k=dice.randint(1, 12)) for _ in range(300)]
    oracle, index = positive_bm25(documents), TextIndex(documents)
    for _ in range(20):
        query = dice.choices([*words, "nowhere"], k=dice.randint(1, 6))
        scores = oracle.get_scores(query)
        ten = sorted(((-score, at) for at, score in enumerate(scores) if score > 0))[:10]
        found = index.search(query, 10)
        assert np.allclose([score for _, score in found], [-score for score, _ in ten])
        exact = [(round(score, 9), -at) for at, score in found]
        assert exact == sorted(exact, reverse=True)  # ties in the order of the documents


def test_bigrams_made_at_once_are_the_bigrams_made_one_by_one() -> None:
    texts = ["云帆电脑包", "云帆云帆", "a", "", "键盘x1", "云x"]
    one = TextIndex([[text[i : i + 2] for i in range(len(text) - 1)] for text in texts])
    other = TextIndex.of_bigrams(texts)
    for query in (["云帆"], ["云帆", "帆电", "x1"], ["没有"], []):
        assert np.allclose(one.search(query), other.search(query)) if query else other.search(query) == []
    assert TextIndex.of_bigrams(["", "a"]).search(["ab"]) == []


@pytest.mark.parametrize("seed", range(20))
def test_both_engines_of_the_gazetteer_find_the_same(seed: int) -> None:
    dice = random.Random(seed)
    names = {"".join(dice.choices("云帆包大号a5", k=dice.randint(1, 4))): number for number in range(30)}
    text = "".join(dice.choices("云帆包大号a5 ，", k=40))
    automaton, table = Gazetteer(names, shortest=1), Gazetteer(names, shortest=1, automaton_up_to=0)
    query = Query.of(text)
    assert automaton.find(query) == table.find(query)
    for hit in automaton.find(query):
        assert names[query.text[hit.start : hit.end]] == hit.target


def test_a_name_does_not_tear_a_word_or_number_apart() -> None:
    gazetteer = Gazetteer({"d5": 1, "15": 2, "大号": 3})
    assert gazetteer.find(Query.of("DDR5 D51 150 特大号"))[0].target == 3
    assert [hit.target for hit in gazetteer.find(Query.of("疾澜D5内存 15寸"))] == [1, 2]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ａ产品（大號）", "a产品 大号"), ("SO-DIMM", "so dimm"), ("1.5米", "1.5米"), ("v1.", "v1"),
        ("S23+", "s23plus"), ("16G+512G", "16g 512g"), ("😀键盘​x", "键盘 x"),
    ],
)  # fmt: skip
def test_names_and_questions_fold_alike(text: str, folded: str) -> None:
    assert " ".join(fold(text).split()) == folded
    assert key(text) == folded.replace(" ", "")


@pytest.mark.parametrize(
    ("value", "canonical"),
    [
        ("16GB", "16g"),
        ("16 g", "16g"),
        ("1TB", "1t"),
        ("2.50 寸", "2.5寸"),
        ("42码", "42"),
        ("大号", "大号"),
        ("100W", "100w"),
    ],
)
def test_values_have_one_form(value: str, canonical: str) -> None:
    assert canonical_value(value) == canonical


def test_amounts_with_units_are_read_where_they_stand() -> None:
    assert [amount for amount, _, _ in measures(fold("要16g的，1.5米线，2个"))] == ["16g", "150cm"]


def test_a_code_is_found_whole_or_not_at_all() -> None:
    codes = Codes([Product("p", "条", (Variant("RAM-JL5-16", barcodes=("6901234567892",)), Variant("RAM-JL5-16-B")))])
    assert codes.find(Query.of("RAM-JL5-16有吗")) == [(0, 0)]
    assert codes.find(Query.of("ram jl5 16 b")) == [(0, 1)]
    assert codes.find(Query.of("6901234567892")) == [(0, 0)]
    assert codes.find(Query.of("69012345678923")) == []


def test_common_numbers_of_two_lists() -> None:
    one, other = np.array([1, 3, 5, 9], dtype=np.uint32), np.array([3, 4, 9, 10, 11], dtype=np.uint32)
    assert common(one, other).tolist() == [3, 9]
    assert common(one, np.zeros(0, dtype=np.uint32)).tolist() == []
