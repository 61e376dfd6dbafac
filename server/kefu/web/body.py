"""Read the JSON of a request into what a handler needs, with one clear answer to anything wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import request
from flask.json.provider import DefaultJSONProvider

from kefu.errors import BadInput


class WholeText(DefaultJSONProvider):
    """JSON whose texts can always be stored and sent: half a surrogate pair, as a channel that cuts an emoji sends it,
    becomes the replacement character. What is nested beyond measure is bad JSON."""

    ensure_ascii = False
    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            value = json.loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("nested beyond measure") from error
        if (b"\\ud" if isinstance(s, bytes) else "\\ud") not in s.lower():  # type: ignore[operator]
            return value
        text = json.dumps(value, ensure_ascii=False)
        return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def json_object() -> Mapping[str, Any]:
    """The request's body as an object; an empty body is an empty object. Raises BadInput."""
    if not request.get_data(cache=True):
        return {}
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, Mapping):
        raise BadInput("The body is no JSON object.", 'Send a body such as {"a": 1}.')
    return body


def text_of(body: Mapping[str, Any], name: str, *, default: str = "", required: bool = False) -> str:
    """The text ``name``; numbers are taken as text, other types raise BadInput."""
    value = body.get(name, default)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if value is None:
        value = default
    if not isinstance(value, str):
        raise BadInput(f"{name} is no text.", f'Send "{name}": "…".')
    if required and not value.strip():
        raise BadInput(f"{name} is empty.", f'Send "{name}": "…".')
    return value


def texts_of(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The list of texts ``name``, empty if absent. Raises BadInput."""
    value = body.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadInput(f"{name} is no list of texts.", f'Send "{name}": ["…"].')
    return tuple(value)


def number_in_query(name: str, default: int, most: int) -> int:
    """The whole number ``name`` of the query string, 0 to ``most``. Raises BadInput."""
    raw = request.args.get(name, str(default))
    if not raw.isascii() or not raw.isdigit() or int(raw[:12]) > most:
        raise BadInput(f"{name}={raw[:20]} is no number from 0 to {most}.", f"Leave it out for {default}.")
    return int(raw)
