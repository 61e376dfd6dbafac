"""Any other OpenAI-compatible server: structured outputs need an object at the root.

Only with `strict` does the service hold the model to the schema, and without spaces; strict refuses objects whose
members are not listed. The choice's one key is `~` because ``{"~":"3"}`` is four tokens to the tokenizers of the GPT-4
and Qwen families, which write ``~":"`` as one; with a letter for the key it is five.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kefu.gateway.kinds.kind import Extra, Kind, json_schema

KEY = "~"


def _choice(labels: Sequence[str]) -> Extra:
    choice = {"type": "string", "enum": list(labels)}
    return _strict({"type": "object", "properties": {KEY: choice}, "required": [KEY], "additionalProperties": False})


def _schema(schema: Mapping[str, Any]) -> Extra:
    return _strict(schema) if all(map(_takes_strict, schema["properties"].values())) else json_schema(schema)


def _takes_strict(spec: Mapping[str, Any]) -> bool:
    items = spec.get("items")
    return spec.get("type") != "array" or (isinstance(items, Mapping) and items.get("type", "object") != "object")


def _strict(schema: Mapping[str, Any]) -> Extra:
    extra = json_schema(schema)
    extra["response_format"]["json_schema"]["strict"] = True
    return extra


OPENAI = Kind("OpenAI-compatible", choice=_choice, schema=_schema)
