"""Training reports what the owner must know, and its mathematics is what it says."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from kefu.core.intents import Example, ridge, solving, train, training
from kefu.core.intents import folds as folding
from kefu.core.intents.bags import Bags
from kefu.core.intents.calibration import fit_logistic, keep_threshold
from kefu.core.intents.features import features
from kefu.core.intents.folds import grouped_folds, twin_groups
from kefu.core.intents.held_out import NEVER, rounds, scores_of
from kefu.core.intents.prior import turns
from kefu.core.intents.rows import Rows
from kefu.errors import BadInput

from .conftest import shop_examples


def random_rows(count: int, width: int, seed: int = 0) -> tuple[Rows, np.ndarray]:
    rng = np.random.default_rng(seed)
    dense = (rng.random((count, width)) * (rng.random((count, width)) < 0.3)).astype(np.float32)
    dense[:, 0] = 1
    there = dense != 0
    starts = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
    return Rows(starts, np.nonzero(there)[1].astype(np.int32), dense[there], width), dense


def test_sparse_products_equal_dense_ones():
    rows, dense = random_rows(30, 50)
    right = np.random.default_rng(1).random((50, 4)).astype(np.float32)
    assert np.allclose(rows.times(right), dense @ right, atol=1e-4)
    assert np.allclose(rows.transposed_times(right[:30]), dense.T @ right[:30], atol=1e-4)
    assert np.allclose(rows.gram(), dense @ dense.T, atol=1e-4)
    assert np.allclose(rows.by_column().times(*rows.row(3)), dense @ dense[3], atol=1e-4)


def test_a_gram_is_the_same_whether_its_columns_are_common_or_rare(monkeypatch):
    rows, dense = random_rows(200, 50)
    for rare in (1, 3, 1_000):
        monkeypatch.setattr("kefu.core.intents.rows.RARE", rare)
        assert np.allclose(rows.gram(), dense @ dense.T, atol=1e-3)


@pytest.mark.parametrize("block", [7, 16, 512])
def test_a_matrix_is_solved_in_blocks_of_any_size(monkeypatch, block):
    monkeypatch.setattr(solving, "BLOCK", block)
    _, dense = random_rows(40, 60)
    matrix = dense @ dense.T + np.eye(40, dtype=np.float32)
    right = np.random.default_rng(1).random((40, 3)).astype(np.float32)
    lower = solving.factor(matrix.copy())
    found = solving.backward(lower, solving.forward(lower, right))
    assert np.allclose(found, np.linalg.solve(matrix, right), atol=1e-3)


@pytest.mark.parametrize("block", [7, 512])
def test_scores_of_rows_ahead_equal_those_of_a_model_trained_on_the_rows_before(monkeypatch, block):
    monkeypatch.setattr(solving, "BLOCK", block)
    rows, _ = random_rows(40, 60)
    kernel, targets = rows.gram(), np.eye(4, dtype=np.float32)[np.arange(40) % 4]
    importance = np.linspace(1, 2, 40).astype(np.float32)
    solver = ridge.Solver(kernel.copy(), targets, 0.5, importance)
    for first, last in ((30, 40), (12, 31)):
        dual = ridge.Solver(kernel[:first, :first].copy(), targets[:first], 0.5, importance[:first]).dual
        assert np.allclose(solver.ahead(first, last), kernel[first:last, :first] @ dual, atol=1e-4)


def test_rounds_hold_out_each_fold_and_the_rest_of_the_intents_of_one_kind():
    folds, truth, kinds = np.array([0, 1, 0, 1, 0, 1, 0, 1]), np.repeat([0, 1, 2, 3], 2), np.array([0, 1, 1, -1])
    first, second = rounds(folds, truth, kinds, 2)
    assert (first.order.tolist(), first.strange, first.asked) == ([3, 5, 7, 1, 0, 2, 4, 6], 1, 4)
    assert (second.order.tolist(), second.strange, second.asked) == ([0, 6, 2, 4, 1, 3, 5, 7], 2, 4)
    assert second.unheard.tolist() == [False, True, True, False]


def test_a_stranger_gets_no_score_for_its_own_intent():
    folds, truth, kinds = np.arange(40) % 5, np.arange(40) % 4, np.array([0, -1, -1, -1])
    (plan,) = rounds(folds, truth, kinds, 1)
    rows, _ = random_rows(40, 60)
    targets = np.eye(4, dtype=np.float32)[truth[plan.order]]
    asked, strange = scores_of(ridge.Solver(rows.gram()[np.ix_(plan.order, plan.order)], targets, 0.5), plan)
    assert (asked.shape, strange.shape) == ((8, 4), (8, 4))
    assert (strange[:, 0] == NEVER).all()
    assert min(strange[:, 1:].min(), asked.min()) > NEVER


def test_the_same_examples_give_the_same_model_in_any_process():
    program = (
        "import sys, pickle; from kefu.core.intents import train; "
        "sys.stdout.buffer.write(train(pickle.load(sys.stdin.buffer)).to_bytes())"
    )
    rows = [Example(f"{row.text}{end}", row.label) for row in shop_examples() for end in ("", "呀", "谢谢你", "麻烦了")]
    made = [
        subprocess.run(
            [sys.executable, "-c", program], input=pickle.dumps(rows), env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert made[0] == made[1]


def test_many_rows_are_learnt_evenly_and_answered_as_well(monkeypatch):
    monkeypatch.setattr(training, "FEW_ROWS", 20)
    monkeypatch.setattr(training, "HELD_OUT", 10)
    monkeypatch.setattr(training, "MOST_EXAMPLES", 35)
    model = train(shop_examples())
    assert (model.report.examples, model.report.skipped) == (35, 5)
    assert model.classify("黑色还有现货不").label == "stock"


def test_near_copies_share_a_fold_and_no_group_swallows_its_intent():
    ends = ("吗", "呢", "呀", "啊", "不", "没")
    counted = [features(f"{start}{end}") for start in ("黑色的还有现货", "能开增值税发票") for end in ends]
    labels = np.repeat([0, 1], 6)
    groups = twin_groups(Bags.of(counted), labels)
    assert np.bincount(groups).max() == 2
    folds = grouped_folds(groups, labels, 3, seed=0)
    assert all(len(set(folds[groups == group])) == 1 for group in groups)


def test_near_copies_of_another_intent_and_those_beyond_what_is_compared_stand_alone(monkeypatch):
    counted = Bags.of([features("黑色的还有现货吗"), features("黑色的还有现货呢")] * 2)
    assert len(set(twin_groups(counted, np.array([0, 1, 2, 3])).tolist())) == 4
    assert len(set(twin_groups(counted, np.array([0, 0, 0, 0])).tolist())) == 2
    monkeypatch.setattr(folding, "COMPARED", 3)
    assert len(set(twin_groups(counted, np.array([0, 0, 0, 0])).tolist())) == 4


def test_the_report_names_thin_intents_and_contradictions_and_empty_rows():
    rows = [
        *shop_examples(),
        Example("能开发票吗？", "stock"),
        Example("你们几点下班", "hours"),
        Example("😀", "hours"),
    ]
    report = train(rows).report
    assert report.too_few == (("hours", 1),)
    assert [(row.text, row.labels) for row in report.contradictions] == [("能开发票吗", ("invoice", "stock"))]
    assert (report.examples, report.intents, report.skipped) == (42, 6, 1)


def test_a_learning_curve_shows_what_more_examples_bring():
    rows = [Example(f"{row.text}{end}", row.label) for row in shop_examples() for end in ("", "呀", "谢谢")]
    assert [point.share for point in train(rows).report.curve] == [0.25, 0.5, 1.0]


def test_progress_goes_from_start_to_end():
    steps = []
    train(shop_examples(), progress=lambda step, share: steps.append(share))
    assert steps == sorted(steps)
    assert steps[-1] == 1.0


@pytest.mark.parametrize("rows", [[], [Example("发票", "a")], [Example("😀", "a"), Example("发票", "b")]])
def test_fewer_than_two_intents_are_refused(rows):
    with pytest.raises(BadInput, match="at least two intents"):
        train(rows)


def test_more_known_texts_kept_means_a_lower_threshold():
    known = np.linspace(0, 1, 101)
    assert keep_threshold(known, 0.99) < keep_threshold(known, 0.9) < keep_threshold(known, 0.5)


def test_unlabelled_turns_far_from_every_intent_make_such_texts_unknown():
    others = ["今天股票又跌了", "明天一起去爬山吧", "这部电影真好看", "晚饭吃什么好呢"] * 5
    assert train(shop_examples(), others).classify("一起去爬山看电影").unknown


def test_a_logistic_fit_finds_the_known_answer_and_survives_one_sided_data():
    x = np.array([[0.0], [1.0]] * 200)
    y = np.array([False, True] * 150 + [True, False] * 50)
    assert fit_logistic(x, y)(np.array([[1.0]]))[0] == pytest.approx(0.75, abs=0.01)
    assert fit_logistic(x, np.ones(400, bool))(x[:1])[0] > 0.99


def test_general_sentences_are_plenty_distinct_and_short():
    texts = [turn.text for turn in turns()]
    assert len(texts) == len(set(texts)) > 2_000
    assert max(map(len, texts)) <= 30
