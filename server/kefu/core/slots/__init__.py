"""Slots: what a message says about product, amount, place, time and person, each with span, meaning and source."""

from kefu.core.slots.extract import current, extract
from kefu.core.slots.fill import Filled, extract_fields, fill
from kefu.core.slots.lexicon import EMPTY, Lexicon
from kefu.core.slots.schema import Field, Schema, parse_schema
from kefu.core.slots.types import SLOT_TYPES, SlotType
from kefu.core.slots.values import SOURCES, Slot

__all__ = [
    "EMPTY",
    "SLOT_TYPES",
    "SOURCES",
    "Field",
    "Filled",
    "Lexicon",
    "Schema",
    "Slot",
    "SlotType",
    "current",
    "extract",
    "extract_fields",
    "fill",
    "parse_schema",
]
