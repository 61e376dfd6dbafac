"""What is meant of the products that fit some words: one variant, several to ask about, or near misses."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.core.catalogue.names.choose import Choice, choose
from kefu.core.catalogue.names.facets import content_words
from kefu.core.catalogue.names.labels import which_product, which_variant
from kefu.core.catalogue.names.occurring import Spans
from kefu.core.catalogue.names.vocabulary import Said, Vocabulary
from kefu.core.catalogue.values import HowResolved, Product, Resolution


def choice_of(product: Product, said: Said, vocabulary: Vocabulary) -> Choice:
    """What the words leave of a product that is meant whatever they are."""
    return choose(product, said, vocabulary, words=content_words(said.query, said.spans))


def decided(product: Product, choice: Choice, how: HowResolved) -> Resolution:
    """What a ``choice`` among the variants of the product that is meant comes to."""
    if len(choice.variants) == 1:
        return Resolution("exact", product, choice.variants, how=how, unheeded=choice.unheeded)
    if choice.variants:
        question = which_variant(product, choice.variants)
        return Resolution("ambiguous", product, choice.variants, question=question, how=how, unheeded=choice.unheeded)
    return Resolution("none", product, candidates=(product,), how=how, unknown=choice.unknown, near=choice.near)


def decided_among(
    vocabulary: Vocabulary,
    said: Said,
    products: Sequence[Product],
    how: HowResolved,
    unknown: str = "",
    category: str = "",
    spans: Spans = (),
) -> Resolution:
    """Products that fit the words: one, several to ask about, or near misses when a word fits none."""
    products = tuple(products)
    if unknown or not products:
        return Resolution("none", candidates=products[:5], how=how, unknown=unknown, category=category)
    choices = [(product, choose(product, said, vocabulary, spans)) for product in products[:200]]
    fitting = [(product, choice) for product, choice in choices if choice.variants]
    if len(fitting) == 1:
        return decided(*fitting[0], how)
    if len(products) == 1 or not fitting:
        product, choice = choices[0]
        if len(products) == 1:
            return decided(product, choice, how)
        return Resolution("none", candidates=products[:5], how=how, unknown=choice.unknown, category=category)
    candidates = tuple(product for product, _ in fitting)
    return Resolution(
        "ambiguous", candidates=candidates[:8], question=which_product(candidates), how=how, category=category
    )
