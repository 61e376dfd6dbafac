"""Apps of a workspace: find, import in place, publish, keys, export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kefu.dify.console import Console
from kefu.errors import BadInput, NotFound


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import made of a file; ``warning`` is Dify's word on another DSL version."""

    app_id: str
    warning: str = ""


def find_app(console: Console, name: str, mode: str) -> str:
    """The id of the app of exactly this name; empty if there is none. Dify's own filter takes parts of a name."""
    page = 1
    while True:
        answer = console.get("/apps", page=page, limit=100, name=name[:30], mode=mode)
        for row in answer["data"]:
            if row["name"] == name:
                return str(row["id"])
        if not answer.get("has_more"):
            return ""
        page += 1


def datasets_read_by(console: Console, app_id: str) -> frozenset[str]:
    """The ids of the datasets that the knowledge nodes of the app's draft read."""
    nodes = console.get(f"/apps/{app_id}/workflows/draft")["graph"]["nodes"]
    return frozenset(str(name) for node in nodes for name in node["data"].get("dataset_ids") or ())


def app_exists(console: Console, app_id: str) -> bool:
    try:
        console.get(f"/apps/{app_id}")
    except NotFound:
        return False
    return True


def import_app(console: Console, text: str, app_id: str = "") -> Imported:
    """Make an app of a DSL file, or replace the draft of ``app_id``. Raises BadInput with Dify's reason."""
    body = {"mode": "yaml-content", "yaml_content": text, **({"app_id": app_id} if app_id else {})}
    made = {"status": "completed", "app_id": app_id or "new"}
    answer = console.post("/apps/imports", body, again=bool(app_id), instead=made)
    if answer["status"] == "pending":
        answer = console.post(f"/apps/imports/{answer['id']}/confirm", {})
    if answer["status"] not in ("completed", "completed-with-warnings"):
        raise BadInput(f"Dify did not import the app: {answer.get('error')}", "`./kefu dsl check` shows what is wrong.")
    warning = (
        "" if answer["status"] == "completed" else f"imported with a warning ({answer.get('imported_dsl_version')})"
    )
    return Imported(str(answer["app_id"]), warning)


def missing_plugins(console: Console, app_id: str) -> list[str]:
    """Plugins that the imported file names and the workspace lacks."""
    rows = console.get(f"/apps/imports/{app_id}/check-dependencies")["leaked_dependencies"]
    return [str(row["value"].get("plugin_unique_identifier") or row["value"]) for row in rows]


def publish(console: Console, app_id: str, comment: str) -> None:
    """Only now do customers meet the draft. The name of the version may have 20 characters."""
    body = {"marked_name": "kefu deploy", "marked_comment": comment[:100]}
    console.post(f"/apps/{app_id}/workflows/publish", body, again=True)


def is_published(console: Console, app_id: str) -> bool:
    return bool(console.get(f"/apps/{app_id}/workflows/publish"))


def api_key(console: Console, app_id: str) -> tuple[str, str, bool]:
    """Id, key and whether it was made now. The first that is there is used: Dify allows ten an app."""
    rows = console.get(f"/apps/{app_id}/api-keys")["data"]
    if rows:
        return rows[0]["id"], rows[0]["token"], False
    row = new_key(console, app_id)
    return row["id"], row["token"], True


def new_key(console: Console, app_id: str) -> dict[str, Any]:
    return dict(console.post(f"/apps/{app_id}/api-keys", {}, instead={"id": "new", "token": ""}))


def export_app(console: Console, app_id: str) -> str:
    """The draft as a DSL file, dataset ids in this workspace's own encryption."""
    return str(console.get(f"/apps/{app_id}/export", include_secret="false")["data"])


def delete_app(console: Console, app_id: str) -> None:
    console.delete(f"/apps/{app_id}")


def site_url(console: Console, app_id: str) -> str:
    """The web page of the app that customers may open; empty if Dify names none."""
    app = console.get(f"/apps/{app_id}")
    site = app.get("site") or {}
    base, code = site.get("app_base_url"), site.get("access_token") or site.get("code")
    page = "workflow" if app.get("mode") == "workflow" else "chat"
    return f"{base}/{page}/{code}" if base and code else ""
