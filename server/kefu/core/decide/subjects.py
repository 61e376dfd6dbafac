"""What messages and entries are about: which intent, which kinds of goods. A clue for which entry answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.several.several_things import things_in
from kefu.core.catalogue.values import Product
from kefu.core.intents import IntentModel, IntentResult
from kefu.core.knowledge import About, Entry
from kefu.core.text import normalise

_PIECES = re.compile(r"[\W_]+|[和与及或]")


class Subjects:
    """What a shop's entries are about; each is worked out when it is first found. Threads may do so twice."""

    def __init__(self, catalogue: Catalogue, intents: IntentModel | None, roles: Mapping[str, str]) -> None:
        self._catalogue = catalogue
        self._intents = intents
        self._roles = roles
        self._known: dict[str, About] = {}

    def of(self, entry: Entry) -> About:
        """The intent of an entry's question, and its product, else the goods that it names."""
        found = self._known.get(entry.id)
        if found is None:
            own = self._products_of(entry) if entry.product else self._named(f"{entry.title}，{entry.question}")
            mentions = frozenset() if entry.product else self._named(entry.content)
            found = self._known[entry.id] = About(self._intents_of(entry), own, mentions)
        return found

    def _products_of(self, entry: Entry) -> frozenset[str]:
        """The products that it answers for; none where all are services, which are done to other goods."""
        products = [self._catalogue.product(name) for name in entry.products]
        services = all(product and is_service(product) for product in products)
        return frozenset() if services else frozenset(entry.products)

    def _intents_of(self, entry: Entry) -> Mapping[str, float]:
        if self._intents is None:
            return {}
        candidates = self._intents.candidates(entry.asked, 5)
        return by_role(((one.label, one.confidence) for one in candidates), self._roles)

    def _named(self, text: str) -> frozenset[str]:
        pieces = _PIECES.split(text)
        return frozenset().union(*(goods_named(self._catalogue, piece) for piece in dict.fromkeys(pieces) if piece))


_SERVICE = re.compile("服务|安装|上门|维修|保养|清洗|工时|定制费|设计费")
_BY_SOMEBODY = re.compile("上门|师傅|代[装办]|帮装|包装(?=[吗么不])")


def is_service(product: Product) -> bool:
    """Whether it is done to other goods (a fitting, a cleaning) rather than sold by itself (a card)."""
    return product.virtual and _SERVICE.search(_names(product)) is not None


def speaks_of_service(text: str, product: Product) -> bool:
    """Whether a normalised text speaks of that service: by a word of its names, or as of somebody's work."""
    words = {word for word in _SERVICE.findall(_names(product)) if word != "服务"}
    return _BY_SOMEBODY.search(text) is not None or any(word in text for word in words)


def _names(product: Product) -> str:
    return " ".join((product.name, product.category, *product.aliases))


def goods_named(catalogue: Catalogue, text: str) -> frozenset[str]:
    """The products that a text names, with their kinds; all of a kind that is named as such."""
    products = [product for thing in things_in(catalogue, text) for product in thing.meant.products]
    kind = catalogue.category_in(text)
    return goods_of((*products, *(catalogue.in_category(kind) if kind else ())))


def nameless(product: Product | None, text: str) -> str:
    """``text`` without the product's name; "" if it does not stand there, or hardly anything else does."""
    if product is None:
        return ""
    said = normalise(text).text
    names = sorted((normalise(name).text for name in (product.name, *product.aliases)), key=len, reverse=True)
    name = next((name for name in names if name and name in said), "")
    rest = said.replace(name, " ") if name else ""
    return rest if sum(character.isalnum() for character in rest) > 1 else ""


def goods_of(products: Iterable[Product]) -> frozenset[str]:
    """Products and their kinds, as `About` names goods."""
    return frozenset(name for product in products for name in (product.id, product.category) if name)


def intents_of(result: IntentResult, roles: Mapping[str, str]) -> Mapping[str, float]:
    """The chances of a message's intents, by role."""
    return by_role(((one.label, one.confidence) for one in result.top), roles)


def by_role(chances: Iterable[tuple[str, float]], roles: Mapping[str, str]) -> Mapping[str, float]:
    found: dict[str, float] = {}
    for label, chance in chances:
        role = roles.get(label, label)
        found[role] = found.get(role, 0.0) + chance
    return found
