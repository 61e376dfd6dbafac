"""A kefu server as a child process on a free loopback port, for as long as a playground needs it."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Self

import httpx

from kefu.errors import Unavailable

START_SECONDS = 60.0
_STOP_SECONDS = 12.0


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """Runs ``command`` with ``environment`` (which tells it ``port``); ``wait_ready`` returns when it answers."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 — closed in `close`
        self._process = subprocess.Popen(
            list(command),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def wait_ready(self) -> None:
        """Raises Unavailable with the server's last words if it ends or stays silent."""
        deadline = time.monotonic() + START_SECONDS
        with httpx.Client(timeout=5, trust_env=False) as client:
            while time.monotonic() < deadline and self._process.poll() is None:
                try:
                    if client.get(f"{self.url}/readyz").status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                time.sleep(0.1)
        raise Unavailable("The server did not start.", f"Its last output: {self._last_words()}")

    def close(self) -> None:
        """Stop it cleanly; kill it if it does not go."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _last_words(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace").strip()[-1500:] or "(none)"
