"""The compose file that runs the server in Dify's own network."""

from __future__ import annotations

from kefu.dify.dsl.places import REPOSITORY
from kefu.errors import NotFound

FILE = REPOSITORY / "server" / "compose.yaml"


def compose_text() -> str:
    """Raises NotFound where the repository is not at hand, as in an installed package."""
    if not FILE.is_file():
        raise NotFound(f"{FILE} is not here.", "It is server/compose.yaml of the repository.")
    return FILE.read_text(encoding="utf-8").rstrip("\n")
