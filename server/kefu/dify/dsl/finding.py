"""What the app checks say, and what they may expect of the target."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from kefu.dify.dsl.knowledge import KNOWLEDGE_SETS
from kefu.dify.dsl.nodes import DEFAULT_MODELS


@dataclass(frozen=True, slots=True)
class Finding:
    """One complaint: ``rule`` names it, ``where`` is a node id or a path, ``fatal`` refuses the file."""

    rule: str
    where: str
    message: str
    fatal: bool = True


@dataclass(frozen=True, slots=True)
class Expected:
    """What the target Dify has: model names of our provider, dataset ids that may be named."""

    models: Collection[str] = field(default_factory=lambda: frozenset({*DEFAULT_MODELS.values(), "kefu"}))
    datasets: Collection[str] = field(default_factory=lambda: frozenset(row.placeholder for row in KNOWLEDGE_SETS))
