"""A language model of a model plugin, as graphon's nodes want to see it."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, overload

from graphon.model_runtime.entities.llm_entities import LLMResult, LLMResultChunk, LLMUsage
from graphon.model_runtime.entities.message_entities import (
    AssistantPromptMessage,
    PromptMessage,
    PromptMessageTool,
)
from graphon.model_runtime.entities.model_entities import AIModelEntity
from graphon.model_runtime.utils.encoders import jsonable_encoder
from graphon.nodes.llm.runtime_protocols import LLMProtocol

from kefu.errors import KefuError
from kefu.playground.stdio import PluginProcess

_FINGERPRINT = re.compile(r"kefu:llm_calls=(\d+)")
LOCAL_MODELS = frozenset({"kefu-router", "kefu-local"})
"""Models of our server that never call a language model."""


class PluginInvokeError(Exception):
    """The model plugin failed; named as Dify names it, because ``{{#node.error_type#}}`` shows it."""


class CallMeter:
    """Counts, for each node of one turn, the requests that reached an upstream language model."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()
        self._guard = threading.Lock()

    def add(self, node_id: str, calls: int) -> None:
        with self._guard:
            self._calls[node_id] += calls

    def of(self, node_id: str) -> int:
        return self._calls[node_id]


@dataclass(frozen=True, slots=True)
class ModelAccess:
    """How to reach a provider's models: the plugin, the provider's name in it, the credentials."""

    plugin: PluginProcess
    provider: str
    credentials: Mapping[str, Any]


class PluginLLM(LLMProtocol):
    """One model for one node of one turn."""

    def __init__(
        self,
        access: ModelAccess,
        model_name: str,
        parameters: Mapping[str, Any],
        node_id: str,
        meter: CallMeter,
    ) -> None:
        self._access = access
        self._model_name = model_name
        self._parameters = dict(parameters)
        self._node_id = node_id
        self._meter = meter

    @property
    def provider(self) -> str:
        return self._access.provider

    @property
    def model_name(self) -> str:
        return self._model_name

    @property
    def parameters(self) -> Mapping[str, Any]:
        return dict(self._parameters)

    @parameters.setter
    def parameters(self, value: Mapping[str, Any]) -> None:
        self._parameters = dict(value)

    @property
    def stop(self) -> Sequence[str] | None:
        return None

    def get_model_schema(self) -> AIModelEntity:
        access = self._access
        with _as_invoke_error():
            schema = access.plugin.model_schemas(access.provider, self._model_name, access.credentials)
        if schema is None:
            raise ValueError(f"Model schema not found for {access.provider}/{self._model_name}")
        return AIModelEntity.model_validate(schema)

    def get_llm_num_tokens(self, prompt_messages: Sequence[PromptMessage]) -> int:
        access = self._access
        with _as_invoke_error():
            return access.plugin.count_tokens(
                access.provider, self._model_name, _wire(prompt_messages), access.credentials
            )

    @overload
    def invoke_llm(
        self,
        *,
        prompt_messages: Sequence[PromptMessage],
        model_parameters: Mapping[str, Any],
        tools: Sequence[PromptMessageTool] | None,
        stop: Sequence[str] | None,
        stream: Literal[False],
    ) -> LLMResult: ...

    @overload
    def invoke_llm(
        self,
        *,
        prompt_messages: Sequence[PromptMessage],
        model_parameters: Mapping[str, Any],
        tools: Sequence[PromptMessageTool] | None,
        stop: Sequence[str] | None,
        stream: Literal[True],
    ) -> Generator[LLMResultChunk, None, None]: ...

    def invoke_llm(
        self,
        *,
        prompt_messages: Sequence[PromptMessage],
        model_parameters: Mapping[str, Any],
        tools: Sequence[PromptMessageTool] | None,
        stop: Sequence[str] | None,
        stream: bool,
    ) -> LLMResult | Generator[LLMResultChunk, None, None]:
        chunks = self._chunks(prompt_messages, {**self._parameters, **model_parameters}, tools, stop, stream=stream)
        return chunks if stream else _collect(self._model_name, chunks)

    def invoke_llm_with_structured_output(self, **_: Any) -> Any:
        """Our apps use none: Dify turns boolean properties into strings there."""
        raise PluginInvokeError("The playground has no structured output.")

    def is_structured_output_parse_error(self, error: Exception) -> bool:
        return False

    def _chunks(
        self,
        prompt_messages: Sequence[PromptMessage],
        parameters: Mapping[str, Any],
        tools: Sequence[PromptMessageTool] | None,
        stop: Sequence[str] | None,
        *,
        stream: bool,
    ) -> Generator[LLMResultChunk, None, None]:
        access = self._access
        calls = 0 if self._model_name in LOCAL_MODELS else 1
        try:
            with _as_invoke_error():
                for raw in access.plugin.invoke_llm(
                    access.provider,
                    self._model_name,
                    _wire(prompt_messages),
                    access.credentials,
                    parameters=parameters,
                    tools=jsonable_encoder(tools) if tools else None,
                    stop=stop,
                    stream=stream,
                ):
                    calls = _calls_told(raw, calls)
                    yield LLMResultChunk.model_validate({**raw, "prompt_messages": []})
        finally:
            self._meter.add(self._node_id, calls)


@contextmanager
def _as_invoke_error() -> Iterator[None]:
    """Every failure of the plugin becomes Dify's PluginInvokeError, with its kind in the text as there."""
    try:
        yield
    except KefuError as error:
        kind = getattr(error, "error_type", type(error).__name__)
        raise PluginInvokeError(f"[models] Error: {kind}: {error}") from error


def _calls_told(chunk: Mapping[str, Any], calls: int) -> int:
    told = _FINGERPRINT.search(chunk.get("system_fingerprint") or "")
    return int(told.group(1)) if told else calls


def _wire(messages: Sequence[PromptMessage]) -> list[dict[str, Any]]:
    encoded: list[dict[str, Any]] = [jsonable_encoder(message) for message in messages]
    return [{key: value for key, value in row.items() if value is not None} for row in encoded]


def _collect(model: str, chunks: Iterator[LLMResultChunk]) -> LLMResult:
    text, usage, calls = "", LLMUsage.empty_usage(), []
    for chunk in chunks:
        content = chunk.delta.message.content
        text += content if isinstance(content, str) else ""
        calls.extend(chunk.delta.message.tool_calls)
        usage = chunk.delta.usage or usage
    message = AssistantPromptMessage(content=text, tool_calls=calls)
    return LLMResult(model=model, prompt_messages=[], message=message, usage=usage)
