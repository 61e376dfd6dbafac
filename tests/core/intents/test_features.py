"""What a sentence becomes: characters with their radicals, words without endings, pairs; and what each weighs."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from kefu.core.intents.bags import Bags
from kefu.core.intents.features import NEAR, PAIRED, clean, features, radical
from kefu.core.intents.stems import stem
from kefu.core.intents.telling import telling
from kefu.core.intents.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("char", "its"), [("疹", "疒"), ("疒", "疒"), ("鲤", "魚"), ("话", "言"), ("钱", "金"), ("一", "一"), ("龥", "龠")]
)
def test_a_character_stands_under_its_radical(char, its):
    assert unicodedata.normalize("NFKC", radical(char)) == its


def test_characters_of_one_radical_share_a_feature_that_no_text_can_write():
    shared = set(features(clean("湿疹"))) & set(features(clean("脑瘫")))
    assert shared == {"c" + radical("疹")}
    assert radical("疹") not in clean(radical("疹"))


def test_any_two_near_parts_are_a_feature_whichever_comes_first():
    assert {"s票开", "s发 开", "s发 票"} & set(features("开发票")) == {"s发 开", "s发 票"}
    pairs = {name for name in features("charged twice") if name[0] == "s"}
    assert pairs == {name for name in features("twice charging") if name[0] == "s"} == {"scharg twic"}


def test_a_long_sentence_has_few_pairs():
    long = "".join(chr(0x4E00 + i) for i in range(300))
    assert sum(name[0] == "s" for name in features(long)) <= PAIRED * NEAR


@pytest.mark.parametrize(
    "forms",
    [
        ("charge", "charges", "charged", "charging"),
        ("fee", "fees"),
        ("stop", "stops", "stopped", "stopping"),
        ("identity", "identities"),
        ("fill", "filled", "filling"),
        ("card", "cards"),
    ],
)
def test_the_forms_of_an_english_word_are_one(forms):
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize("word", ["is", "ass", "发货", "q87", "", "ñandes"])
def test_what_is_no_english_word_with_an_ending_stays(word):
    assert stem(word) == word


def test_a_sentence_alone_has_the_same_features_as_among_others():
    texts = ["黑色的还有货吗", "sony 的麦克风多少钱", "zzz 鬯", "0"]
    counted = [features(clean(text)) for text in texts]
    bags = Bags.of(counted)
    vocabulary = Vocabulary.learn(bags.taken(np.array([0, 1])), 1000)
    rows = vocabulary.rows(bags)
    for at, counts in enumerate(counted):
        (columns, values), (own_columns, own_values) = rows.row(at), vocabulary.row(counts).row(0)
        assert own_columns.tolist() == columns.tolist()
        assert own_values == pytest.approx(values, rel=1e-6)


def test_a_feature_of_one_class_weighs_more_than_one_of_all_and_a_frequent_one_more_than_a_rare_one():
    bags = Bags.of([{"please": 1, "bill": 1}] * 4 + [{"please": 1, "stock": 1}] * 3 + [{"please": 1, "odd": 1}])
    weights = dict(zip(bags.names, telling(bags, np.array([0] * 4 + [1] * 4)), strict=True))
    please, bill, odd = (weights[name] for name in ("please", "bill", "odd"))
    assert 0 < please < odd < bill < 1


def test_the_weight_is_the_information_about_the_class_as_it_is_defined():
    bags = Bags.of([{"a": 1}, {"a": 1}, {"b": 1}, {"a": 1, "b": 1}])
    classes = np.array([0, 0, 1, 2])
    usual = np.array([2, 1, 1]) / 4
    after = (np.array([2, 0, 1]) + usual) / 4
    information = (after * np.log(after / usual)).sum() / np.log(3)
    assert telling(bags, classes)[0] == pytest.approx(information**0.25)
