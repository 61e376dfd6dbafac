"""The docs do not lie: made pages are fresh, commands and files that a page names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kefu.cli import COMMANDS
from kefu.cli.reference import pages

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)


@pytest.mark.parametrize("path", list(pages()), ids=lambda path: path.name)
def test_a_page_made_from_the_code_is_fresh(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == pages()[path], "run `./kefu reference`"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_page_names_exists(path: Path) -> None:
    named = set(re.findall(r"\./kefu ([a-z][a-z-]+)", path.read_text(encoding="utf-8")))
    assert named <= {command.name for command in COMMANDS}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if not (path.parent / link).exists()]
    assert not missing


def test_no_file_names_the_machine_it_was_written_on() -> None:
    """Paths of a developer's machine and addresses of package registries stay out of the tree."""
    banned = re.compile(r"/wo" r"rk/(?:main|shared|scratch)|/ro" r"ot/\.pyenv")
    for path in [
        *ROOT.glob("*.md"),
        *(ROOT / "server").rglob("*.py"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "tests").rglob("*.py"),
    ]:
        assert not banned.search(path.read_text(encoding="utf-8")), path
