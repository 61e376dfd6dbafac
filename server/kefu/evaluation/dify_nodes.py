"""Dify's classifier and extractor nodes of the installed graphon: the prompts they really send, what they really read.

The nodes run whole, with a model that keeps the prompt and gives the answer it was told to give.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from graphon.dsl.node_factory import _PassthroughPromptMessageSerializer, _TextOnlyFileSaver
from graphon.model_runtime.entities.common_entities import I18nObject
from graphon.model_runtime.entities.llm_entities import LLMResult, LLMResultChunk, LLMResultChunkDelta, LLMUsage
from graphon.model_runtime.entities.message_entities import AssistantPromptMessage, PromptMessage, PromptMessageTool
from graphon.model_runtime.entities.model_entities import (
    AIModelEntity,
    FetchFrom,
    ModelFeature,
    ModelPropertyKey,
    ModelType,
)
from graphon.model_runtime.utils.encoders import jsonable_encoder
from graphon.nodes.llm.runtime_protocols import LLMProtocol
from graphon.nodes.parameter_extractor.entities import ParameterExtractorNodeData
from graphon.nodes.parameter_extractor.parameter_extractor_node import ParameterExtractorNode
from graphon.nodes.question_classifier import QuestionClassifierNode, QuestionClassifierNodeData
from graphon.runtime.init_params import InitParams
from graphon.runtime.runtime_state import RuntimeState
from graphon.runtime.variable_pool import VariablePool
from graphon.template_rendering import Jinja2TemplateRenderer

from kefu.playground.memory import ChatMemory

Mode = Literal["prompt", "function_call"]
_MODEL = {"provider": "kefu/kefu-models/kefu", "name": "kefu", "mode": "chat", "completion_params": {}}
_CONTEXT = 32_768
_QUERY = ("start", "query")
_MEMORY = {"query_prompt_template": "", "window": {"enabled": True, "size": 10}}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a node made of an answer. ``failed``: the run stops there; ``reason``: why, or why values are empty."""

    outputs: Mapping[str, Any]
    failed: bool = False
    reason: str = ""

    @property
    def class_id(self) -> str:
        return str(self.outputs.get("class_id", ""))


@dataclass(frozen=True, slots=True)
class Exchange:
    """The request that the node sent (OpenAI-style), and what came of the answer."""

    messages: tuple[dict[str, Any], ...]
    tools: tuple[dict[str, Any], ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says: text, or the arguments of a call of ``extract_parameters``."""

    text: str = ""
    arguments: str = ""


def classify(
    query: str, classes: Sequence[tuple[str, str]], instruction: str, history: Sequence[tuple[str, str]], answer: Answer
) -> Exchange:
    """Run the classifier node on ``query``; ``classes`` are (id, name), ``history`` (customer, shop) turns."""
    data = QuestionClassifierNodeData.model_validate(
        {
            "title": "分类",
            "model": _MODEL,
            "query_variable_selector": list(_QUERY),
            "classes": [{"id": i, "name": n} for i, n in classes],
            "instruction": instruction,
            "memory": _MEMORY if history else None,
        }
    )
    model, common = _Model(answer), _common(query)
    node = QuestionClassifierNode(
        "classifier",
        data,
        model_instance=model,
        memory=ChatMemory(history, model.get_llm_num_tokens) if history else None,
        template_renderer=_NoTemplates(),
        llm_file_saver=_TextOnlyFileSaver(),
        **common,
    )
    return _run(node, model)


def extract(
    query: str,
    parameters: Sequence[Mapping[str, Any]],
    instruction: str,
    history: Sequence[tuple[str, str]],
    answer: Answer,
    mode: Mode = "prompt",
) -> Exchange:
    """Run the extractor node on ``query``; ``parameters`` as Dify keeps them: name, type, description, required."""
    data = ParameterExtractorNodeData.model_validate(
        {
            "title": "参数",
            "model": _MODEL,
            "query": list(_QUERY),
            "parameters": [dict(parameter) for parameter in parameters],
            "instruction": instruction,
            "reasoning_mode": mode,
            "memory": _MEMORY if history else None,
        }
    )
    model, common = _Model(answer), _common(query)
    node = ParameterExtractorNode(
        "extractor",
        data,
        model_instance=model,
        memory=ChatMemory(history, model.get_llm_num_tokens) if history else None,
        prompt_message_serializer=_PassthroughPromptMessageSerializer(),
        **common,
    )
    return _run(node, model)


def _common(query: str) -> dict[str, Any]:
    pool = VariablePool()
    pool.add(_QUERY, query)
    state = RuntimeState(variable_pool=pool, start_at=time.time(), workflow_id="finetune")
    return {
        "init_params": InitParams(workflow_id="finetune", graph_config={}, run_context={}, call_depth=0),
        "runtime_state": state,
    }


def _run(node: Any, model: _Model) -> Exchange:
    result = node._run()
    outputs = dict(result.outputs or {})
    failed = str(result.status.value) == "failed"
    reason = str(result.error or outputs.get("__reason") or "")
    return Exchange(_wire(model.asked), _tools(model.tools), Outcome(outputs, failed, reason))


def _wire(messages: Sequence[PromptMessage]) -> tuple[dict[str, Any], ...]:
    """OpenAI's form, without empty members."""
    encoded = (jsonable_encoder(message) for message in messages)
    return tuple(_same_id({k: v for k, v in row.items() if v not in (None, [])}) for row in encoded)


def _same_id(row: dict[str, Any]) -> dict[str, Any]:
    """The node numbers its example calls at random: the same shop shall give the same rows."""
    if "tool_call_id" in row:
        row["tool_call_id"] = "call_1"
    for call in row.get("tool_calls", ()):
        call["id"] = "call_1"
    return row


def _tools(tools: Sequence[PromptMessageTool]) -> tuple[dict[str, Any], ...]:
    return tuple({"type": "function", "function": jsonable_encoder(tool)} for tool in tools)


class _NoTemplates(Jinja2TemplateRenderer):
    def render_template(self, template: str, variables: Mapping[str, Any]) -> str:
        return template


class _Model(LLMProtocol):
    """Answers what it was told, and keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._parameters: Mapping[str, Any] = {}
        self.asked: Sequence[PromptMessage] = ()
        self.tools: Sequence[PromptMessageTool] = ()

    @property
    def provider(self) -> str:
        return str(_MODEL["provider"])

    @property
    def model_name(self) -> str:
        return str(_MODEL["name"])

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self._parameters

    @parameters.setter
    def parameters(self, value: Mapping[str, Any]) -> None:
        self._parameters = value

    @property
    def stop(self) -> Sequence[str] | None:
        return None

    def get_model_schema(self) -> AIModelEntity:
        return _SCHEMA

    def get_llm_num_tokens(self, prompt_messages: Sequence[PromptMessage]) -> int:
        return sum(len(str(message.content)) for message in prompt_messages)

    def invoke_llm(
        self,
        *,
        prompt_messages: Sequence[PromptMessage],
        model_parameters: Mapping[str, Any],
        tools: Sequence[PromptMessageTool] | None,
        stop: Sequence[str] | None,
        stream: bool,
    ) -> Any:  # both overloads
        self.asked, self.tools = list(prompt_messages), list(tools or ())
        message = AssistantPromptMessage(content=self._answer.text, tool_calls=_calls(self._answer.arguments))
        usage = LLMUsage.empty_usage()
        if not stream:
            return LLMResult(model=self.model_name, prompt_messages=[], message=message, usage=usage)
        delta = LLMResultChunkDelta(index=0, message=message, usage=usage, finish_reason="stop")
        return iter([LLMResultChunk(model=self.model_name, prompt_messages=[], delta=delta)])

    def invoke_llm_with_structured_output(self, **_: Any) -> Any:
        raise NotImplementedError

    def is_structured_output_parse_error(self, error: Exception) -> bool:
        return False


def _calls(arguments: str) -> list[AssistantPromptMessage.ToolCall]:
    if not arguments:
        return []
    function = AssistantPromptMessage.ToolCall.ToolCallFunction(name="extract_parameters", arguments=arguments)
    return [AssistantPromptMessage.ToolCall(id="call_1", type="function", function=function)]


_SCHEMA = AIModelEntity(
    model="kefu",
    label=I18nObject(en_US="kefu"),
    model_type=ModelType.LLM,
    features=[ModelFeature.TOOL_CALL],
    fetch_from=FetchFrom.CUSTOMIZABLE_MODEL,
    model_properties={ModelPropertyKey.MODE: "chat", ModelPropertyKey.CONTEXT_SIZE: _CONTEXT},
)
