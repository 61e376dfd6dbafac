"""A file that people share holds no secret: known shapes of keys, and values under names that say so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kefu.dify.dsl.document import AppDocument
from kefu.dify.dsl.finding import Expected, Finding

_SECRET = re.compile(
    r"(kefu|sk|app|dataset|hf|ghp|xox[bp])-[A-Za-z0-9_\-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|Bearer [A-Za-z0-9_\-.]{20,}|gh[pousr]_[A-Za-z0-9]{30,}|\bA(KIA|SIA)[A-Z0-9]{16}\b|://[^/\s:@]+:[^/\s:@]+@"
)
_SECRET_NAME = re.compile(r"secret|token|password|passwd|api_?key", re.IGNORECASE)


def secrets(app: AppDocument, _: Expected) -> Iterator[Finding]:
    for path, text in _texts(app.raw):
        if _SECRET.search(text):
            yield Finding("secret", path, "looks like a token or key; a file that is shared must hold none")
    for row in app.raw["workflow"].get("environment_variables") or ():
        if row.get("value_type") == "secret" or _SECRET_NAME.search(str(row.get("name"))):
            yield Finding("secret", str(row.get("name")), "customers can read it with {{#env.…#}} through a classifier")
    for node_id, data in app.of_type("tool"):
        for name, value in {**(data.get("tool_parameters") or {}), **(data.get("tool_configurations") or {})}.items():
            if _SECRET_NAME.search(name) and isinstance(value, Mapping) and value.get("value"):
                yield Finding("secret", node_id, f"{name} is filled in; credentials belong to the plugin, not the app")


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _texts(part, f"{path}/{name}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _texts(part, f"{path}/{number}")
