"""Which fields each node type of Dify may have and what it puts out: from the engine's schemas and from exports."""

from __future__ import annotations

from collections.abc import Mapping

FILE_FIELDS = frozenset({"app", "dependencies", "kind", "version", "workflow"})
APP_FIELDS = frozenset(
    {"name", "mode", "icon", "icon_type", "icon_background", "description", "use_icon_as_answer_icon"}
)
WORKFLOW_FIELDS = frozenset(
    {"graph", "features", "environment_variables", "conversation_variables", "rag_pipeline_variables"}
)
"""All that Dify exports (1.4 to 1.15); an import drops anything else without a word."""

MODEL_FIELDS = frozenset({"provider", "name", "mode", "completion_params"})

SHAPES: Mapping[str, type[dict] | type[list]] = {
    "tool_parameters": dict,
    "tool_configurations": dict,
    "model": dict,
    "memory": dict,
    "retry_config": dict,
    "classes": list,
    "cases": list,
    "parameters": list,
    "dataset_ids": list,
}
"""Field → the container that it must be for the rules to look inside."""

EVERYWHERE = frozenset(
    {"type", "title", "desc", "selected", "version", "isInIteration", "isInLoop", "iteration_id", "loop_id", "height",
     "width", "error_strategy", "default_value", "retry_config", "_isCandidate"}
)  # fmt: skip

FIELDS: Mapping[str, frozenset[str]] = {
    "start": frozenset({"variables"}),
    "end": frozenset({"outputs"}),
    "answer": frozenset({"answer", "variables"}),
    "if-else": frozenset({"cases", "conditions", "logical_operator"}),
    "tool": frozenset(
        {"provider_id", "provider_type", "provider_name", "provider_icon", "tool_name", "tool_label",
         "tool_description", "tool_configurations", "tool_parameters", "tool_node_version", "credential_id",
         "plugin_id", "plugin_unique_identifier", "is_team_authorization", "output_schema", "paramSchemas", "params"}
    ),
    "question-classifier": frozenset(
        {"query_variable_selector", "model", "classes", "instruction", "instructions", "memory", "vision", "topics"}
    ),
    "parameter-extractor": frozenset(
        {"query", "model", "parameters", "instruction", "reasoning_mode", "memory", "vision"}
    ),
    "knowledge-retrieval": frozenset(
        {"query_variable_selector", "query_attachment_selector", "dataset_ids", "retrieval_mode",
         "multiple_retrieval_config", "single_retrieval_config", "metadata_filtering_mode",
         "metadata_filtering_conditions", "metadata_model_config", "vision"}
    ),
    "llm": frozenset(
        {"model", "prompt_template", "prompt_config", "context", "memory", "vision", "variables", "structured_output",
         "structured_output_enabled", "structured_output_switch_on", "reasoning_format"}
    ),
    "code": frozenset({"variables", "code_language", "code", "outputs", "dependencies"}),
    "template-transform": frozenset({"template", "variables"}),
    "assigner": frozenset({"items"}),
    "variable-aggregator": frozenset({"output_type", "variables", "advanced_settings"}),
}  # fmt: skip
"""Node type → its own fields. A type that is not here is unknown to our apps and refused."""

OUTPUTS: Mapping[str, frozenset[str]] = {
    "tool": frozenset({"text", "json", "files"}),
    "question-classifier": frozenset({"class_name", "class_id", "class_label", "usage"}),
    "parameter-extractor": frozenset({"__is_success", "__reason", "__usage"}),
    "knowledge-retrieval": frozenset({"result"}),
    "llm": frozenset({"text", "usage", "reasoning_content", "finish_reason", "structured_output", "files"}),
    "template-transform": frozenset({"output"}),
    "variable-aggregator": frozenset({"output"}),
    "if-else": frozenset({"result", "selected_case_id"}),
}
"""Outputs that a type has whatever its settings say."""

ON_ERROR = frozenset({"error_message", "error_type"})
SYSTEM = frozenset(
    {"query", "files", "conversation_id", "user_id", "dialogue_count", "app_id", "workflow_id", "workflow_run_id",
     "timestamp"}
)  # fmt: skip
FALLIBLE = frozenset({"tool", "llm", "question-classifier", "parameter-extractor", "code"})
"""Types that must have an error branch in our apps."""
RETRYING = frozenset({"tool", "llm", "code"})
"""Types on which Dify reads retry_config; elsewhere it is ignored."""
