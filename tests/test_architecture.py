"""The import rule of the house: who may import whom, held for every module."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "server" / "kefu"

ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "settings": {"errors"},
    "clock": {"errors", "settings"},
    "core": {"core", "errors"},
    "store": {"store", "core", "errors"},
    "gateway": {"gateway", "core", "errors"},
    "demo": {"demo", "jobs", "store", "errors"},
    "jobs": {"jobs", "store", "core", "gateway", "errors", "clock", "settings"},
    "engine": {"engine", "core", "store", "gateway", "jobs", "errors", "settings", "clock"},
    "web": {"web", "engine", "core", "store", "gateway", "jobs", "errors", "settings", "clock", "playground"},
    "playground": {"playground", "core", "errors", "dify"},
    "dify": {"dify", "core", "errors"},
    "evaluation": {
        "evaluation",
        "engine",
        "core",
        "store",
        "gateway",
        "jobs",
        "errors",
        "settings",
        "clock",
        "playground",
        "demo",
        "web",
        "dify",
    },
    "finetune": {
        "finetune",
        "evaluation",
        "engine",
        "core",
        "store",
        "gateway",
        "jobs",
        "errors",
        "settings",
        "clock",
        "playground",
    },
}
"""Room → rooms it may import. `cli` may import all; nobody imports `cli`."""

PURE_LIBRARIES = {"numpy", "rjieba", "zhconv", "ahocorasick_rs", "re2", "regex", "rapidfuzz", "yaml", "orjson"}
"""Besides the standard library, all that core may import."""

IMPURE_STANDARD = {
    *("os", "random", "socket", "sqlite3", "subprocess", "time", "urllib", "http", "asyncio", "logging", "uuid"),
}
"""Parts of the standard library that core may not import: they look at the world."""

DECIDING = ("hearing", "goods", "written", "orders", "selling")
"""Rooms of `core.decide` from the inside out: each may import itself and those before it; `restated` only `hearing`."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    """Dotted names that the module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names if node.module == "kefu")
    return names


def room_of(dotted: str) -> str:
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else ""


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_rooms_that_its_own_may_import(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own in ("cli", "__init__"):
        return
    foreign = {room_of(name) for name in imports_of(path) if name.startswith("kefu.")} - {"", "__version__"}
    assert foreign <= ALLOWED[own], f"{path.relative_to(ROOT)} imports {sorted(foreign - ALLOWED[own])}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_core_is_pure(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports_of(path) - {"urllib.parse"}} - {"kefu", "__future__"}
    outside = roots - set(sys.stdlib_module_names) - PURE_LIBRARIES
    assert not outside, f"{path.relative_to(ROOT)} imports {sorted(outside)}"
    assert not roots & IMPURE_STANDARD, f"{path.relative_to(ROOT)} imports {sorted(roots & IMPURE_STANDARD)}"


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "core/decide").glob("*/*.py")), ids=lambda p: f"{p.parent.name}/{p.stem}"
)
def test_a_room_of_deciding_imports_only_those_further_in(path: Path) -> None:
    own = path.parent.name
    inner = {"hearing", "restated"} if own == "restated" else set(DECIDING[: DECIDING.index(own) + 1])
    rooms = {name.split(".")[3] for name in imports_of(path) if name.startswith("kefu.core.decide.")}
    outer = (rooms & {*DECIDING, "restated", "decide"}) - inner
    assert not outer, f"{path.relative_to(ROOT)} imports {sorted(outer)}"


@pytest.mark.parametrize("folder", ["tools", "provider", "models"])
def test_plugins_never_import_the_server(folder: str) -> None:
    for path in [*(ROOT / folder).rglob("*.py"), ROOT / "main.py"]:
        assert not {name for name in imports_of(path) if name.split(".")[0] == "kefu"}, path
