"""Which files make the sample shop, in the order in which they are imported."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
BRAND = "砚木数码"

FILES: tuple[tuple[str, str], ...] = (
    ("identity", "identity.yaml"),
    ("voice", "voice.yaml"),
    ("products", "products.csv"),
    ("stock", "stock.csv"),
    ("delivery", "delivery.csv"),
    ("jargon", "jargon.csv"),
    ("compatibility", "compatibility.csv"),
    ("orders", "orders.csv"),
    ("rules", "rules.csv"),
    ("knowledge", "knowledge.csv"),
    ("scripts", "scripts.csv"),
    ("intents", "intents.csv"),
)
"""(import kind, file name): a later kind may name what an earlier one brought, such as an SKU."""


def sample_files() -> tuple[tuple[str, Path], ...]:
    """(import kind, path) of every file of the sample shop, in load order."""
    return tuple((kind, FOLDER / name) for kind, name in FILES)
