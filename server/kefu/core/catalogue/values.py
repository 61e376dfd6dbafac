"""What a shop sells: products, variants, stock, delivery promises, devices. Frozen values that check themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from kefu.core.catalogue.lead import LeadTime
from kefu.errors import BadInput

EVERYWHERE = "100000"
"""Division code of the whole country; a promise with it holds wherever no narrower one does."""

UNSPLIT = "未分仓"
"""The warehouse of stock that was imported without one. Customers are not told its name."""

OPERATORS = ("=", "in", "<=", ">=")
"""How a compatibility rule compares the part's attribute with the device's."""

Operator = Literal["=", "in", "<=", ">="]

LONGEST_SAID = 20
"""Characters of a name that is said as it stands. Titles of listings are 30 and more, full of search words."""
_TITLE = re.compile("[一-鿿]{11}|(?:[一-鿿][^一-鿿]*){13}")
"""So many Chinese characters in a row, or in all, are search words, no name."""
_LONG = re.compile("(?:[一-鿿][^一-鿿]*){10}")
"""So many are a name that nobody says where an alias of half its length is clear."""
_SAID = re.compile(f"[一-鿿]{{2}}|.{{3,{LONGEST_SAID}}}", re.DOTALL)
"""An alias that is clear by itself: two characters are, if both are Chinese (筒灯; not T恤, PE)."""
_END = re.compile("[一-鿿]{2}$")


@dataclass(frozen=True, slots=True)
class Variant:
    """One thing that can be bought: a SKU. ``price`` is in fen (1/100 yuan), None when the shop gives none.

    ``lead_time``: it is made or ordered in when it is paid for; None = it leaves at once.
    """

    sku: str
    attributes: tuple[tuple[str, str], ...] = ()
    aliases: tuple[str, ...] = ()
    barcodes: tuple[str, ...] = ()
    price: int | None = None
    lead_time: LeadTime | None = None

    def attribute(self, name: str) -> str:
        """The value of that attribute, ``""`` when the variant has none."""
        return next((value for key, value in self.attributes if key == name), "")


@dataclass(frozen=True, slots=True)
class Product:
    """A product with at least one variant. ``virtual`` = a card delivered automatically, nothing is shipped."""

    id: str
    name: str
    variants: tuple[Variant, ...]
    aliases: tuple[str, ...] = ()
    category: str = ""
    brand: str = ""
    unit: str = "件"
    virtual: bool = False
    description: str = ""

    @property
    def is_titled(self) -> bool:
        """Whether its name is a listing's title, full of search words."""
        return len(self.name) > LONGEST_SAID or _TITLE.search(self.name) is not None

    @property
    def spoken(self) -> str:
        """What a reply calls it: its name, or the first alias that can be said where the name is a listing's title, or
        clumsy beside it."""
        alias = next(filter(_SAID.fullmatch, self.aliases), self.name)
        clumsy = _LONG.search(self.name) is not None and 2 * len(alias) <= len(self.name)
        return alias if clumsy or self.is_titled else self.name

    @property
    def ends(self) -> frozenset[str]:
        """How its names and its category end: 雨刮 of 无骨雨刮."""
        names = (self.spoken, *self.aliases, self.category)
        return frozenset(match[0] for name in names if (match := _END.search(name.strip())))

    def variant(self, sku: str) -> Variant | None:
        return next((v for v in self.variants if v.sku == sku), None)


@dataclass(frozen=True, slots=True)
class StockRow:
    """What one warehouse holds of one SKU, as counted at ``as_of``; ``version`` counts its changes."""

    sku: str
    warehouse: str
    quantity: int
    as_of: datetime
    incoming: date | None = None
    incoming_quantity: int = 0
    version: int = 0

    def __post_init__(self) -> None:
        if self.quantity < 0 or self.incoming_quantity < 0:
            raise BadInput(f"{self.sku}: a stock quantity cannot be below 0.", "Give a whole number from 0 up.")
        if self.as_of.tzinfo is None:
            raise BadInput(f"{self.sku}: as_of has no time zone.", "Write it like 2026-11-22T10:30:00+08:00.")


@dataclass(frozen=True, slots=True)
class DeliveryPromise:
    """From ``warehouse`` (``""`` = any) to the division ``region``: ``days`` after dispatch (None = not delivered).

    An order before ``cutoff`` leaves the same day. ``express`` names a faster service that arrives the same day by
    ``express_by`` when ordered before ``express_cutoff``.
    """

    warehouse: str
    region: str
    days: int | None
    cutoff: time | None = None
    express: str = ""
    express_cutoff: time | None = None
    express_by: time | None = None

    def __post_init__(self) -> None:
        if self.days is not None and not 0 <= self.days <= 90:
            raise BadInput(f"{self.days} days of delivery is not believable.", "Give 0 to 90, or - for none.")
        if self.express and (self.express_cutoff is None or self.express_by is None):
            raise BadInput(f"{self.express} has no times.", "Fill in express_cutoff and express_by.")


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days, both ends included, on which nothing is dispatched. What is under way still arrives."""

    start: date
    until: date
    name: str = ""

    def __post_init__(self) -> None:
        if self.until < self.start:
            raise BadInput(f"The holiday ends on {self.until}, before it starts.", "Put the later day into until.")


@dataclass(frozen=True, slots=True)
class JargonTerm:
    """A word of the trade: it stands for ``means``, or names a product or a variant outright."""

    term: str
    means: str = ""
    product: str = ""
    sku: str = ""

    def __post_init__(self) -> None:
        if not (self.means or self.product or self.sku):
            raise BadInput(f"“{self.term}” stands for nothing.", "Fill in means, product or sku.")


@dataclass(frozen=True, slots=True)
class Device:
    """A laptop, phone or other machine that parts go into."""

    model: str
    aliases: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    def attribute(self, name: str) -> str:
        return next((value for key, value in self.attributes if key == name), "")


@dataclass(frozen=True, slots=True)
class CompatibilityRule:
    """For parts of ``category``: the part's attribute (or the constant ``value``) compared with the device's.

    With a constant it reads "device attribute OPERATOR value": a condition on the device alone.
    """

    category: str
    device_attribute: str
    operator: Operator = "="
    part_attribute: str = ""
    value: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.operator not in OPERATORS:
            raise BadInput(f"“{self.operator}” compares nothing.", f"Use one of {' '.join(OPERATORS)}.")
        if bool(self.part_attribute) == bool(self.value):
            raise BadInput(
                f"The rule about {self.category} and {self.device_attribute} needs one side to compare with.",
                "Fill in either part_attribute or value.",
            )


@dataclass(frozen=True, slots=True)
class CompatibilityPair:
    """An explicit statement about one device and one product (all its variants) or one SKU; wins over rules."""

    device: str
    fits: bool
    product: str = ""
    sku: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if bool(self.product) == bool(self.sku):
            raise BadInput(f"The pair of {self.device} names no single part.", "Fill in either product or sku.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Slots that an extractor found: free text, ``""`` when not given."""

    product: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to: a division code (adcode, ``330100``) and the name to say (杭州市).

    ``others`` are places of the same name that may be meant as well (鼓楼区 of four cities).
    """

    code: str
    name: str
    others: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class When:
    """By when the customer wants it: a day, perhaps a time of day, and the customer's own words (明天, 今晚)."""

    day: date
    by: time | None = None
    words: str = ""


HowResolved = Literal["code", "name", "facets", "text", "fuzzy", "last", ""]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the customer means.

    ``exact``: ``product`` and exactly one variant. ``ambiguous``: either ``product`` with several ``variants`` left,
    or several ``candidates``; ``question`` asks which. ``none``: nothing of this shop is meant for sure;
    ``candidates`` may hold near misses worth offering, and ``near`` variants of ``product``; ``unknown`` are the words
    that nothing here has. ``unheeded`` is a colour that was asked for while the data tell the product's variants apart
    by other things only.
    """

    kind: Literal["exact", "ambiguous", "none"]
    product: Product | None = None
    variants: tuple[Variant, ...] = ()
    candidates: tuple[Product, ...] = ()
    question: str = ""
    how: HowResolved = ""
    unknown: str = ""
    category: str = ""
    unheeded: str = ""
    near: tuple[Variant, ...] = ()

    @property
    def variant(self) -> Variant | None:
        return self.variants[0] if self.kind == "exact" else None

    @property
    def is_nothing(self) -> bool:
        """Nothing is meant, and no word is left that could be a thing."""
        return self.kind == "none" and not (self.product or self.candidates or self.unknown)

    @property
    def is_named(self) -> bool:
        """What was said names something of the shop, if only by its kind; it was not searched for or carried over."""
        return self.how in ("name", "code", "facets")

    @property
    def is_outright(self) -> bool:
        """One product is meant by its own name or code."""
        return self.product is not None and self.how in ("name", "code")

    @property
    def products(self) -> tuple[Product, ...]:
        """The product meant, or those it may be."""
        return (self.product,) if self.product else self.candidates
