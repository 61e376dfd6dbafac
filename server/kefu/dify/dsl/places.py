"""Names that more than one part of the DSL room agrees on."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[4]
APPS = REPOSITORY / "dify_apps"
SOURCES = APPS / "src"
