"""The credential form's values as Dify's model schema: features, context size and parameter rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dify_plugin.entities import I18nObject
from dify_plugin.entities.model import (
    AIModelEntity,
    FetchFrom,
    ModelFeature,
    ModelPropertyKey,
    ModelType,
    ParameterRule,
    ParameterType,
)

DEFAULT_CONTEXT = 4096
TOOL_FEATURES = {
    "tool_call": [ModelFeature.TOOL_CALL, ModelFeature.STREAM_TOOL_CALL],
    "multi_tool_call": [
        ModelFeature.MULTI_TOOL_CALL,
        ModelFeature.TOOL_CALL,
        ModelFeature.STREAM_TOOL_CALL,
    ],
}
JSON_FORMATS = {"json_object": ["text", "json_object"], "json_schema": ["text", "json_object", "json_schema"]}


def language_model(model: str, credentials: Mapping[str, Any]) -> AIModelEntity:
    """Schema of a customizable LLM. ``structured-output`` is added by Dify itself when json_schema has a rule."""
    features = list(TOOL_FEATURES.get(str(credentials.get("tools")), []))
    if credentials.get("vision") == "yes":
        features.append(ModelFeature.VISION)
    context = whole_number(credentials.get("context_size"), DEFAULT_CONTEXT)
    return AIModelEntity(
        model=model,
        label=I18nObject(en_US=model),
        model_type=ModelType.LLM,
        features=features,
        fetch_from=FetchFrom.CUSTOMIZABLE_MODEL,
        model_properties={
            ModelPropertyKey.MODE: "completion" if credentials.get("mode") == "completion" else "chat",
            ModelPropertyKey.CONTEXT_SIZE: context,
        },
        parameter_rules=parameter_rules(credentials, context),
    )


def embedding_model(model: str, credentials: Mapping[str, Any]) -> AIModelEntity:
    """Schema of a customizable embedding model; Dify sends at most MAX_CHUNKS texts a call."""
    return AIModelEntity(
        model=model,
        label=I18nObject(en_US=model),
        model_type=ModelType.TEXT_EMBEDDING,
        fetch_from=FetchFrom.CUSTOMIZABLE_MODEL,
        model_properties={
            ModelPropertyKey.CONTEXT_SIZE: whole_number(credentials.get("context_size"), DEFAULT_CONTEXT),
            ModelPropertyKey.MAX_CHUNKS: 16,
        },
    )


def parameter_rules(credentials: Mapping[str, Any], context: int) -> list[ParameterRule]:
    """Rules without precision: Dify would refuse 0.125. A parameter without a rule never arrives."""
    limit = whole_number(credentials.get("max_output_tokens"), min(context, 8192))
    rules = [
        _number("temperature", "Temperature", "温度", ParameterType.FLOAT, 0, 2, 0.7),
        _number("top_p", "Top P", "Top P", ParameterType.FLOAT, 0, 1, 1),
        _number("max_tokens", "Max tokens", "最大输出", ParameterType.INT, 1, limit, min(1024, limit)),
        _number("presence_penalty", "Presence penalty", "存在惩罚", ParameterType.FLOAT, -2, 2, 0),
        _number("frequency_penalty", "Frequency penalty", "频率惩罚", ParameterType.FLOAT, -2, 2, 0),
        _number("seed", "Seed", "随机种子", ParameterType.INT, 0, 2**31 - 1, 0),
    ]
    formats = JSON_FORMATS.get(str(credentials.get("json_output")))
    if formats:
        rules.append(_choice("response_format", "Response format", "回复格式", formats))
    if formats and "json_schema" in formats:
        rules.append(
            ParameterRule(name="json_schema", label=_label("JSON Schema", "JSON Schema"), type=ParameterType.TEXT)
        )
    if str(credentials.get("tools")) in TOOL_FEATURES:
        rules.append(_choice("tool_choice", "Tool choice", "工具选择", ["auto", "none", "required"]))
    if credentials.get("thinking") not in (None, "", "none"):
        rules.append(
            ParameterRule(name="enable_thinking", label=_label("Thinking", "思考模式"), type=ParameterType.BOOLEAN)
        )
    return rules


def whole_number(text: Any, default: int) -> int:
    """A form's text as a positive number, else ``default``."""
    try:
        number = int(str(text).strip())
    except ValueError:
        return default
    return number if number > 0 else default


def _number(
    name: str, english: str, chinese: str, kind: ParameterType, low: float, high: float, default: float
) -> ParameterRule:
    return ParameterRule(name=name, label=_label(english, chinese), type=kind, min=low, max=high, default=default)


def _choice(name: str, english: str, chinese: str, options: list[str]) -> ParameterRule:
    return ParameterRule(name=name, label=_label(english, chinese), type=ParameterType.STRING, options=options)


def _label(english: str, chinese: str) -> I18nObject:
    return I18nObject(en_US=english, zh_Hans=chinese)
