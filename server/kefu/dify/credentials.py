"""Credentials of our two plugins in a workspace, and its default model.

Dify masks secrets when asked, so what was sent is remembered as a digest; ``HIDDEN`` keeps the stored secret.
Dify before 1.7 knows one tool credential a provider, before 1.8 one model credential a provider.
"""

from __future__ import annotations

from typing import Any

from kefu.dify.console import Console, version_key
from kefu.dify.dsl.tools import MODEL_PROVIDER, TOOL_PROVIDER
from kefu.errors import BadInput, KefuError

HIDDEN = "[__HIDDEN__]"
NAME = "kefu"
_TOOLS = f"/workspaces/current/tool-provider/builtin/{TOOL_PROVIDER}"
_MODELS = f"/workspaces/current/model-providers/{MODEL_PROVIDER}"
_DEFAULT = "/workspaces/current/default-model"
SERVER_HELP = (
    "The plugin calls the kefu server from inside Dify's plugin_daemon container: there localhost is the container "
    "itself. Give --server-url as seen from it, for example http://kefu:8790 or http://host.docker.internal:8790."
)


def tool_credential_id(console: Console) -> str:
    """The id of the credential that we made; empty if there is none, ``only`` on a Dify that has just one."""
    answer = console.get(f"{_TOOLS}/credentials")
    if isinstance(answer, dict):
        return "only" if answer.get("server_url") else ""
    return next((row["id"] for row in answer if row["name"] == NAME), "")


def tool_server_url(console: Console) -> str:
    """The server's address as the tools plugin knows it; empty if there is no credential of ours."""
    answer = console.get(f"{_TOOLS}/credentials")
    if isinstance(answer, dict):
        return str(answer.get("server_url") or "")
    return next((str(row["credentials"].get("server_url", "")) for row in answer if row["name"] == NAME), "")


def save_tool_credential(console: Console, credential_id: str, server_url: str, token: str) -> str:
    """Make or change it (validated in the plugin's process), make it the default; gives its id."""
    body: dict[str, Any] = {"credentials": {"server_url": server_url, "token": token}}
    if version_key(console.version) < (1, 7):
        _explained(lambda: console.post(f"{_TOOLS}/update", body))
        return "only"
    if credential_id:
        _explained(lambda: console.post(f"{_TOOLS}/update", {"credential_id": credential_id, **body, "name": NAME}))
        return credential_id
    _explained(lambda: console.post(f"{_TOOLS}/add", {**body, "type": "api-key", "name": NAME}))
    made = "new" if console.dry_run else tool_credential_id(console)
    console.post(f"{_TOOLS}/default-credential", {"id": made}, again=True)
    return made


def delete_tool_credential(console: Console, credential_id: str) -> None:
    console.post(f"{_TOOLS}/delete", {"credential_id": credential_id} if credential_id != "only" else {})


def model_credential_id(console: Console) -> str:
    """Like ``tool_credential_id``, for the built-in models."""
    providers = console.get("/workspaces/current/model-providers", model_type="llm")["data"]
    ours = next((row for row in providers if row["provider"] == MODEL_PROVIDER), None)
    custom = (ours or {}).get("custom_configuration") or {}
    if version_key(console.version) < (1, 8):
        return "only" if custom.get("status") == "active" else ""
    rows = custom.get("available_credentials") or ()
    return next((row["credential_id"] for row in rows if row["credential_name"] == NAME), "")


def save_model_credential(console: Console, credential_id: str, server_url: str, token: str) -> str:
    """Make or change it; Dify calls the server's /models through the plugin before it stores anything."""
    body: dict[str, Any] = {"credentials": {"endpoint_url": f"{server_url}/v1", "api_key": token}}
    if version_key(console.version) < (1, 8):
        _explained(lambda: console.post(_MODELS, body))
        return "only"
    if credential_id:
        _explained(
            lambda: console.put(f"{_MODELS}/credentials", {**body, "credential_id": credential_id, "name": NAME})
        )
        return credential_id
    _explained(lambda: console.post(f"{_MODELS}/credentials", {**body, "name": NAME}))
    return "new" if console.dry_run else model_credential_id(console)


def delete_model_credential(console: Console, credential_id: str) -> None:
    if credential_id == "only":
        console.delete(_MODELS)
    else:
        console.delete(f"{_MODELS}/credentials", {"credential_id": credential_id})


def active_models(console: Console) -> frozenset[str]:
    """Names of our models that a node may use now."""
    providers = console.get("/workspaces/current/models/model-types/llm")["data"]
    ours = [model for row in providers if row["provider"] == MODEL_PROVIDER for model in row["models"]]
    return frozenset(model["model"] for model in ours if model["status"] == "active")


def default_model(console: Console) -> tuple[str, str]:
    """Provider and model of the workspace's default language model; two empty strings if it has none."""
    row = console.get(_DEFAULT, model_type="llm").get("data") or {}
    return (row.get("provider") or {}).get("provider", ""), row.get("model", "")


def set_default_model(console: Console, provider: str, model: str) -> None:
    setting = {"model_type": "llm", "provider": provider, "model": model}
    console.post(_DEFAULT, {"model_settings": [setting]}, again=True)


def _explained(call: Any) -> None:
    """A refusal at saving comes from the plugin's own call of the server: say where that call starts."""
    try:
        call()
    except BadInput as error:
        raise BadInput(f"The plugin cannot use the kefu server: {plugin_words(error)}", SERVER_HELP) from error


def plugin_words(error: KefuError) -> str:
    """The plugin's own message inside Dify's wrapping of it."""
    text = error.message
    for mark in ('"message":"', "PluginInvokeError: "):
        if mark in text:
            return text.rpartition(mark)[2].rstrip('"} ')
    return text
