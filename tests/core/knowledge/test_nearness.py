"""Nearness in meaning and words as one list: what stands out, the order by ranks, scores that a threshold can use."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.core.knowledge import Entry, KnowledgeIndex
from kefu.core.knowledge.nearness import AT_MOST, NEAR, Nearness, digest_of, fuse

SCORES = st.dictionaries(st.integers(0, 9), st.floats(0, 1).map(lambda score: round(score, 4)), max_size=10)


def entry(name: str, content: str = "内容", **more: object) -> Entry:
    return Entry(id=name, knowledge_id="manuals", title=name, content=content, **more)  # type: ignore[arg-type]


def noisy(size: int, model: float, seed: int = 1) -> tuple[list[Entry], dict[str, np.ndarray]]:
    """Entries with random vectors that share ``model`` of themselves, as the texts of one shop do in many models."""
    dice = np.random.default_rng(seed)
    common = dice.normal(size=256)
    entries = [entry(f"e{number:04}") for number in range(size)]
    return entries, {one.id: model * common + dice.normal(size=(2, 256)) for one in entries}


@settings(max_examples=300, deadline=None)
@given(SCORES, SCORES, st.sampled_from((0.0, 0.3, 0.4, 0.9)))
def test_scores_never_rise_and_a_threshold_is_about_the_entry_s_own_score(
    words: dict[int, float], near: dict[int, float], threshold: float
) -> None:
    """Whatever the two lists: who is there, in which order of scores, and nobody is told lower than it is."""
    said = sorted(words.items(), key=lambda one: (-one[1], one[0]))
    fused = fuse(said, near, threshold)
    own = {number: max(words.get(number, 0), near.get(number, 0)) for number in {*words, *near}}
    assert {number for number, _ in fused} == {number for number, score in own.items() if score and score >= threshold}
    scores = [score for _, score in fused]
    assert scores == sorted(scores, reverse=True)
    assert all(score >= own[number] for number, score in fused)
    assert fused == fuse(said, dict(reversed(near.items())), threshold)


@settings(max_examples=100, deadline=None)
@given(SCORES)
def test_words_alone_stay_as_they_are(words: dict[int, float]) -> None:
    """No near entry: the list of the words."""
    said = sorted(((n, s) for n, s in words.items() if s), key=lambda one: (-one[1], one[0]))
    assert fuse(said, {}) == said
    assert fuse(said, {number: NEAR - 0.01 for number, score in said if score > NEAR}) == said


def test_an_entry_that_both_ways_find_comes_first() -> None:
    """Reciprocal ranks: second in words and first in meaning beats first in words only."""
    assert [number for number, _ in fuse([(1, 0.6), (2, 0.5)], {2: 0.7, 3: 0.6})] == [2, 1, 3]


def test_what_nearly_all_words_say_comes_before_any_meaning() -> None:
    """And nearness alone never reaches a score at which a script is said word for word."""
    assert [number for number, _ in fuse([(1, 0.9), (2, 0.5)], {2: AT_MOST})] == [1, 2]
    entries, vectors = noisy(200, 0)
    scores = Nearness(entries, vectors).scores(vectors["e0007"][0])
    assert scores.argmax() == 7
    assert scores.max() == AT_MOST


def test_nearness_means_the_same_for_models_of_any_closeness() -> None:
    """Texts that all lie close (as with many models) or far apart: the one meant stands out, the others do not."""
    for model in (0.0, 0.5, 1.5):
        entries, vectors = noisy(300, model)
        nearness = Nearness(entries, vectors)
        meant = nearness.scores(vectors["e0042"][1] + np.random.default_rng(3).normal(size=256) * 0.5)
        assert (meant.argmax(), meant.max() > 0.5) == (42, True)
        stranger = nearness.scores(model * np.zeros(256) + np.random.default_rng(4).normal(size=256))
        assert stranger.max() < NEAR


def test_an_index_with_vectors_finds_what_no_word_says() -> None:
    """Filters hold for what is near too; entries without vectors are still found by words."""
    entries, vectors = noisy(50, 1)
    entries.append(entry("z", "发票抬头怎么填"))
    index = KnowledgeIndex(entries)
    index = index.with_nearness(Nearness(index.entries, vectors))
    vector = vectors["e0009"][0]
    assert [hit.entry.id for hit in index.search("没有这样的词", 3, 0.4, vector=vector)] == ["e0009"]
    assert index.search("没有这样的词", 3, 0.4, knowledge_id="scripts", vector=vector) == []
    assert "z" in [hit.entry.id for hit in index.search("发票抬头怎么填", 3, 0.4, vector=vector)]
    assert index.search("没有这样的词", 0, vector=vector) == []


def test_odd_vectors_break_nothing() -> None:
    """No entries, one entry, vectors of zeros, and a length that few have."""
    assert Nearness().dimensions == 0
    one = Nearness([entry("a")], {"a": np.ones((2, 4))})
    assert one.scores(np.zeros(4)).tolist() == [0.25]
    mixed = Nearness(
        [entry("a"), entry("b"), entry("c")], {"a": np.ones((2, 3)), "b": np.ones((2, 4)), "c": np.eye(4)[:2]}
    )
    assert mixed.dimensions == 4
    assert mixed.scores(np.ones(4))[0] == 0


def test_a_model_that_fits_finds_a_text_by_its_label() -> None:
    """The check that `./kefu knowledge embed` prints: 1 for a perfect model, next to 0 for noise."""
    entries, vectors = noisy(100, 0)
    assert Nearness(entries, vectors).finds_own_text() < 0.1
    same = {name: np.stack([pair[0], pair[0]]) for name, pair in vectors.items()}
    assert Nearness(entries, same).finds_own_text() == 1.0
    assert Nearness().finds_own_text() == 0.0


def test_the_digest_is_of_what_is_embedded() -> None:
    """Another source or tag needs no new vectors, another text does."""
    assert digest_of(entry("a", source="手册")) == digest_of(entry("a", source="另一本"))
    assert digest_of(entry("a")) != digest_of(entry("a", "另写"))
    assert digest_of(entry("a")) != digest_of(entry("a", question="怎么问"))
