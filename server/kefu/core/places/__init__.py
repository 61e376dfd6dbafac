"""Places: divisions with codes, and where a sentence names them."""

from kefu.core.places.find import PlaceMatch, find_places, read_places, resolve_place
from kefu.core.places.table import DIVISIONS, Division, chain, within

__all__ = ["DIVISIONS", "Division", "PlaceMatch", "chain", "find_places", "read_places", "resolve_place", "within"]
