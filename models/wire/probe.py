"""Real calls that show whether a server does what the credential form says; each failure names what is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dify_plugin.errors.model import CredentialsValidateFailedError, InvokeError

from wire import talk
from wire.answer import Reading

PREDEFINED = ("kefu-router", "kefu-local")
_SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
_TOOL = {
    "type": "function",
    "function": {
        "name": "report_city",
        "description": "Report the city that the user names.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def language_model(model: str, credentials: Mapping[str, Any]) -> None:
    """Chat, then JSON and tools where the form declares them. Raises CredentialsValidateFailedError."""
    if credentials.get("mode") == "completion":
        _ask(credentials, "/completions", {"model": model, "prompt": "ping", "max_tokens": 5})
        return
    _ask(credentials, "/chat/completions", _chat(model, "ping", max_tokens=5))
    if credentials.get("json_output") in ("json_object", "json_schema"):
        _json(model, credentials)
    if credentials.get("tools") in ("tool_call", "multi_tool_call"):
        _tools(model, credentials)


def embedding(model: str, credentials: Mapping[str, Any]) -> None:
    """One short text must come back as a vector."""
    answer = _call(credentials, "/embeddings", {"model": model, "input": ["ping"]})
    rows = answer.get("data")
    if not rows or not isinstance(rows[0].get("embedding"), list):
        raise CredentialsValidateFailedError(
            "接口没有返回向量：这个模型可能不是向量模型。 / No vector came back: this may be no embedding model."
        )


def gateway(credentials: Mapping[str, Any]) -> None:
    """The provider's own address must list kefu's built-in models."""
    try:
        answer = talk.get(credentials, "/models")
    except InvokeError as error:
        raise CredentialsValidateFailedError(str(error)) from error
    rows = answer.get("data") or []
    names = {row.get("id") for row in rows if isinstance(row, Mapping)}
    missing = [name for name in PREDEFINED if name not in names]
    if missing:
        raise CredentialsValidateFailedError(
            f"这个地址没有 {'、'.join(missing)}：它不是 kefu 服务器。其他模型服务请用“添加模型”。"
            f" / {', '.join(missing)} not offered there: this is not a kefu server. Use “Add model” for other servers."
        )


def _json(model: str, credentials: Mapping[str, Any]) -> None:
    wanted: dict[str, Any] = {"type": "json_object"}
    if credentials.get("json_output") == "json_schema":
        wanted = {"type": "json_schema", "json_schema": {"name": "probe", "schema": _SCHEMA}}
    question = "只回答一句话：今天心情如何？如果必须输出 JSON，则输出键 ok，值为 true。"
    body = {**_chat(model, question, max_tokens=256), "response_format": wanted}
    text = _ask(credentials, "/chat/completions", body)
    try:
        obeyed = isinstance(json.loads(text.rpartition("</think>")[2]), dict)
    except ValueError:
        obeyed = False
    if not obeyed:
        raise CredentialsValidateFailedError(
            f"服务端忽略了 response_format={wanted['type']}：请把“JSON 输出”改为“不支持”。"
            f" / The server ignores response_format={wanted['type']}: set “JSON output” to “not supported”."
        )


def _tools(model: str, credentials: Mapping[str, Any]) -> None:
    body = _chat(model, "请调用 report_city 上报城市：杭州。", max_tokens=256)
    reading = Reading()
    answer = _call(credentials, "/chat/completions", {**body, "tools": [_TOOL], "tool_choice": "auto"}, part="tools")
    list(reading.texts([answer]))
    if not reading.calls:
        raise CredentialsValidateFailedError(
            "服务端没有返回工具调用：请在服务端打开工具调用，或把“工具调用”改为“不支持”。"
            " / The server made no tool call: enable tool calling on it, or set “Tool calls” to “not supported”."
        )


def _ask(credentials: Mapping[str, Any], path: str, body: Mapping[str, Any]) -> str:
    answer = _call(credentials, path, body, part="JSON" if "response_format" in body else "chat")
    if not answer.get("choices"):
        raise CredentialsValidateFailedError(
            "回答里没有 choices，不是 OpenAI 兼容接口。 / The answer has no choices: not an OpenAI-compatible server."
        )
    return "".join(Reading().texts([answer]))


def _call(credentials: Mapping[str, Any], path: str, body: Mapping[str, Any], *, part: str = "") -> dict[str, Any]:
    try:
        return talk.post(credentials, path, body)
    except InvokeError as error:
        where = f"[{part}] " if part else ""
        raise CredentialsValidateFailedError(f"{where}{error}") from error


def _chat(model: str, question: str, *, max_tokens: int) -> dict[str, Any]:
    return {
        "model": model,
        "messages": [{"role": "user", "content": question}],
        "max_tokens": max_tokens,
        "temperature": 0,
        "stream": False,
    }
