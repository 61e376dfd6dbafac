"""Counters of this process in Prometheus' text format."""

from __future__ import annotations

import threading
from collections import defaultdict


class Metrics:
    """Named counters with labels; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, tuple[tuple[str, str], ...]], float] = defaultdict(float)

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        with self._lock:
            self._counts[name, tuple(sorted(labels.items()))] += amount

    def value(self, name: str, **labels: str) -> float:
        with self._lock:
            return self._counts.get((name, tuple(sorted(labels.items()))), 0)

    def render(self) -> str:
        with self._lock:
            rows = sorted(self._counts.items())
        lines: list[str] = []
        for (name, labels), amount in rows:
            if not lines or not lines[-1].startswith((f"{name} ", f"{name}{{")):
                lines.append(f"# TYPE {name} counter")
            inside = ",".join(f'{key}="{_escape(value)}"' for key, value in labels)
            lines.append(f"{name}{{{inside}}} {amount:g}" if inside else f"{name} {amount:g}")
        return "\n".join(lines) + "\n"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


METRICS = Metrics()
