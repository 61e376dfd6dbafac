"""Make the environment that a command needs, then run it. Standard library only: nothing is installed yet.

`locks/*.txt` hold every package with its hashes (exported from uv.lock). They are complete, so pip needs no resolver
(`--no-deps`). Which lock a command needs: most run on the server's; `up` and `chat` also run Dify's workflow engine.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("KEFU_VENV") or ROOT / ".venv")
PYTHON = VENV / "bin" / "python"
LOCK_OF_COMMAND = {
    "up": "play",
    "chat": "play",
    "dsl": "play",
    "eval": "play",
    "finetune": "play",
    "bench": "test",
    "test": "test",
    "check": "test",
}
CHUNK = 8
"""Requirements a pip call: small enough that progress moves, large enough that pip's start-up does not count."""


def main(argv: list[str]) -> None:
    command = next((word for word in argv if not word.startswith("-")), "")
    try:
        ensure(LOCK_OF_COMMAND.get(command, "server"))
    except SetupFailed as error:
        sys.exit(f"kefu: {error}")
    # Some machines forbid bytecode files everywhere; in an environment of our own that makes each start twice as long.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.execv(PYTHON, [str(PYTHON), "-m", "kefu.cli", *argv])


class SetupFailed(Exception):
    """The environment could not be made; the message says what to do."""


def ensure(lock: str) -> None:
    """Install ``locks/<lock>.txt`` unless exactly that is installed already."""
    path = ROOT / "locks" / f"{lock}.txt"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    marker = VENV / f".kefu-{lock}"
    if marker.exists() and marker.read_text() == digest:
        return
    if not PYTHON.exists():
        say(f"making {VENV}")
        try:
            venv.create(VENV, with_pip=True, symlinks=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise SetupFailed(f"{VENV} cannot be made ({error}). Else set KEFU_VENV.") from error
    started = time.monotonic()
    install(requirements(path), lock)
    site = next((VENV / "lib").glob("python3*/site-packages"))
    try:
        (site / "kefu.pth").write_text(f"{ROOT / 'server'}\n")
        marker.write_text(digest)
    except OSError as error:
        hint = "Run ./kefu once as the owner of that folder, or set KEFU_VENV to another one."
        raise SetupFailed(f"{VENV} cannot be written ({error.strerror}). {hint}") from error
    say(f"{lock} packages ready after {time.monotonic() - started:.0f} s")


def requirements(path: Path) -> list[str]:
    """Each requirement of a lock file as one text: name, version, marker, hashes."""
    lines = [line for line in path.read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return [" ".join(part.split()) for part in re.split(r"\n(?=\S)", "\n".join(lines).replace("\\\n", " "))]


def install(wanted: list[str], lock: str) -> None:
    """Install with two pip processes side by side, a few requirements at a time, showing how far it is."""
    missing = [row for row in wanted if not installed(row)]
    chunks = [missing[i : i + CHUNK] for i in range(0, len(missing), CHUNK)]
    done = 0
    lock_output = threading.Lock()

    def run(chunk: list[str]) -> None:
        nonlocal done
        pip(chunk)
        with lock_output:
            done += len(chunk)
            say(f"{lock} packages: {done}/{len(missing)} (last: {name_of(chunk[-1])})")

    if missing:
        say(f"{lock} packages: {len(missing)} to install, a few minutes the first time")
    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(run, chunk) for chunk in chunks]:
            future.result()


def installed(requirement: str) -> bool:
    """Whether that very version is in the environment already (an earlier lock shares most packages)."""
    match = re.match(r"([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^ ;]+)", requirement)
    if not match:
        return False
    name = re.sub(r"[-_.]+", "_", match[1]).lower()
    site = next((VENV / "lib").glob("python3*/site-packages"), None)
    return site is not None and any(
        re.sub(r"[-_.]+", "_", folder.name[: -len(f"-{match[2]}.dist-info")]).lower() == name
        for folder in site.glob(f"*-{match[2]}.dist-info")
    )


def pip(chunk: list[str]) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(chunk))
        file.flush()
        command = [
            str(PYTHON),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-compile",
            "--require-hashes",
            "--disable-pip-version-check",
            "--no-input",
            "-r",
            file.name,
        ]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        tail = "\n".join(result.stderr.strip().splitlines()[-4:])
        raise SetupFailed(
            f"pip could not install {', '.join(map(name_of, chunk))}:\n{tail}\n"
            "Check that a PyPI mirror is reachable (pip config list), then run the same command again: it goes on."
        )


def name_of(requirement: str) -> str:
    return re.split(r"[=\[ ;]", requirement, maxsplit=1)[0]


def say(text: str) -> None:
    sys.stderr.write(f"kefu: {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
