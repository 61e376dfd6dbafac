"""Understand the sentence."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from dify_plugin import Tool
from dify_plugin.entities.tool import ToolInvokeMessage

from tools import server_call


class Understand(Tool):
    """POST /tools/understand of the kefu server."""

    def _invoke(self, tool_parameters: dict[str, Any]) -> Generator[ToolInvokeMessage, None, None]:
        yield from server_call.run(self, "understand", tool_parameters)
