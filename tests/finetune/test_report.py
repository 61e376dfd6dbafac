"""The verdict follows from what was measured, and the gates can be moved."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.errors import BadInput
from kefu.evaluation.should_i import Gates, Identity, may_switch, read_gates, should_i
from kefu.finetune.chain import measure_chains

MANY = {"a": 50, "b": 50, "c": 50}


def ladder(**rights):
    """Rungs by name with how many of 30 rows are right; the wrong ones are spread over the other intents."""
    rows = [("a", "b", "c")[i % 3] for i in range(30)]
    rungs = []
    for name, right in rights.items():
        guesses = [{"label": x, "guess": x if i < right else ""} for i, x in enumerate(rows)]
        figures = {"accuracy": [right / 30, 0, 1], "node-valid": [1.0, 0, 1]}
        rungs.append({"name": name, "figures": figures, "guesses": guesses})
    return {"held": 30, "rungs": rungs}


@pytest.mark.parametrize(
    ("rights", "verdict"),
    [
        ({"local": 30}, "don't"),
        ({"local": 20}, "prompt first"),
        ({"local": 20, "prompt + retrieval": 25}, "prompt first"),
        ({"local": 20, "base, short": 20, "prompt + retrieval": 20}, "tune intent and extraction"),
    ],
)
def test_the_verdict_takes_the_cheapest_means_that_helps(rights, verdict):
    assert should_i(ladder(**rights), MANY, Gates()).verdict == verdict


def test_too_few_examples_overlap_and_identity_come_first():
    assert should_i(ladder(local=20), {"a": 3}, Gates()).verdict == "data and tools first"
    overlap = ladder(local=20)
    for guess in overlap["rungs"][0]["guesses"][20:]:
        guess["guess"] = {"a": "b", "b": "a", "c": "a"}[guess["label"]]
    found = should_i(overlap, MANY, Gates())
    assert found.verdict == "data and tools first"
    assert "a and b" in found.reasons[-1]
    assert should_i(ladder(local=30), MANY, Gates(), Identity(0.5, 0.3)).verdict == "tune identity"


def test_a_tuned_model_is_used_only_if_every_gate_holds():
    good = ladder(**{"base, short": 15, "tuned, short": 30})
    assert may_switch(good, Gates(), Identity(0.99, 0.0)) == (True, ())
    assert not may_switch(good, Gates(), None)[0]
    assert not may_switch(good, Gates(), Identity(0.97, 0.0))[0]
    assert "No significant gain" in may_switch(ladder(**{"local": 29, "tuned, short": 30}), Gates(), None)[1][0]
    assert any("loses" in line for line in may_switch(ladder(**{"local": 30, "tuned, short": 15}), Gates(), None)[1])


def test_the_gates_that_ship_are_the_defaults_and_others_are_refused(tmp_path):
    assert read_gates(Path(__file__).parents[2] / "finetune" / "gates.yaml") == Gates()
    (tmp_path / "g.yaml").write_text("speed: 1")
    with pytest.raises(BadInput, match="speed"):
        read_gates(tmp_path / "g.yaml")


def test_three_calls_take_three_times_as_long_as_one():
    took = list(measure_chains(0.05, lambda: None).values())
    assert took[0] >= 0.15
    assert took[0] > took[1] > took[2]
