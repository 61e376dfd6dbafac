"""Places: divisions with codes, and where a sentence names them."""

from kefu.core.places.find import PlaceMatch, find_places, read_places, resolve_place
from kefu.core.places.table import DIVISIONS, Division, chain, full_name, within

__all__ = [
    "DIVISIONS",
    "Division",
    "PlaceMatch",
    "chain",
    "find_places",
    "full_name",
    "read_places",
    "resolve_place",
    "within",
]
