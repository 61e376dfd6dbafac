"""Makes graphon's real nodes, wired to our plugins instead of to a plugin daemon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphon.dsl import SlimDslNodeFactory
from graphon.dsl.entities import DslCredentials, DslToolCredential
from graphon.dsl.errors import DslError
from graphon.dsl.node_factory import (
    _NodeBuildRequest,
    _PassthroughPromptMessageSerializer,
    _TextOnlyFileSaver,
    _UnsupportedToolFileManager,
)
from graphon.enums import BuiltinNodeTypes
from graphon.model_runtime.entities.message_entities import PromptMessage
from graphon.nodes.code.code_node import CodeNode
from graphon.nodes.code.entities import CodeNodeData
from graphon.nodes.code.limits import CodeNodeLimits
from graphon.nodes.llm import LLMNode, LLMNodeData
from graphon.nodes.parameter_extractor.entities import ParameterExtractorNodeData
from graphon.nodes.parameter_extractor.parameter_extractor_node import ParameterExtractorNode
from graphon.nodes.question_classifier import QuestionClassifierNode, QuestionClassifierNodeData
from graphon.nodes.tool.entities import ToolNodeData
from graphon.nodes.tool.tool_node import ToolNode
from graphon.runtime.init_params import InitParams
from graphon.runtime.runtime_state import RuntimeState
from graphon.template_rendering import Jinja2TemplateRenderer, TemplateRenderError

from kefu.playground.code import LocalCode
from kefu.playground.knowledge import KnowledgeAccess, KnowledgeNode, KnowledgeNodeData
from kefu.playground.memory import ChatMemory
from kefu.playground.models import CallMeter, ModelAccess, PluginLLM
from kefu.playground.tools import PluginTools, ToolAccess

_CODE_LIMITS = CodeNodeLimits(
    max_string_length=400_000,
    max_number=2**63 - 1,
    min_number=-(2**63),
    max_precision=20,
    max_depth=5,
    max_number_array_length=1_000,
    max_string_array_length=30,
    max_object_array_length=30,
)
"""Dify's own limits for the output of a Code node."""


@dataclass(frozen=True, slots=True)
class TurnParts:
    """What the nodes of one turn may use. ``tools`` and ``models`` by the provider id that a file names."""

    tools: Mapping[str, ToolAccess]
    models: Mapping[str, ModelAccess]
    knowledge: KnowledgeAccess
    meter: CallMeter
    conversation_id: str
    app_id: str
    end_user: str
    earlier: Sequence[tuple[str, str]]


class PlainTemplates(Jinja2TemplateRenderer):
    """A template without variables is its own result; our apps use no others."""

    def render_template(self, template: str, variables: Mapping[str, Any]) -> str:
        if "{{" in template or "{%" in template:
            raise TemplateRenderError("The playground renders no Jinja expressions.")
        return template


class PlayNodeFactory(SlimDslNodeFactory):
    """graphon's factory; tool, model, knowledge and code nodes get our parts. The others stay as they are."""

    def __init__(
        self,
        parts: TurnParts,
        graph_config: Mapping[str, Any],
        init_params: InitParams,
        runtime_state: RuntimeState,
    ) -> None:
        super().__init__(graph_config, init_params, runtime_state, DslCredentials(), [])
        self.parts = parts

    def with_runtime_state(self, runtime_state: RuntimeState) -> PlayNodeFactory:
        return PlayNodeFactory(self.parts, self.graph_config, self.init_params, runtime_state)

    def with_graph_config(self, graph_config: Mapping[str, Any]) -> PlayNodeFactory:
        init_params = self.init_params.model_copy(update={"graph_config": graph_config})
        return PlayNodeFactory(self.parts, graph_config, init_params, self.runtime_state)

    def _resolve_tool_runtime_settings(self, node_data: ToolNodeData) -> tuple[str, str, DslToolCredential]:
        access = self._tool_access(node_data)
        return access.name, access.name, DslToolCredential()

    def _resolve_slim_llm_settings(
        self, *, node_id: str, data: Mapping[str, Any], node_type_label: str
    ) -> tuple[dict[str, Any], str, str, dict[str, Any]]:
        provider = str(data["model"].get("provider"))
        self._model_access(node_id, provider)
        return dict(data), provider, provider, {}

    def _tool_access(self, data: ToolNodeData) -> ToolAccess:
        if data.provider_id not in self.parts.tools:
            raise DslError(f"PluginNotFoundError: no tools plugin {data.provider_id}", code="plugin.missing")
        return self.parts.tools[data.provider_id]

    def _model_access(self, node_id: str, provider: str) -> ModelAccess:
        if provider not in self.parts.models:
            raise DslError(f"Provider {provider} does not exist ({node_id}).", code="plugin.missing")
        return self.parts.models[provider]

    def _model(self, request: _NodeBuildRequest) -> PluginLLM:
        model = request.data_payload["model"]
        access = self._model_access(request.node_id, str(model["provider"]))
        parameters = model.get("completion_params") or {}
        return PluginLLM(access, str(model["name"]), parameters, request.node_id, self.parts.meter)

    def _memory(self, request: _NodeBuildRequest, model: PluginLLM) -> ChatMemory | None:
        """None without a memory setting, as in Dify."""

        def count(messages: Sequence[PromptMessage]) -> int:
            return model.get_llm_num_tokens(messages)

        return ChatMemory(self.parts.earlier, count) if request.data_payload.get("memory") else None

    def _common(self) -> dict[str, Any]:
        return {"init_params": self.init_params, "runtime_state": self.runtime_state}

    def _build_tool(self, request: _NodeBuildRequest) -> ToolNode:
        data = ToolNodeData.model_validate(request.data_payload)
        parts = self.parts
        runtime = PluginTools(self._tool_access(data), parts.conversation_id, parts.app_id, parts.end_user)
        return ToolNode(
            request.node_id,
            data,
            tool_file_manager=_UnsupportedToolFileManager(),
            runtime=runtime,
            **self._common(),
        )

    def _build_llm(self, request: _NodeBuildRequest) -> LLMNode:
        model = self._model(request)
        return LLMNode(
            request.node_id,
            LLMNodeData.model_validate(request.data_payload),
            model_instance=model,
            memory=self._memory(request, model),
            llm_file_saver=_TextOnlyFileSaver(),
            prompt_message_serializer=_PassthroughPromptMessageSerializer(),
            default_query_selector=("sys", "query"),
            **self._common(),
        )

    def _build_classifier(self, request: _NodeBuildRequest) -> QuestionClassifierNode:
        model = self._model(request)
        return QuestionClassifierNode(
            request.node_id,
            QuestionClassifierNodeData.model_validate(request.data_payload),
            model_instance=model,
            memory=self._memory(request, model),
            template_renderer=PlainTemplates(),
            llm_file_saver=_TextOnlyFileSaver(),
            **self._common(),
        )

    def _build_extractor(self, request: _NodeBuildRequest) -> ParameterExtractorNode:
        model = self._model(request)
        return ParameterExtractorNode(
            request.node_id,
            ParameterExtractorNodeData.model_validate(request.data_payload),
            model_instance=model,
            memory=self._memory(request, model),
            prompt_message_serializer=_PassthroughPromptMessageSerializer(),
            **self._common(),
        )

    def _build_knowledge(self, request: _NodeBuildRequest) -> KnowledgeNode:
        data = KnowledgeNodeData.model_validate(request.data_payload)
        return KnowledgeNode(request.node_id, data, access=self.parts.knowledge, **self._common())

    def _build_code(self, request: _NodeBuildRequest) -> CodeNode:
        return CodeNode(
            request.node_id,
            CodeNodeData.model_validate(request.data_payload),
            code_executor=LocalCode(),
            code_limits=_CODE_LIMITS,
            **self._common(),
        )

    NODE_BUILDERS = {  # noqa: RUF012 — graphon's own table, read only
        **SlimDslNodeFactory.NODE_BUILDERS,
        BuiltinNodeTypes.TOOL: _build_tool,
        BuiltinNodeTypes.LLM: _build_llm,
        BuiltinNodeTypes.QUESTION_CLASSIFIER: _build_classifier,
        BuiltinNodeTypes.PARAMETER_EXTRACTOR: _build_extractor,
        BuiltinNodeTypes.KNOWLEDGE_RETRIEVAL: _build_knowledge,
        BuiltinNodeTypes.CODE: _build_code,
    }
