"""The thresholds of the report, as finetune/gates.yaml has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import yaml

from kefu.errors import BadInput


@dataclass(frozen=True, slots=True)
class Gates:
    """Shares are 0–1; see the comments in finetune/gates.yaml."""

    good_enough: float = 0.95
    good_slots: float = 0.90
    few_examples: int = 20
    overlap: float = 0.15
    format: float = 0.02
    prompt_helps: float = 0.03
    significant: float = 0.05
    regression: float = 0.01
    identity: float = 0.98
    leak: float = 0.01
    live: tuple[str, ...] = ("stock_query", "delivery_query", "order_status", "price_query", "compatibility")

    def of_shop(self, roles: Mapping[str, str]) -> Gates:
        """The same for a shop whose intents have names of their own (intent → role)."""
        own = (intent for intent, role in roles.items() if role in self.live)
        return replace(self, live=tuple(dict.fromkeys((*self.live, *own))))


def read_gates(path: Path) -> Gates:
    """Raises BadInput for an unknown name or a value of the wrong sort."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{path} cannot be read: {error}.", "Write `name: number` lines.") from error
    known = {f.name for f in fields(Gates)}
    bad = [str(name) for name, value in found.items() if name not in known or not _fits(name, value)]
    if bad:
        raise BadInput(f"{path}: {', '.join(bad)} is no gate, or no number.", f"Gates: {', '.join(sorted(known))}.")
    values: dict[str, Any] = {name: tuple(value) if name == "live" else value for name, value in found.items()}
    return Gates(**values)


def _fits(name: str, value: object) -> bool:
    if name == "live":
        return isinstance(value, list) and all(isinstance(intent, str) for intent in value)
    return isinstance(value, int | float) and not isinstance(value, bool)
