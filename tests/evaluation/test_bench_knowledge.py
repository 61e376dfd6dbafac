"""The knowledge bench runs, and holds the scores to the baseline's."""

from __future__ import annotations

from kefu.evaluation.bench_knowledge import made_entries, run_knowledge


def test_a_small_bench_has_every_figure() -> None:
    """Same ten scores, times, memory and the ratio."""
    (row,) = run_knowledge((300,), asked=8)
    assert row["entries"] == 300
    assert row["same_top_ten"] is True
    assert row["ratio"] > 0
    assert set(row) >= {"build_s", "index_mib", "p50_us", "p95_us", "baseline_p50_us"}


def test_made_entries_are_the_same_for_a_seed() -> None:
    """And no two have one title."""
    entries = made_entries(200, 7)
    assert entries == made_entries(200, 7)
    assert len({entry.title for entry in entries}) == 200
