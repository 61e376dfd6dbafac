"""`/openapi.json`, made from the routes themselves and their docstrings."""

from __future__ import annotations

import inspect
import re
from typing import Any

from flask import Flask

from kefu import __version__

_OPEN = {"/healthz", "/readyz", "/metrics", "/openapi.json"}


def describe(app: Flask) -> dict[str, Any]:
    """OpenAPI 3.1 of every JSON route of ``app`` (pages and static files left out)."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: r.rule):
        if rule.endpoint.endswith("static") or rule.rule.startswith(("/admin", "/playground")) or rule.rule == "/":
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _operation(app, rule, method, path)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kefu", "version": __version__},
        "paths": paths,
        "components": {
            "securitySchemes": {"shopToken": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Error": _ERROR},
        },
    }


_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "hint"],
            "properties": {name: {"type": "string"} for name in ("code", "message", "hint")},
        }
    },
}


def _operation(app: Flask, rule: Any, method: str, path: str) -> dict[str, Any]:
    text = inspect.getdoc(app.view_functions[rule.endpoint]) or rule.endpoint
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()}_{rule.endpoint.replace('.', '_')}",
        "summary": text.splitlines()[0],
        "description": text,
        "responses": {
            "200": {"description": "done", "content": {"application/json": {"schema": {}}}},
            "default": {
                "description": "an error",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        },
    }
    if rule.rule not in _OPEN:
        operation["security"] = [{"shopToken": []}]
    names = re.findall(r"\{(\w+)\}", path)
    if names:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
        ]
    if method in ("POST", "PUT", "PATCH"):
        operation["requestBody"] = {"content": {"application/json": {"schema": {"type": "object"}}}}
    return operation
