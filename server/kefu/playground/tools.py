"""Tool nodes: each call goes to a real tools plugin, as Dify's daemon would send it."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphon.model_runtime.entities.llm_entities import LLMUsage
from graphon.nodes.runtime import ToolNodeRuntimeProtocol
from graphon.nodes.tool.entities import ToolNodeData
from graphon.nodes.tool.exc import ToolRuntimeInvocationError, ToolRuntimeResolutionError
from graphon.nodes.tool_runtime_entities import (
    ToolRuntimeHandle,
    ToolRuntimeMessage,
    ToolRuntimeParameter,
)
from graphon.runtime.variable_pool import VariablePool

from kefu.dify.dsl.tools import Tool, ToolParameter
from kefu.errors import KefuError
from kefu.playground.stdio import PluginProcess

_KNOWN_MESSAGES = frozenset({"text", "json", "variable", "link", "log"})


@dataclass(frozen=True, slots=True)
class ToolAccess:
    """How to reach a provider's tools; ``name`` is the full id that a node names, ``tools`` what it declares."""

    plugin: PluginProcess
    name: str
    credentials: Mapping[str, Any]
    tools: Mapping[str, Tool]


@dataclass(frozen=True, slots=True)
class _Call:
    tool: Tool
    fixed: Mapping[str, Any]


class PluginTools(ToolNodeRuntimeProtocol):
    """The tools of one provider in one conversation."""

    def __init__(self, access: ToolAccess, conversation_id: str, app_id: str, end_user: str) -> None:
        self._access = access
        self._conversation_id = conversation_id
        self._app_id = app_id
        self._end_user = end_user

    def get_runtime(
        self,
        *,
        node_id: str,
        node_data: ToolNodeData,
        variable_pool: VariablePool | None,
        node_execution_id: str | None = None,
    ) -> ToolRuntimeHandle:
        tool = self._access.tools.get(node_data.tool_name)
        if tool is None:
            raise ToolRuntimeResolutionError(f"Tool with name {node_data.tool_name} not found")
        return ToolRuntimeHandle(_Call(tool, _constants(node_data.tool_configurations)))

    def get_runtime_parameters(self, *, tool_runtime: ToolRuntimeHandle) -> Sequence[ToolRuntimeParameter]:
        return [ToolRuntimeParameter(row.name, row.required) for row in _call(tool_runtime).tool.parameters]

    def invoke(
        self,
        *,
        tool_runtime: ToolRuntimeHandle,
        tool_parameters: Mapping[str, Any],
        workflow_call_depth: int,
        provider_name: str,
    ) -> Generator[ToolRuntimeMessage, None, None]:
        call = _call(tool_runtime)
        given = {**call.fixed, **tool_parameters}
        types = {row.name: row for row in call.tool.parameters}
        parameters = {name: _cast(types.get(name), value) for name, value in given.items()}
        try:
            for raw in self._access.plugin.invoke_tool(
                self._access.name.split("/")[-1],
                call.tool.name,
                parameters,
                self._access.credentials,
                conversation_id=self._conversation_id,
                app_id=self._app_id,
                user_id=self._end_user,
            ):
                if raw["type"] in _KNOWN_MESSAGES:
                    yield ToolRuntimeMessage.model_validate(raw)
        except KefuError as error:
            kind = getattr(error, "error_type", type(error).__name__)
            raise ToolRuntimeInvocationError(
                f"An error occurred in the {self._access.name}, please contact the author of it for help, "
                f"error type: {kind}, error details: {error}"
            ) from error

    def get_usage(self, *, tool_runtime: ToolRuntimeHandle) -> LLMUsage:
        return LLMUsage.empty_usage()

    def build_file_reference(self, *, mapping: Mapping[str, Any]) -> Any:
        raise ToolRuntimeInvocationError("The playground has no files.")


def _call(handle: ToolRuntimeHandle) -> _Call:
    assert isinstance(handle.raw, _Call)
    return handle.raw


def _constants(configurations: Mapping[str, Any]) -> dict[str, Any]:
    """Only ``{type: constant, value}`` counts: Dify drops a bare value silently."""
    return {name: row["value"] for name, row in configurations.items() if isinstance(row, dict) and "value" in row}


def _cast(parameter: ToolParameter | None, value: Any) -> Any:
    """As Dify casts a value to the declared type; an unknown parameter goes through."""
    if parameter is None or value is None:
        return value
    if parameter.type == "number" and isinstance(value, str):
        return float(value) if "." in value else int(value) if value.strip() else None
    if parameter.type == "boolean" and isinstance(value, str):
        return value.strip().lower() in {"true", "yes", "y", "1"}
    return str(value) if parameter.type == "string" else value
