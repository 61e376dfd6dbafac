"""LLaMA-Factory in an environment of its own, made on first use: several GB, never in the project's .venv."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

VERSIONS = Path(__file__).parents[3] / "finetune" / "llamafactory.txt"
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
ENVIRONMENT = Path(os.environ.get("KEFU_FINETUNE_ENV") or _CACHE / "kefu" / "llamafactory")
"""Read once: each test has a home of its own."""


def ensure_framework() -> Path:
    """The folder of LLaMA-Factory's programs, exactly of the versions in `finetune/llamafactory.txt`."""
    programs, marker = ENVIRONMENT / "bin", ENVIRONMENT / ".kefu"
    digest = hashlib.sha256(VERSIONS.read_bytes()).hexdigest()
    ENVIRONMENT.mkdir(parents=True, exist_ok=True)
    with (ENVIRONMENT / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not marker.exists() or marker.read_text() != digest:
            install(programs)
            marker.write_text(digest)
    return programs


def install(programs: Path) -> None:
    started = time.monotonic()
    say(f"making {ENVIRONMENT}: some GB, several minutes the first time")
    subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    wheels = [line for line in VERSIONS.read_text().splitlines() if line.startswith("torch")]
    near = ["--index-url", CPU_WHEELS, "--retries", "0", "--timeout", "15"]
    if pip(programs, [*near, *wheels]):
        say("no CPU wheels of torch here; taking the index's own, with CUDA inside (7.7 GB in all)")
    if pip(programs, ["-r", str(VERSIONS)]):
        raise RuntimeError(f"pip could not install {VERSIONS.name}: see above, then run the same command again.")
    say(f"LLaMA-Factory ready after {time.monotonic() - started:.0f} s")


def pip(programs: Path, arguments: list[str]) -> int:
    """pip with its own progress on the terminal; returns its exit status."""
    return subprocess.run([str(programs / "python"), "-m", "pip", "install", *arguments], check=False).returncode


def say(line: str) -> None:
    sys.stderr.write(f"kefu: {line}\n")
    sys.stderr.flush()
