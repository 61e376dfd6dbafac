"""Takes away what a deployment made, and nothing else; what is gone already is no error."""

from __future__ import annotations

from collections.abc import Callable

from kefu.dify import apps, credentials, datasets, plugins
from kefu.dify.console import Console
from kefu.dify.deploy import Line
from kefu.dify.state import State
from kefu.errors import KefuError, NotFound


def undeploy(console: Console, state: State, say: Callable[[Line], None]) -> int:
    """Number of things removed. Apps first, plugins last: each is still used by those before it."""
    removed = 0
    for name in sorted(state.made, key=_order):
        removed += _remove(console, state, name, say)
    if not state.made and not console.dry_run:
        state.digests.clear()
        state.save()
    return removed


_KINDS = ("app", "dataset", "knowledge_api", "default_model", "tool_credential", "model_credential", "plugin")


def _order(name: str) -> tuple[int, str]:
    kind = name.partition(":")[0]
    return (_KINDS.index(kind) if kind in _KINDS else len(_KINDS), name)


def _remove(console: Console, state: State, name: str, say: Callable[[Line], None]) -> int:
    kind, _, _ = name.partition(":")
    value = state.made[name]
    try:
        happened = _REMOVERS[kind](console, state, name, value)
    except NotFound:
        happened = "was gone already"
    except KefuError as error:
        say(Line(name, "failed", str(error)))
        return 0
    if not console.dry_run:
        state.forget(name)
    say(Line(name, "removed", happened))
    return 1


def _plugin(console: Console, state: State, name: str, identifier: str) -> str:
    present = plugins.installed_plugins(console).get(name.partition(":")[2])
    if present is None:
        return "was gone already"
    if present.identifier != identifier:
        return f"left: {present.identifier} is not what we installed"
    plugins.uninstall(console, present)
    return identifier.partition("@")[0]


def _default_model(console: Console, state: State, name: str, ours: str) -> str:
    """Back to the model before; Dify has no call that takes a default away."""
    provider, _, model = state.previous.get("default_model", "|").partition("|")
    if "|".join(credentials.default_model(console)) != ours:
        return "left: somebody chose another one since"
    if not model:
        return "left: there was none before, and Dify cannot take one away"
    credentials.set_default_model(console, provider, model)
    return f"back to {model}"


def _app(console: Console, state: State, name: str, app_id: str) -> str:
    apps.delete_app(console, app_id)
    return app_id


def _dataset(console: Console, state: State, name: str, dataset_id: str) -> str:
    datasets.delete_dataset(console, dataset_id)
    return dataset_id


def _knowledge_api(console: Console, state: State, name: str, api_id: str) -> str:
    datasets.delete_api(console, api_id)
    return api_id


def _tool_credential(console: Console, state: State, name: str, credential_id: str) -> str:
    credentials.delete_tool_credential(console, credential_id)
    return credential_id


def _model_credential(console: Console, state: State, name: str, credential_id: str) -> str:
    credentials.delete_model_credential(console, credential_id)
    return credential_id


_REMOVERS: dict[str, Callable[[Console, State, str, str], str]] = {
    "app": _app,
    "dataset": _dataset,
    "knowledge_api": _knowledge_api,
    "default_model": _default_model,
    "tool_credential": _tool_credential,
    "model_credential": _model_credential,
    "plugin": _plugin,
}
