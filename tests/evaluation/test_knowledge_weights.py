"""The shipped weights of knowledge search are those that its questions give."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kefu.core.knowledge import KnowledgeIndex, Senses
from kefu.core.knowledge.judging import LEARNT
from kefu.core.knowledge.senses import asked_as
from kefu.engine import Engine
from kefu.evaluation.knowledge_weights import asked, learn, read_questions
from kefu.store.shops import Shop

QUESTIONS = Path(__file__).parent.parent / "core" / "knowledge" / "colloquial.csv"


def test_the_weights_are_learnt_from_the_questions(sample_engine: Engine, sample_shop: Shop) -> None:
    """From a shop that wrote down how customers ask, and from the same shop without that: both must be served."""
    parts = sample_engine.snapshots.of(sample_shop.id).parts
    questions = read_questions(QUESTIONS)
    plain = KnowledgeIndex(
        replace(entry, tags=tuple(tag for tag in entry.tags if tag not in asked_as(entry)))
        for entry in parts.knowledge.entries
    )
    without = replace(parts, knowledge=plain.with_senses(Senses(plain.entries)))
    found = learn([*asked(without, questions), *asked(parts, questions)])
    assert found.of == pytest.approx(LEARNT.of, rel=0.05)
    assert found.bias == pytest.approx(LEARNT.bias, rel=0.02)
