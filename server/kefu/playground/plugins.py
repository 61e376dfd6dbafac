"""Our two plugins as running processes. Apart from the engine, whose import takes longer than their start."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Self

from kefu.dify.dsl.places import REPOSITORY
from kefu.playground.stdio import PluginNotStarted, PluginProcess


@dataclass(frozen=True, slots=True)
class Plugins:
    """Our two plugins as running processes (each starts on first use). Close them: they never end by themselves."""

    tools: PluginProcess = field(default_factory=lambda: PluginProcess(REPOSITORY))
    models: PluginProcess = field(default_factory=lambda: PluginProcess(REPOSITORY / "models"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def start(self) -> None:
        """Start both now, side by side, so that no turn waits for them."""
        with ThreadPoolExecutor(2) as pool:
            for started in [pool.submit(plugin.start) for plugin in (self.tools, self.models)]:
                started.result()

    def begin(self) -> None:
        """Start both without waiting. A plugin that cannot start says so at its first use."""
        for plugin in (self.tools, self.models):
            threading.Thread(target=_started_quietly, args=(plugin,), daemon=True).start()

    def close(self) -> None:
        self.tools.close()
        self.models.close()


def _started_quietly(plugin: PluginProcess) -> None:
    with contextlib.suppress(PluginNotStarted):
        plugin.start()
