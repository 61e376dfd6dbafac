"""Ollama's /v1: a JSON schema in response_format, whose root may be an enumeration; thinking by reasoning_effort."""

from __future__ import annotations

from kefu.gateway.kinds.kind import Kind, json_schema

OLLAMA = Kind(
    "Ollama",
    choice=lambda labels: json_schema({"type": "string", "enum": list(labels)}),
    schema=json_schema,
    think=lambda on: {} if on else {"reasoning_effort": "none"},
)
