"""The verdict follows from what was measured, each failure has one cause, and the gates can be moved."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from kefu.errors import BadInput
from kefu.evaluation.failures import failures_of, overlaps_of
from kefu.evaluation.gates import Gates, read_gates
from kefu.evaluation.measured import Measured, Row
from kefu.evaluation.runs import Run
from kefu.evaluation.should_i import may_switch, should_i
from kefu.finetune.chain import measure_chains
from kefu.finetune.intent_rows import Labelled
from kefu.finetune.readiness import readiness_of
from kefu.finetune.report import Report, report_text

GATES = Gates()
MANY = {"a": 50, "b": 50, "c": 50}
LABELS = ("a", "b", "c")
TOTAL = 60


def intents(rung: str, right: int, model: str = "m", **more) -> Measured:
    """``right`` of 60 rows are right; the wrong ones are answered “unknown”."""
    rows = [
        Row(f"q{i}", LABELS[i % 3], LABELS[i % 3] if i < right else "", right=i < right, **more) for i in range(TOTAL)
    ]
    return Measured("intent", rung, "" if rung in ("local", "rules") else model, tuple(rows))


def slots(rung: str, right: int, **wrong) -> Measured:
    good = [Row(f"s{i}", "{}", "{}", right=True, marks={"n": "right"}) for i in range(right)]
    bad = [Row(f"s{i}", "{}", "{}", right=False, marks={"n": "missed"}, **wrong) for i in range(right, 40)]
    rows = [*good, *bad]
    return Measured("slots", rung, "" if rung == "local" else "m", tuple(rows))


def identity(rung: str, right: int, leaks: int = 0) -> Measured:
    rows = [Row(f"i{i}", "either", "", right=i < right, group="direct, zh", leak=i >= 100 - leaks) for i in range(100)]
    return Measured("identity", rung, "m", tuple(rows))


def general(rung: str, right: int) -> Measured:
    return Measured("regression", rung, "m", tuple(Row(f"g{i}", "", "", right=i < right) for i in range(104)))


def run(*measured: Measured) -> Run:
    return Run("demo", "set", 10, measured)


def verdict(*measured: Measured, examples=MANY, **gates) -> str:
    return should_i(run(*measured), examples, replace(GATES, **gates)).verdict


def test_what_is_good_enough_is_left_alone():
    assert verdict(intents("local", 60), slots("local", 40)) == "don't"
    assert verdict(intents("local", 54), good_enough=0.85) == "don't"


def test_without_a_model_asked_a_prompt_comes_first():
    found = should_i(run(intents("local", 40)), MANY, GATES)
    assert found.verdict == "prompt first"
    assert "No model was asked yet" in found.reasons[-1]
    assert {f.cause for f in found.failures} == {"not tried"}


def test_a_prompt_that_helps_comes_before_tuning():
    plain = (intents("local", 40), intents("base, short", 40))
    assert verdict(*plain, intents("prompt + retrieval", 55)) == "prompt first"
    assert verdict(*plain, intents("prompt + retrieval", 41)) == "tune intent and extraction"
    assert verdict(*plain, intents("prompt + retrieval", 41), prompt_helps=0.01) == "tune intent and extraction"


def test_live_data_are_known_under_a_shop_s_own_names(clothes):
    gates = GATES.of_shop(clothes.roles)
    assert {"stock", "delivery"} <= set(gates.live)
    assert not {"care", "aftersale", "size"} & set(gates.live)


def test_live_data_are_never_a_reason_to_tune():
    plain = (intents("local", 40), intents("base, short", 40))
    assert verdict(*plain, live=("a", "b", "c")) == "data and tools first"


def test_too_few_examples_are_collected_first():
    assert verdict(intents("local", 40), intents("base, short", 40), examples={"a": 3, "b": 4, "c": 50}) == (
        "data and tools first"
    )


def test_an_output_that_cannot_be_read_is_constrained_first():
    unread = intents("base, short", 40, unread=True)
    assert verdict(unread) == "prompt first"
    assert {f.cause for f in failures_of(run(unread), MANY, GATES)} == {"format"}


def confused() -> Measured:
    """Every third a is called b, and every third b is called a."""
    rows = []
    for i in range(TOTAL):
        label = LABELS[i % 2]
        got = LABELS[1 - i % 2] if i % 6 < 2 else label
        rows.append(Row(f"q{i}", label, got, right=got == label))
    return Measured("intent", "base, short", "m", tuple(rows))


def test_intents_taken_for_each_other_are_shown_and_merged_first():
    measured = confused()
    (overlap,) = overlaps_of(measured, GATES)
    assert (overlap.one, overlap.other, overlap.confused, round(overlap.share, 2)) == ("a", "b", 20, 0.33)
    found = should_i(run(measured), MANY, GATES)
    assert found.verdict == "data and tools first"
    assert {f.cause for f in found.failures} == {"overlapping classes"}
    assert overlaps_of(measured, replace(GATES, overlap=0.5)) == []


def test_one_direction_only_is_no_overlap():
    rows = tuple(Row(f"q{i}", "a" if i % 2 else "b", "b", right=not i % 2) for i in range(20))
    assert overlaps_of(Measured("intent", "base, short", "m", rows), GATES) == []


def test_nearly_the_same_sentence_with_another_intent_is_label_noise():
    noisy = intents("base, short", 40)
    rows = tuple(row if row.right else replace(row, near=("差不多", "zzz")) for row in noisy.rows)
    found = should_i(run(replace(noisy, rows=rows)), MANY, GATES)
    assert {(f.cause, f.shown) for f in found.failures} == {("label noise", "“差不多” is zzz")}
    assert found.verdict == "data and tools first"


def test_slots_fail_by_format_prompt_or_capability():
    plain = intents("local", 60)
    cases = (
        ((slots("local", 20, invented=("n",)),), "format"),
        ((slots("local", 20), slots("base, Dify's prompt", 40)), "prompt"),
        ((slots("local", 20), slots("base, short", 20)), "capability"),
        ((slots("local", 20),), "not tried"),
    )
    for measured, cause in cases:
        assert {f.cause for f in failures_of(run(plain, *measured), MANY, GATES)} == {cause}
    assert verdict(plain, intents("base, short", 60), *cases[2][0]) == "tune intent and extraction"


def test_identity_is_tuned_only_if_telling_the_role_is_not_enough():
    good = intents("local", 60)
    assert verdict(good, identity("base", 50, 10), identity("base + role", 99)) == "don't"
    assert verdict(good, identity("base", 50, 10), identity("base + role", 90)) == "tune identity"
    assert verdict(good, identity("base", 99, 1)) == "don't"
    assert verdict(good, identity("base", 98, 2)) == "tune identity"


def test_data_that_are_not_ready_are_no_data_to_tune_with():
    measured = run(intents("local", 40), intents("base, short", 40))
    assert should_i(measured, MANY, GATES, ready=True).verdict == "tune intent and extraction"
    assert should_i(measured, MANY, GATES, ready=False).verdict == "data and tools first"


def test_a_run_without_intents_says_so():
    with pytest.raises(BadInput, match="neither a local nor a base rung"):
        should_i(run(general("base", 100)), MANY, GATES)


BEFORE = (intents("local", 40), intents("base, short", 30), identity("base", 50), general("base", 100))
AFTER = (intents("tuned, short", 58), identity("tuned", 99), identity("tuned + role", 100), general("tuned", 100))


def against(*after: Measured, **gates) -> tuple[str, ...]:
    return may_switch(run(*BEFORE, *after), replace(GATES, **gates))[1]


def test_a_tuned_model_is_used_only_if_every_gate_holds():
    assert may_switch(run(*BEFORE, *AFTER), GATES) == (True, ())


def test_a_gain_must_be_more_than_chance():
    small = (intents("tuned, short", 42), identity("tuned", 51), general("tuned", 100))
    assert "No significant gain" in against(*small, identity=0.5)[0]


def test_no_section_may_lose_more_than_a_point():
    """One general question of 104 is less than a point, two are more."""
    lost = [against(*AFTER[:3], general("tuned", n)) for n in (99, 98)]
    assert lost[0] == ()
    assert "regression loses 1.9 points" in lost[1][0]
    assert against(*AFTER[:3], general("tuned", 98), regression=0.05) == ()
    worse = against(intents("tuned, short", 38), *AFTER[1:])
    assert "intent loses 3.3 points against local" in worse[0]


def test_an_intent_that_gets_significantly_worse_is_named():
    rows = tuple(Row(f"q{i}", LABELS[i % 3], LABELS[i % 3] if i % 3 else "", right=i % 3 != 0) for i in range(TOTAL))
    worse = Measured("intent", "tuned, short", "m", rows)
    assert any(line.startswith("a loses") for line in against(worse, *AFTER[1:]))


def test_a_tuned_model_must_know_who_it_is_in_every_form():
    assert "tuned hits 97.0%" in against(AFTER[0], identity("tuned", 97), *AFTER[2:])[0]
    assert "tuned + role hits 98.0% and leaks 2.0%" in against(*AFTER[:2], identity("tuned + role", 98, 2), AFTER[3])[0]


def test_what_was_not_measured_speaks_against_switching():
    assert against(AFTER[0]) == ("General questions were not measured before and after.", "Identity was not measured.")
    assert "No tuned model was measured" in may_switch(run(*BEFORE), GATES)[1][0]


def test_the_gates_that_ship_are_the_defaults_and_others_are_refused(tmp_path):
    assert read_gates(Path(__file__).parents[2] / "finetune" / "gates.yaml") == GATES
    for text in ("speed: 1", "leak: lots", "live: 3", "identity: true"):
        (tmp_path / "g.yaml").write_text(text)
        with pytest.raises(BadInput, match=text.partition(":")[0]):
            read_gates(tmp_path / "g.yaml")


def test_readiness_names_thin_intents_contradictions_and_what_is_missing(rows):
    taken = [[row for row in rows.labelled if row.intent == name][:22] for name, _ in rows.names]
    ready = readiness_of(replace(rows, labelled=tuple(chain.from_iterable(taken))), GATES)
    assert (ready.ready, ready.few, ready.missing) == (True, (), ())
    assert ready.intents == len(rows.names)
    thin = replace(
        rows,
        goods=(),
        labelled=(Labelled("发票怎么开？", "invoice"), Labelled("发票怎么开！", "payment")),
        names=(("invoice", ("发票",)), ("payment", ("支付",)), ("empty", ("空",))),
    )
    found = readiness_of(thin, GATES)
    assert found.few == ("empty", "invoice", "payment")
    assert [what for what in found.missing if "products" in what]
    assert [(d.one.intent, d.other.intent) for d in found.doubts] == [("invoice", "payment")]
    assert not found.ready


def test_three_calls_take_three_times_as_long_as_one():
    took = list(measure_chains(0.05, lambda: None).values())
    assert took[0] >= 0.15
    assert took[0] > took[1] > took[2]


def test_the_report_begins_with_the_verdict_and_answers_the_three_questions(bare):
    measured = run(*BEFORE, *AFTER, confused())
    report = Report.of(measured, GATES, bare.examples, readiness_of(bare, GATES), {"one call": 2.01}, 2.0)
    text = report_text(report)
    assert text.startswith(f"Verdict: {report.verdict.verdict}\n")
    for part in ("1. When", "2. How", "3. Why", "what to do", "one call 2.01 s", "Tuned model: switch"):
        assert part in text
    plain = report.as_json()
    assert sum(plain["causes"].values()) == len(plain["failures"]) > 0
    assert plain["switch"] is True
    again = Report.of(run(*BEFORE), GATES, bare.examples, readiness_of(bare, GATES), {}, 2.0)
    assert "Tuned model" not in report_text(again)
