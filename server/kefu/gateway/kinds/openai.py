"""Any other OpenAI-compatible server: structured outputs need an object at the root."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.gateway.kinds.kind import Extra, Kind, json_schema


def _choice(labels: Sequence[str]) -> Extra:
    choice = {"type": "string", "enum": list(labels)}
    return json_schema(
        {"type": "object", "properties": {"c": choice}, "required": ["c"], "additionalProperties": False}
    )


OPENAI = Kind("OpenAI-compatible", choice=_choice, schema=json_schema)
