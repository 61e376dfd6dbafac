"""Measures of understanding and their intervals."""

import pytest

from kefu.evaluation.metrics import Figure, calibration_error, macro_f1, most_confident, share, wilson
from kefu.evaluation.report_html import render


def test_wilson_intervals_agree_with_published_values():
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-3)  # Newcombe 1998, table I
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=1e-3)
    assert wilson(0, 0) == (0, 1)


def test_macro_f1_counts_every_label_the_same():
    assert macro_f1(["a", "a", "a", "b"], ["a", "a", "a", "a"]) == pytest.approx((6 / 7) / 2)
    assert macro_f1([], []) == 0


def test_the_most_confident_part_is_chosen_by_confidence():
    assert most_confident([True, False, True, False], [0.9, 0.1, 0.8, 0.2], 0.5) == [True, True]


def test_a_perfect_confidence_has_no_calibration_error():
    assert calibration_error([True] * 8 + [False] * 2, [0.8] * 10) == pytest.approx(0)
    assert calibration_error([False] * 10, [0.8] * 10) == pytest.approx(0.8)


def test_a_figure_knows_whether_its_target_is_reached():
    assert share("s", "n", [True, True, False], 0.6).reached
    assert share("s", "n", [], None).reached is None


def test_the_report_escapes_what_it_shows():
    page = render("<b>", [Figure("<script>", "x", 0.5, 0.4, 0.6, 10, 0.7)])
    assert "<script>" not in page
    assert "not reached" in page
