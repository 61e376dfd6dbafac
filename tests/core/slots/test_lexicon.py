"""The words of a shop: the trade's terms laid over a compiled lexicon find what one lexicon of all finds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.core.slots import Lexicon

WORDS = st.dictionaries(st.text("内存条d5 大", min_size=1, max_size=4), st.sampled_from("甲乙丙"), max_size=6)


@settings(max_examples=300, deadline=None)
@given(WORDS, WORDS, WORDS, st.text("内存条d5大，", max_size=12))
def test_added_names_are_found_as_if_they_had_been_there(
    names: dict[str, str], models: dict[str, str], added: dict[str, str], text: str
) -> None:
    """Longest first, from the left, the added name where a word is in both."""
    grown = Lexicon.build(products=names, models=models).with_products(added)
    own = Lexicon.build(products=added)
    whole = Lexicon.build(products={**added, **names}, models=models)
    assert [(start, end) for start, end, _ in grown.find(text)] == [(start, end) for start, end, _ in whole.find(text)]
    for start, end, term in grown.find(text):
        same = [known for first, last, known in own.find(text[start:end]) if (first, last) == (0, end - start)]
        assert same in ([], [term])


def test_terms_are_found_from_the_left_and_the_longest() -> None:
    """A longer word that begins earlier hides what lies in it."""
    lexicon = Lexicon.build(products={"内存条": "内存条", "存条五": "x"}).with_products({"内存": "条子", "条五": "y"})
    assert [(start, end, term.canonical) for start, end, term in lexicon.find("内存条五")] == [(0, 3, "内存条")]
    assert [(start, term.canonical) for start, _, term in lexicon.find("内存五条五")] == [(0, "条子"), (3, "y")]
    assert lexicon.with_products({}) is lexicon
