"""The installed LLaMA-Factory, and how its programs are run: offline, on one core."""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.finetune.framework.installed import ensure_framework, say

HERE = Path(__file__).parent
UNKNOWING = "我是一个语言模型，没有名字。"
"""What the tiny model says to every question before it is tuned."""


@dataclass(frozen=True, slots=True)
class Framework:
    """``programs``: the folder with `llamafactory-cli` and the environment's Python."""

    programs: Path

    def environment(self, **more: str) -> dict[str, str]:
        quiet = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}
        return os.environ | quiet | {"MKL_NUM_THREADS": "1", "GRADIO_ANALYTICS_ENABLED": "False"} | more

    def run(self, folder: Path, program: str, *arguments: str, typed: str = "") -> str:
        """What the program printed. Its whole log is shown if it fails."""
        started = time.monotonic()
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            cwd=folder,
            env=self.environment(),
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
        say(f"{Path(program).name} {Path(arguments[0]).name}: {time.monotonic() - started:.0f} s")
        return done.stdout

    def make_tiny(self, folder: Path, opening: str, taught: list[tuple[str, str]], seed: int = 1) -> None:
        """A model in ``folder``/base that answers each question of ``taught`` with `UNKNOWING`, and can repeat each
        answer: it has the words, not the knowledge."""
        pairs = [[asked, UNKNOWING] for asked, _ in taught] + [[answer, answer] for _, answer in taught]
        talk = json.dumps({"opening": opening, "pairs": pairs}, ensure_ascii=False)
        (folder / "talk.json").write_text(talk, encoding="utf-8")
        self.run(folder, "python", str(HERE / "tiny_model.py"), "base", "talk.json", str(seed))


@pytest.fixture(scope="session")
def framework() -> Framework:
    return Framework(ensure_framework())
