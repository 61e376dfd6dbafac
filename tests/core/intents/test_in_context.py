"""An intent is weighed against the conversation: follow-ups keep it, full questions change it, whatever its name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kefu.core.intents import Candidate, IntentResult, forms_of, in_context, possible
from kefu.core.intents.context_learning import Said, conversations, everyday, learn, rows_of, together
from kefu.core.intents.forms import NAMES
from kefu.core.intents.in_context import GENERAL, KNOWN, OF_ROLE, Weights, chances, shipped
from kefu.core.slots import Slot

ROLES = {"urge": "urge_delivery", "stock": "stock_query", "returns": "after_sales", "usage": "product_usage"}


def heard(model, text: str, before: tuple[str, ...] = ()):
    return in_context(model, text, forms_of(text, ()), before, ROLES)


@pytest.mark.parametrize("text", ["那蓝的呢", "黑的呢", "那要是小码呢"])
def test_a_follow_up_keeps_what_was_talked_about(model, text):
    result = heard(model, text, ("stock_query",))
    assert (result.label, result.unknown) == ("stock", False)


def test_a_full_question_changes_the_topic(model):
    assert heard(model, "电子发票在哪里下载啊", ("stock_query", "stock_query")).label == "invoice"


def test_an_intent_carried_names_the_conversation_as_its_source(model):
    assert heard(model, "那大号的呢").label != "returns"
    carried = heard(model, "那大号的呢", ("after_sales",))
    assert (carried.label, carried.source) == ("returns", "history")


def test_a_first_message_of_a_shop_with_few_of_our_roles_is_judged_by_the_model_alone(model):
    assert heard(model, "电子发票在哪里下载啊") == model.classify("电子发票在哪里下载啊")


@pytest.mark.parametrize("text", ["", "。。。", "😀😀"])
def test_a_text_without_words_has_no_intent_even_in_a_conversation(model, text):
    result = heard(model, text, ("stock_query",))
    assert (result.label, result.unknown) == ("", True)


def test_confidences_are_probabilities_and_an_intent_of_the_shops_own_takes_part(model):
    result = heard(model, "抬头写公司可以吗", ("stock_query",))
    assert result.label == "invoice"
    assert 0.5 < result.confidence <= 1
    assert sum(candidate.confidence for candidate in result.top) == pytest.approx(1, abs=1e-3)


def test_what_a_hundred_thousand_characters_say_is_told_by_the_first(model):
    assert heard(model, "还有货吗" + "，哈哈哈" * 30_000, ()).label == "stock"


def test_a_turn_that_may_have_been_misheard_does_not_decide_what_the_next_one_leans_on(model):
    """那大号的呢 goes with returns as well as with stock; which it is follows the chances of the turn before."""
    before, text = ("stock_query",), "那大号的呢"
    forms = forms_of(text, ())
    sure, torn, other = (
        in_context(model, text, forms, before, ROLES, perhaps=perhaps)
        for perhaps in ({}, {"stock_query": 0.55, "after_sales": 0.45}, {"stock_query": 0.01, "after_sales": 0.99})
    )
    assert (sure.label, other.label) == ("stock", "returns")
    returns = [next(c.confidence for c in found.top if c.label == "returns") for found in (sure, torn, other)]
    assert returns == sorted(returns)
    assert returns[0] + 0.02 < returns[1] < returns[2] - 0.02


def test_a_past_counts_by_its_share_and_by_how_well_it_goes_with_what_is_said():
    flat, fitting = np.log([0.5, 0.5]), np.log([0.5, 7.5])
    assert chances([flat]) == pytest.approx([0.5, 0.5])
    assert chances([flat, flat + 3], (0.5, 0.5)) == pytest.approx([0.5, 0.5])
    # the second explains the sentence eight times as well, which counts by its root
    weight = np.sqrt(8)
    expected = (0.5 * 0.5 + 0.5 * weight * 7.5 / 8) / (0.5 + 0.5 * weight)
    assert chances([flat, fitting], (0.5, 0.5))[1] == pytest.approx(expected)


def test_a_turn_may_have_been_about_its_likely_intents_and_is_certain_with_one():
    top = (Candidate("stock", 0.6), Candidate("returns", 0.3), Candidate("usage", 0.04), Candidate("urge", 0.03))
    result = IntentResult("stock", 0.6, False, top)
    assert possible(result, ROLES) == pytest.approx({"stock_query": 2 / 3, "after_sales": 1 / 3})
    assert possible(IntentResult("stock", 0.97, False, (Candidate("stock", 0.97), top[3])), ROLES) == {}
    assert possible(result, {"stock": "after_sales", "returns": "after_sales"}) == {}


def test_forms_say_how_a_sentence_looks():
    slot = Slot("date", "date", "明天", 0, 2, "2026-11-21")
    assert {"slot:date", "then", "ne", "bare"} <= forms_of("那明天呢", (slot,))
    assert "person" in forms_of("叫你们主管来", ())
    assert forms_of("随便一句", ()) <= set(NAMES)


def test_the_shipped_weights_fit_the_inputs_and_survive_json():
    weights = shipped()
    assert weights.general.shape == (len(GENERAL),)
    assert weights.of_role.shape == (len(OF_ROLE), len(KNOWN))
    again = Weights.from_json(weights.to_json())
    assert np.allclose(again.general, weights.general, atol=1e-4)


def test_learning_finds_that_a_bare_city_belongs_to_the_talk_before(model):
    """Weights learnt from a few talks tell what is a follow-up; those of zero cannot."""
    labels = tuple(ROLES.get(label, label) for label in model.labels)
    roled = replace(model, labels=labels)
    talks = [
        [Said("白色的有现货没", "stock_query"), Said(f"{word}呢", "stock_query")] for word in ("蓝色", "大号", "小号")
    ] + [[Said("我要退货", "after_sales"), Said(f"{word}呢", "after_sales")] for word in ("运费", "钱", "地址")]
    rows = rows_of(talks, roled, lambda text: forms_of(text, ()))
    assert rows.truth.shape == (12,)
    weights = learn(together([rows, rows]), labels)
    said = forms_of("盒子呢", ())
    for topic in ("stock_query", "after_sales"):
        assert in_context(roled, "盒子呢", said, (topic,), weights=weights).label == topic


def test_our_conversations_are_many_and_use_known_intents():
    assert len(conversations()) >= 400
    assert len(everyday()) >= 240
    assert all(said.intent in KNOWN and said.text for talk in (*conversations(), *everyday()) for said in talk)
