"""Dockerfile, compose file and systemd unit agree with the code that they start."""

from __future__ import annotations

import re
import shlex
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from kefu.cli import COMMANDS
from kefu.settings import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = (ROOT / "server" / "Dockerfile").read_text(encoding="utf-8")
UNIT = (ROOT / "server" / "kefu.service").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "server" / "compose.yaml").read_text(encoding="utf-8"))
COPIED = [
    word for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE) for word in shlex.split(line)[:-1]
]


@pytest.mark.parametrize("name", COPIED)
def test_what_the_image_copies_is_there_and_in_the_build_context(name: str) -> None:
    """`.dockerignore` leaves everything out that it does not name."""
    taken = [row[1:] for row in (ROOT / ".dockerignore").read_text().splitlines() if row.startswith("!")]
    assert (ROOT / name).exists()
    assert any(fnmatch(name.removeprefix("./"), row) for row in taken)


def test_image_and_unit_start_a_command_that_exists() -> None:
    image = re.search(r'^CMD \["kefu", "([a-z]+)"\]', DOCKERFILE, re.MULTILINE)
    unit = re.search(r"^ExecStart=/opt/kefu/kefu ([a-z]+)$", UNIT, re.MULTILINE)
    assert image
    assert unit
    assert {image[1], unit[1]} <= {command.name for command in COMMANDS}


def test_every_variable_is_a_setting() -> None:
    """KEFU_IMAGE and KEFU_PORT of the compose file are its own: the image's name and the port on the host."""
    named = set(re.findall(r"KEFU_([A-Z_]+)=", DOCKERFILE + UNIT)) | {
        name.removeprefix("KEFU_") for name in COMPOSE["services"]["kefu"]["environment"]
    }
    assert named <= {row.name.upper() for row in SETTINGS}


def test_the_health_check_asks_a_route_that_exists() -> None:
    asked = re.search(r"HEALTHCHECK.*?http://127\.0\.0\.1:8790(/\w+)", DOCKERFILE, re.DOTALL)
    assert asked
    pages = (ROOT / "server" / "kefu" / "web").glob("*.py")
    assert any(f'.get("{asked[1]}")' in page.read_text(encoding="utf-8") for page in pages)


def test_the_image_and_the_unit_run_without_rights() -> None:
    assert re.search(r"^USER kefu$", DOCKERFILE, re.MULTILINE)
    assert "User=kefu\n" in UNIT
    assert COMPOSE["services"]["kefu"]["read_only"] is True


def test_the_start_script_needs_no_home(tmp_path: Path) -> None:
    """A system service may have no HOME; the script then still finds a Python or says which one is missing."""
    run = subprocess.run(
        [ROOT / "kefu", "--version"],
        env={"PATH": "/usr/bin:/bin", "KEFU_VENV": str(tmp_path / "none"), "KEFU_PYTHON": "/bin/false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "parameter not set" not in run.stderr
