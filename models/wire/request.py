"""Dify's messages, tools and parameters as the body of an OpenAI-compatible request. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dify_plugin.entities.model.message import (
    AssistantPromptMessage,
    ImagePromptMessageContent,
    PromptMessage,
    PromptMessageTool,
    TextPromptMessageContent,
    ToolPromptMessage,
)
from dify_plugin.errors.model import InvokeBadRequestError

PASSED_ON = ("temperature", "top_p", "max_tokens", "presence_penalty", "frequency_penalty", "seed")
"""Parameters whose name and value are the same on the wire."""

SAME_ROLE_SEPARATOR = "\n\n"


def chat_body(
    model: str,
    credentials: Mapping[str, Any],
    messages: Sequence[PromptMessage],
    parameters: Mapping[str, Any],
    tools: Sequence[PromptMessageTool] | None,
    stop: Sequence[str] | None,
    stream: bool,
    user: str | None,
) -> dict[str, Any]:
    """Body of POST /chat/completions, or of /completions when the credential ``mode`` says so."""
    body: dict[str, Any] = {"model": model, "stream": stream}
    if credentials.get("mode") == "completion":
        body["prompt"] = SAME_ROLE_SEPARATOR.join(_plain_text(message) for message in messages)
    else:
        body["messages"] = wire_messages(messages, merge=credentials.get("role_order") == "alternate")
        body.update(_tools(tools, parameters))
        body.update(response_format(parameters))
    body.update({name: parameters[name] for name in PASSED_ON if parameters.get(name) is not None})
    # Built-in models have no such field in their form: the kefu server puts it into its upstream's words.
    body.update(_thinking(str(credentials.get("thinking") or "top_level"), parameters.get("enable_thinking")))
    if stop:
        body["stop"] = list(stop)
    if user:
        body["user"] = user
    if stream:
        body["stream_options"] = {"include_usage": True}
    return body


def wire_messages(messages: Sequence[PromptMessage], *, merge: bool) -> list[dict[str, Any]]:
    """The messages in OpenAI's shape.

    With ``merge`` neighbours of one role become one and the system messages come first: servers that insist on
    user/assistant turns (LLaMA-Factory's API) refuse what Dify sends after a failed turn.
    """
    wired = [_message(message) for message in messages]
    return _alternate(wired) if merge else wired


def _message(message: PromptMessage) -> dict[str, Any]:
    wired: dict[str, Any] = {"role": message.role.value, "content": _content(message)}
    if message.name:
        wired["name"] = message.name
    if isinstance(message, AssistantPromptMessage) and message.tool_calls:
        wired["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.function.name, "arguments": call.function.arguments},
            }
            for call in message.tool_calls
        ]
    if isinstance(message, ToolPromptMessage):
        wired["tool_call_id"] = message.tool_call_id
    return wired


def _content(message: PromptMessage) -> str | list[dict[str, Any]]:
    """Text stays a plain string, which every server takes; a list only where there are pictures."""
    if not isinstance(message.content, list):
        return message.content or ""
    if all(isinstance(part, TextPromptMessageContent) for part in message.content):
        return message.get_text_content()
    return [_part(part) for part in message.content]


def _part(part: Any) -> dict[str, Any]:
    if isinstance(part, TextPromptMessageContent):
        return {"type": "text", "text": part.data}
    if isinstance(part, ImagePromptMessageContent):
        return {"type": "image_url", "image_url": {"url": part.data, "detail": part.detail.value}}
    raise InvokeBadRequestError(
        f"这个模型不接受 {part.type.value} 内容。 / This model takes text and images, not {part.type.value}."
    )


def _plain_text(message: PromptMessage) -> str:
    return message.get_text_content()


def _alternate(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    system = [message for message in messages if message["role"] == "system"]
    merged: list[dict[str, Any]] = []
    for message in [*system, *(one for one in messages if one["role"] != "system")]:
        if merged and _mergeable(merged[-1], message):
            both = (merged[-1]["content"], message["content"])
            merged[-1] = {**message, "content": SAME_ROLE_SEPARATOR.join(text for text in both if text)}
        elif message["role"] != "assistant" or message["content"] or "tool_calls" in message:
            merged.append(message)
    return merged


def _mergeable(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    return (
        left["role"] == right["role"] != "tool"
        and isinstance(left["content"], str)
        and isinstance(right["content"], str)
        and "tool_calls" not in left
        and "tool_calls" not in right
    )


def _tools(tools: Sequence[PromptMessageTool] | None, parameters: Mapping[str, Any]) -> dict[str, Any]:
    if not tools:
        return {}
    functions = [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
        }
        for tool in tools
    ]
    return {"tools": functions, "tool_choice": parameters.get("tool_choice") or "auto"}


def response_format(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """``response_format`` of the wire. ``json_schema`` may be a bare schema or ``{"name", "schema"}``, as text."""
    kind = parameters.get("response_format")
    schema = parameters.get("json_schema")
    if not kind and schema:
        kind = "json_schema"
    if kind in (None, "", "text"):
        return {}
    if kind != "json_schema":
        return {"response_format": {"type": kind}}
    return {"response_format": {"type": "json_schema", "json_schema": _schema(schema)}}


def _schema(text: Any) -> dict[str, Any]:
    try:
        schema = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        schema = None
    if not isinstance(schema, dict):
        raise InvokeBadRequestError(
            "JSON Schema 参数不是 JSON 对象。 / The parameter json_schema is not a JSON object."
        )
    if isinstance(schema.get("schema"), dict):
        return {"name": "answer", **schema}
    return {"name": "answer", "schema": schema}


def _thinking(kind: str, enabled: Any) -> dict[str, Any]:
    """How this server is told to think or not; nothing unless the parameter is set."""
    if enabled is None or kind == "none":
        return {}
    if kind == "top_level":
        return {"enable_thinking": bool(enabled)}
    if kind == "effort":
        return {} if enabled else {"reasoning_effort": "none"}
    return {"chat_template_kwargs": {"enable_thinking": bool(enabled)}}
