"""What may be shown of a call's body: names, never secrets, never whole files."""

from __future__ import annotations

import json
from typing import Any

_SECRET_WORDS = ("password", "token", "api_key", "secret", "authorization")
_LONGEST = 120


def redacted(body: Any) -> str:
    """One line of JSON with secret values replaced and long texts cut; empty for no body."""
    return json.dumps(_clean(body), ensure_ascii=False) if body else ""


def _clean(value: Any, name: str = "") -> Any:
    if any(word in name.lower() for word in _SECRET_WORDS) and isinstance(value, str):
        return "***"
    if isinstance(value, dict):
        return {key: _clean(item, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item, name) for item in value]
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:40]}… ({len(value)} characters)"
    return value
