"""The local model answers when it is sure; else the language model chooses among ids, and nothing it invents counts."""

from __future__ import annotations

from kefu.core.intents import Example, decide, train
from kefu.core.intents.cascade import NONE

UNSURE = "那个东西的事情怎么说"


def never(text, choices):
    raise AssertionError("the language model was asked")


def test_a_sure_answer_costs_no_call(model):
    assert decide(model, "能开发票吗", ask=never).label == "invoice"
    assert decide(model, "", ask=never).source == "none"


def test_the_same_sentence_as_an_example_costs_no_call():
    few = train([Example("有没有优惠", "a"), Example("你们几点下班", "b"), Example("能送到楼上吗", "c")])
    result = decide(few, "能送到楼上吗？", ask=never, sure=2)
    assert (result.label, result.source) == ("c", "examples")


def test_an_unsure_text_is_put_to_the_language_model_with_ids_to_choose_from(model):
    asked = []
    result = decide(model, UNSURE, ask=lambda text, choices: asked.append((text, choices)) or "usage")
    assert (result.label, result.source, result.unknown) == ("usage", "llm", False)
    assert asked[0][0] == UNSURE
    assert set(asked[0][1]) == {*model.labels, NONE}


def test_none_of_these_is_unknown(model):
    assert decide(model, UNSURE, ask=lambda text, choices: NONE).unknown


def test_an_invented_id_or_no_answer_leaves_the_local_result(model):
    local = model.classify(UNSURE)
    assert decide(model, UNSURE, ask=lambda text, choices: "free_money") == local
    assert decide(model, UNSURE, ask=lambda text, choices: None) == local
    assert decide(model, UNSURE) == local
