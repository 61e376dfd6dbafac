"""Find runs of identical code lines that stand in two places: `python -m kefu.evaluation.duplicates DIR…`."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

LENGTH = 10
"""Lines that must agree before a run counts; imports, comments and blank lines do not."""


def code_lines(path: Path) -> list[tuple[int, str]]:
    """Number and text of the lines that count."""
    rows = []
    source = path.read_text(encoding="utf-8")
    imports = {
        number
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    for number, line in enumerate(source.splitlines(), start=1):
        text = " ".join(line.split())
        if len(text) > 3 and number not in imports and not text.startswith(("#", '"""')):
            rows.append((number, text))
    return rows


def duplicates(paths: Iterable[Path]) -> list[tuple[str, str]]:
    """Pairs of places (``file:line``) where ``LENGTH`` equal lines begin; one pair for each run."""
    places: dict[tuple[str, ...], list[tuple[Path, int, int]]] = defaultdict(list)
    for path in paths:
        rows = code_lines(path)
        for i in range(len(rows) - LENGTH + 1):
            places[tuple(text for _, text in rows[i : i + LENGTH])].append((path, i, rows[i][0]))
    seen: set[tuple[Path, int, Path, int]] = set()
    pairs = []
    for found in places.values():
        for (a, i, line_a), (b, j, line_b) in pairwise(found):
            if (a, i - 1, b, j - 1) not in seen and (a != b or j - i >= LENGTH):
                pairs.append((f"{a}:{line_a}", f"{b}:{line_b}"))
            seen.add((a, i, b, j))
    return pairs


def main(folders: list[str]) -> int:
    found = duplicates(path for folder in folders for path in sorted(Path(folder).rglob("*.py")))
    for first, second in found:
        sys.stdout.write(f"the same {LENGTH} lines or more: {first} and {second}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
