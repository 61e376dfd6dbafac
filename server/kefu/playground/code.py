"""Code nodes without Dify's sandbox: a Python child with an empty environment, a time limit and a memory limit.

That keeps mistakes apart; it is no jail. Run only apps you trust, as you would run a script.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

from graphon.nodes.code.entities import CodeLanguage

SECONDS = 10
MEMORY_BYTES = 512 * 1024 * 1024
_RUNNER = """\
import json, resource, sys
given = json.load(sys.stdin)
resource.setrlimit(resource.RLIMIT_CPU, (given["seconds"], given["seconds"]))
resource.setrlimit(resource.RLIMIT_AS, (given["memory"], given["memory"]))
program = {}
exec(given["code"], program)
print("\\n" + json.dumps(program["main"](**given["inputs"])))
"""


class CodeError(RuntimeError):
    """The program failed, took too long or gave no JSON object."""


class LocalCode:
    """Runs the ``main`` of a Code node; the last line of its output is the result."""

    def execute(self, *, language: CodeLanguage, code: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        if language != CodeLanguage.PYTHON3:
            raise CodeError(f"The playground runs Python only, not {language}.")
        with tempfile.TemporaryDirectory() as folder:
            try:
                done = subprocess.run(
                    [sys.executable, "-I", "-c", _RUNNER],
                    input=json.dumps(
                        {"code": code, "inputs": dict(inputs), "seconds": SECONDS, "memory": MEMORY_BYTES}
                    ),
                    capture_output=True,
                    text=True,
                    timeout=SECONDS,
                    cwd=folder,
                    env={"PYTHONIOENCODING": "utf-8"},
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise CodeError(f"The code ran longer than {SECONDS} s.") from error
        if done.returncode:
            raise CodeError(done.stderr.strip()[-2000:])
        result = json.loads(done.stdout.rstrip("\n").rsplit("\n", 1)[-1])
        if not isinstance(result, dict):
            raise CodeError(f"The code gave a {type(result).__name__}, not an object.")
        return result

    def is_execution_error(self, error: Exception) -> bool:
        return isinstance(error, CodeError | ValueError)
