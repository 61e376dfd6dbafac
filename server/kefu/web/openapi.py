"""`/openapi.json`, made from the routes themselves and their docstrings."""

from __future__ import annotations

import inspect
import re
from typing import Any

from flask import Flask

from kefu import __version__
from kefu.engine import TOOLS, fields_of

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
    paths.update({f"/tools/{name}": {"post": _tool(name, paths["/tools/{name}"]["post"])} for name in TOOLS})
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kefu", "version": __version__},
        "paths": dict(sorted(paths.items())),
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


def _tool(name: str, any_tool: dict[str, Any]) -> dict[str, Any]:
    """One tool's own path, with the fields that its request may have."""
    text = inspect.getdoc(TOOLS[name]) or ""
    fields = {field: {"type": "string", "description": meaning} for field, meaning in fields_of(name).items()}
    operation = {
        **any_tool,
        "operationId": f"post_tools_{name}",
        "summary": first_sentence(text),
        "description": text,
        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": fields}}}},
    }
    del operation["parameters"]
    return operation


def first_sentence(text: str) -> str:
    """What the text begins with, on one line."""
    return re.split(r"(?<=\.)\s", " ".join(text.split()), maxsplit=1)[0]


def _operation(app: Flask, rule: Any, method: str, path: str) -> dict[str, Any]:
    text = inspect.getdoc(app.view_functions[rule.endpoint]) or ""
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()}_{rule.endpoint.replace('.', '_')}",
        "summary": first_sentence(text),
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
