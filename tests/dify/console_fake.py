"""A Dify console and service API that behaves as recorded on 1.14, with faults on demand, over real HTTP."""

from __future__ import annotations

import base64
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import yaml
from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from kefu.dify import package
from kefu.dify.console import version_key
from kefu.dify.dsl.dataset_ids import encrypted
from kefu.dify.sign import is_signed

W = "/console/api/workspaces/current"
TOOLS = f"{W}/tool-provider/builtin/kefu/kefu-tools/kefu"
MODELS = f"{W}/model-providers/kefu/kefu-models/kefu"
ADMIN_KEY = "admin-key-of-the-fake"
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
COOKIES_SINCE = (1, 10)
PLAIN_DATASETS_SINCE = (1, 9)
MODEL_NAMES = ("kefu", "kefu-local", "kefu-router")


@dataclass(slots=True)
class Fault:
    """Answers ``status`` to the next ``times`` calls whose "METHOD path" contains ``call``."""

    call: str
    status: int
    times: int = 1
    body: Any = None


@dataclass(slots=True)
class Dify:
    """The state of the fake. ``calls`` are the writes, as "METHOD path"."""

    version: str = "1.14.1"
    role: str = "owner"
    set_up: bool = True
    signature_forced: bool = False
    server_reachable: bool = True
    knowledge_error: str = ""
    task_polls: int = 2
    task_fails: str = ""
    task_error: str = "failed to create virtual environment: dns error"
    daemon_misreads: bool = False
    chat_error: str = ""
    url: str = ""
    email: str = "admin@example.com"
    password: str = "Kefu12345678"
    session: int = 0
    faults: list[Fault] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    uploaded: dict[str, bytes] = field(default_factory=dict)
    installed: dict[str, dict[str, Any]] = field(default_factory=dict)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    tool_credentials: list[dict[str, Any]] = field(default_factory=list)
    model_credentials: list[dict[str, Any]] = field(default_factory=list)
    default_model: dict[str, str] = field(default_factory=dict)
    knowledge_apis: list[dict[str, Any]] = field(default_factory=list)
    datasets: list[dict[str, Any]] = field(default_factory=list)
    apps: dict[str, dict[str, Any]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    speakers: set[str] = field(default_factory=set)

    def writes(self) -> list[str]:
        """Calls that changed something, without signing in."""
        quiet = ("/login", "/refresh-token", "/v1/", f"{W.removeprefix('/console/api')} ")
        return [call for call in self.calls if not any(word in f"{call} " for word in quiet)]


def make_app(dify: Dify) -> Flask:
    app = Flask("console_fake")

    @app.before_request
    def guard() -> Response | None:
        call = f"{request.method} {request.path.removeprefix('/console/api')}"
        if request.method != "GET" and "hit-testing" not in call:
            dify.calls.append(call)
        for fault in dify.faults:
            if fault.times and fault.call in call:
                fault.times -= 1
                return _error(fault.status, fault.body or {"code": "unknown", "message": "Internal Server Error"})
        if request.path.startswith("/v1") or request.path.endswith(("/setup", "/init", "/login", "/refresh-token")):
            return None
        return _unauthorised(dify)

    @app.after_request
    def name_version(answer: Response) -> Response:
        answer.headers["X-Version"] = dify.version
        return answer

    _account(app, dify)
    _plugins(app, dify)
    _credentials(app, dify)
    _knowledge(app, dify)
    _apps(app, dify)
    _service(app, dify)
    return app


def _error(status: int, body: Any) -> Response:
    answer = jsonify({"status": status, **body})
    answer.status_code = status
    return answer


def _refused(message: str, status: int = 400) -> Response:
    return _error(status, {"code": "invalid_param", "message": message})


def _unauthorised(dify: Dify) -> Response | None:
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if bearer == ADMIN_KEY:
        known = request.headers.get("X-WORKSPACE-ID") == "w1" or request.path.endswith("/all-workspaces")
        return None if known else _refused("unauthorized", 401)
    cookies = request.cookies
    if bearer and bearer == f"access-{dify.session}" and version_key(dify.version) < COOKIES_SINCE:
        return None
    fresh = cookies.get("access_token") == f"access-{dify.session}"
    if not fresh or request.headers.get("X-CSRF-Token") != cookies.get("csrf_token"):
        return _error(401, {"code": "unauthorized", "message": "CSRF token is missing or invalid."})
    rights = ("plugin/", "credentials", "/add", "/update", "/delete")
    if dify.role not in ("owner", "admin") and request.method != "GET" and any(part in request.path for part in rights):
        return _error(403, {"code": "forbidden", "message": "You don't have the permission."})
    return None


def _account(app: Flask, dify: Dify) -> None:
    @app.get("/console/api/setup")
    def setup_state() -> Any:
        return {"step": "finished" if dify.set_up else "not_started"}

    @app.post("/console/api/setup")
    def setup() -> Any:
        body = request.get_json()
        if dify.set_up:
            return _refused("Forbidden", 403)
        dify.set_up, dify.email, dify.password = True, body["email"], body["password"]
        return {"result": "success"}, 201

    @app.get("/console/api/init")
    def init() -> Any:
        return {"status": "finished"}

    @app.post("/console/api/login")
    def login() -> Any:
        body = request.get_json()
        if not dify.set_up:
            return _error(401, {"code": "not_setup", "message": "Dify has not been initialized and installed yet."})
        try:
            encoded = version_key(dify.version) >= (1, 11, 2)
            password = base64.b64decode(body["password"], validate=True).decode() if encoded else body["password"]
        except ValueError:
            return _error(401, {"code": "authentication_failed", "message": "Invalid encrypted data"})
        if (body["email"], password) != (dify.email, dify.password):
            return _error(401, {"code": "authentication_failed", "message": "Invalid email or password."})
        if version_key(dify.version) < COOKIES_SINCE:
            dify.session += 1
            return {"result": "success", "data": {"access_token": f"access-{dify.session}", "refresh_token": "r"}}
        return _with_session(dify)

    @app.post("/console/api/refresh-token")
    def refresh() -> Any:
        if request.cookies.get("refresh_token") != "refresh":
            return _error(401, {"code": "unauthorized", "message": "Invalid refresh token"})
        return _with_session(dify)

    @app.get("/console/api/all-workspaces")
    def all_workspaces() -> Any:
        return {"data": [{"id": "w1", "name": "Shop"}], "has_more": False}

    @app.route(W, methods=["GET", "POST"])
    def current() -> Any:
        if request.method != ("POST" if version_key(dify.version) >= COOKIES_SINCE else "GET"):
            return _error(405, {"code": "method_not_allowed", "message": "The method is not allowed."})
        return {"id": "w1", "name": "Shop", "role": dify.role}


def _with_session(dify: Dify) -> Response:
    dify.session += 1
    answer = jsonify({"result": "success"})
    for name, value in (("access_token", f"access-{dify.session}"), ("refresh_token", "refresh")):
        answer.set_cookie(name, value, httponly=True)
    answer.set_cookie("csrf_token", f"csrf-{dify.session}")
    return answer


def _plugins(app: Flask, dify: Dify) -> None:
    @app.get(f"{W}/plugin/list")
    def listed() -> Any:
        return {"plugins": list(dify.installed.values()), "total": len(dify.installed)}

    @app.post(f"{W}/plugin/upload/pkg")
    def upload() -> Any:
        data = request.files["pkg"].read()
        if dify.signature_forced and not is_signed(data):
            text = "plugin verification has been enabled, and the plugin you want to install has a bad signature"
            return _error(400, {"code": "plugin_error", "message": text})
        identifier = package.identifier(data)
        dify.uploaded[identifier] = data
        return {"unique_identifier": identifier, "manifest": {}}

    @app.post(f"{W}/plugin/install/pkg")
    def install() -> Any:
        identifiers = request.get_json()["plugin_unique_identifiers"]
        if dify.daemon_misreads:
            return _error(500, {"code": "unknown", "message": "Internal Server Error"})
        if len(identifiers) != 1:
            return _refused("the number of metas must be equal to the number of plugin unique identifiers")
        if identifiers[0] not in dify.uploaded:
            return _refused("plugin package not found, please upload it firstly")
        if any(row["plugin_unique_identifier"] == identifiers[0] for row in dify.installed.values()):
            return {"all_installed": True, "task_id": ""}
        task = str(uuid.uuid4())
        dify.tasks[task] = {"identifier": identifiers[0], "polls": dify.task_polls}
        return {"all_installed": False, "task_id": task}

    @app.get(f"{W}/plugin/tasks/<task>")
    def polled(task: str) -> Any:
        row = dify.tasks[task]
        identifier, plugin_id = row["identifier"], row["identifier"].partition(":")[0]
        status, message = "running", "starting"
        if row["polls"] > 0:
            row["polls"] -= 1
        elif dify.task_fails and dify.task_fails in identifier:
            status, message = "failed", dify.task_error
        else:
            status, message = "success", "installed"
            present = dify.installed.get(plugin_id)
            if present is None:
                dify.installed[plugin_id] = {
                    "plugin_id": plugin_id,
                    "plugin_unique_identifier": identifier,
                    "installation_id": str(uuid.uuid4()),
                }
        plugin = {"plugin_unique_identifier": identifier, "plugin_id": plugin_id, "status": status, "message": message}
        return {"task": {"id": task, "status": status, "plugins": [plugin]}}

    @app.post(f"{W}/plugin/uninstall")
    def uninstall() -> Any:
        wanted = request.get_json()["plugin_installation_id"]
        gone = next((row for row in dify.installed.values() if row["installation_id"] == wanted), None)
        if gone is not None:
            del dify.installed[gone["plugin_id"]]
            dify.uploaded.pop(gone["plugin_unique_identifier"], None)
            if gone["plugin_id"] == "kefu/kefu-models":
                dify.model_credentials.clear()  # of the provider; those of single models and of tools stay
        return {"success": True}


def _credentials(app: Flask, dify: Dify) -> None:
    def refusal(kind: str, plugin: str) -> Response | None:
        if plugin not in dify.installed:
            return _refused(f"Provider {plugin} does not exist.")
        if not dify.server_reachable:
            inner = json.dumps({"args": {}, "error_type": kind, "message": "The kefu server does not answer."})
            return _refused(f"req_id: 338c18e34b PluginInvokeError: {inner}")
        return None

    def store(rows: list[dict[str, Any]], row: dict[str, Any], secret: str) -> None:
        before = next((known for known in rows if known["id"] == row["id"]), None)
        if before is not None:
            if row["credentials"].get(secret) == "[__HIDDEN__]":
                row["credentials"][secret] = before["credentials"][secret]
            before.update(row)
        else:
            rows.append(row)

    @app.get(f"{TOOLS}/credentials")
    def tool_list() -> Any:
        if "kefu/kefu-tools" not in dify.installed:
            return _error(500, {"code": "unknown", "message": "Internal Server Error"})
        return jsonify(
            [{**row, "credentials": {**row["credentials"], "token": "***"}} for row in dify.tool_credentials]
        )

    @app.post(f"{TOOLS}/add")
    def tool_add() -> Any:
        body = request.get_json()
        if any(row["name"] == body["name"] for row in dify.tool_credentials):
            return _refused(f"the credential name '{body['name']}' is already used")
        no = refusal("ToolProviderCredentialValidationError", "kefu/kefu-tools")
        if no is None:
            store(dify.tool_credentials, {"id": str(uuid.uuid4()), **body}, "token")
        return no or {"result": "success"}

    @app.post(f"{TOOLS}/update")
    def tool_update() -> Any:
        body = request.get_json()
        no = refusal("ToolProviderCredentialValidationError", "kefu/kefu-tools")
        if no is None:
            store(dify.tool_credentials, {"id": body.pop("credential_id"), **body}, "token")
        return no or {"result": "success"}

    @app.post(f"{TOOLS}/default-credential")
    def tool_default() -> Any:
        return {"result": "success"}

    @app.post(f"{TOOLS}/delete")
    def tool_delete() -> Any:
        wanted = request.get_json()["credential_id"]
        dify.tool_credentials = [row for row in dify.tool_credentials if row["id"] != wanted]
        return {"result": "success"}

    @app.get(f"{W}/model-providers")
    def providers() -> Any:
        if "kefu/kefu-models" not in dify.installed:
            return {"data": []}
        rows = [{"credential_id": row["id"], "credential_name": row["name"]} for row in dify.model_credentials]
        custom = {"status": "active" if rows else "no-configure", "available_credentials": rows}
        return {"data": [{"provider": "kefu/kefu-models/kefu", "custom_configuration": custom}]}

    @app.post(f"{MODELS}/credentials")
    def model_add() -> Any:
        body = request.get_json()
        no = refusal("CredentialsValidateFailedError", "kefu/kefu-models")
        if no is None:
            store(dify.model_credentials, {"id": str(uuid.uuid4()), **body}, "api_key")
        return no or ({"result": "success"}, 201)

    @app.put(f"{MODELS}/credentials")
    def model_update() -> Any:
        body = request.get_json()
        no = refusal("CredentialsValidateFailedError", "kefu/kefu-models")
        if no is None:
            store(dify.model_credentials, {"id": body.pop("credential_id"), **body}, "api_key")
        return no or {"result": "success"}

    @app.delete(f"{MODELS}/credentials")
    def model_delete() -> Any:
        wanted = request.get_json()["credential_id"]
        dify.model_credentials = [row for row in dify.model_credentials if row["id"] != wanted]
        return "", 204

    @app.get(f"{W}/models/model-types/llm")
    def models() -> Any:
        rows = [{"model": name, "status": "active"} for name in MODEL_NAMES] if dify.model_credentials else []
        return {"data": [{"provider": "kefu/kefu-models/kefu", "models": rows}] if rows else []}

    @app.get(f"{W}/default-model")
    def default_model() -> Any:
        if not dify.default_model:
            return {"data": None}
        row = dify.default_model
        return {"data": {"model": row["model"], "provider": {"provider": row["provider"]}}}

    @app.post(f"{W}/default-model")
    def set_default() -> Any:
        dify.default_model = request.get_json()["model_settings"][0]
        return {"result": "success"}


def _knowledge(app: Flask, dify: Dify) -> None:
    base = "/console/api/datasets/external-knowledge-api"

    def page(rows: list[dict[str, Any]]) -> Any:
        number, limit = int(request.args.get("page", 1)), min(int(request.args.get("limit", 20)), 2)
        return {"data": rows[(number - 1) * limit : number * limit], "has_more": len(rows) > number * limit}

    @app.get(base)
    def apis() -> Any:
        return page(dify.knowledge_apis)

    @app.post(base)
    def add_api() -> Any:
        body = request.get_json()
        if not dify.server_reachable:
            return _refused(f"failed to connect to the endpoint: {body['settings']['endpoint']}/retrieval")
        dify.knowledge_apis.append({"id": str(uuid.uuid4()), **body})
        return dify.knowledge_apis[-1], 201

    @app.route(f"{base}/<api_id>", methods=["PATCH", "DELETE"])
    def change_api(api_id: str) -> Any:
        row = next((row for row in dify.knowledge_apis if row["id"] == api_id), None)
        if row is None:
            return _refused("not found", 404)
        if request.method == "DELETE":
            dify.knowledge_apis.remove(row)
            return "", 204
        row.update(request.get_json())
        return row

    @app.get("/console/api/datasets")
    def datasets() -> Any:
        return page(dify.datasets)

    @app.post("/console/api/datasets/external")
    def add_dataset() -> Any:
        body = request.get_json()
        if any(row["name"] == body["name"] for row in dify.datasets):
            return _error(409, {"code": "dataset_name_duplicate", "message": "The dataset name already exists."})
        dify.datasets.append(_dataset(str(uuid.uuid4()), body))
        return dify.datasets[-1], 201

    @app.route("/console/api/datasets/<dataset_id>", methods=["PATCH", "DELETE"])
    def change_dataset(dataset_id: str) -> Any:
        row = next((row for row in dify.datasets if row["id"] == dataset_id), None)
        if row is None:
            return _refused("Dataset not found.", 404)
        if request.method == "DELETE":
            dify.datasets.remove(row)
            return "", 204
        row.update(_dataset(dataset_id, request.get_json()))
        return row

    @app.post("/console/api/datasets/<dataset_id>/external-hit-testing")
    def hit_test(dataset_id: str) -> Any:
        if dify.knowledge_error:
            return _error(500, {"code": "internal_server_error", "message": dify.knowledge_error})
        return {"records": [{"content": "七天无理由退换", "title": "退换", "score": 0.9, "metadata": {}}]}


def _dataset(dataset_id: str, body: dict[str, Any]) -> dict[str, Any]:
    info = {key: body[key] for key in ("external_knowledge_id", "external_knowledge_api_id")}
    return {
        "id": dataset_id,
        "name": body["name"],
        "provider": "external",
        "permission": body.get("permission", "only_me"),
        "external_knowledge_info": info,
        "external_retrieval_model": body["external_retrieval_model"],
    }


def _apps(app: Flask, dify: Dify) -> None:
    @app.get("/console/api/apps")
    def listed_apps() -> Any:
        name, mode = request.args.get("name", ""), request.args.get("mode")
        rows = [{"id": key, "name": row["name"]} for key, row in dify.apps.items() if name in row["name"]]
        return {"data": [row for row in rows if dify.apps[row["id"]]["mode"] == mode], "has_more": False}

    @app.post("/console/api/apps/imports")
    def imported() -> Any:
        body = request.get_json()
        document = yaml.load(body["yaml_content"], Loader=LOADER)
        result = {"id": str(uuid.uuid4()), "status": "completed", "error": ""}
        app_id = body.get("app_id") or str(uuid.uuid4())
        if body.get("app_id") and body["app_id"] not in dify.apps:
            return _error(400, {**result, "status": "failed", "error": "App not found"})
        if version_key(dify.version) < PLAIN_DATASETS_SINCE:
            _drop_plain_datasets(document, {encrypted(row["id"], "w1") for row in dify.datasets})
        row = dify.apps.setdefault(app_id, {"keys": [], "published": None})
        row.update(name=document["app"]["name"], mode=document["app"]["mode"], draft=document)
        return {**result, "app_id": app_id}

    @app.get("/console/api/apps/imports/<app_id>/check-dependencies")
    def dependencies(app_id: str) -> Any:
        return {"leaked_dependencies": []}

    @app.route("/console/api/apps/<app_id>", methods=["GET", "DELETE"])
    def one(app_id: str) -> Any:
        if app_id not in dify.apps:
            return _refused("App not found", 404)
        if request.method == "DELETE":
            del dify.apps[app_id]
            return "", 204
        return {
            "id": app_id,
            "mode": dify.apps[app_id]["mode"],
            "site": {"access_token": "code", "app_base_url": "http://dify.test"},
        }

    @app.get("/console/api/apps/<app_id>/export")
    def export(app_id: str) -> Any:
        document = json.loads(json.dumps(dify.apps[app_id]["draft"]))
        for node in document["workflow"]["graph"]["nodes"]:
            if "dataset_ids" in node["data"]:
                node["data"]["dataset_ids"] = ["encrypted"]
        document["workflow"]["rag_pipeline_variables"] = []
        return {"data": yaml.dump(document, Dumper=DUMPER, allow_unicode=True)}

    @app.get("/console/api/apps/<app_id>/workflows/draft")
    def draft(app_id: str) -> Any:
        return {"id": "x", "graph": dify.apps[app_id]["draft"]["workflow"]["graph"]}

    @app.route("/console/api/apps/<app_id>/workflows/publish", methods=["GET", "POST"])
    def publish(app_id: str) -> Any:
        row = dify.apps[app_id]
        if request.method == "GET":
            return jsonify({"id": "x"} if row["published"] else None)
        if len(request.get_json().get("marked_name", "")) > 20:
            return _refused("Marked name cannot exceed 20 characters")
        row["published"] = row["draft"]
        return {"result": "success"}

    @app.route("/console/api/apps/<app_id>/api-keys", methods=["GET", "POST"])
    def keys(app_id: str) -> Any:
        rows = dify.apps[app_id]["keys"]
        if request.method == "GET":
            return {"data": rows}
        rows.append({"id": str(uuid.uuid4()), "token": f"app-{app_id}"})
        return rows[-1], 201


def _drop_plain_datasets(document: dict[str, Any], known: set[str]) -> None:
    """An old Dify keeps the ids that it can decrypt and says nothing of the others."""
    for node in document["workflow"]["graph"]["nodes"]:
        if "dataset_ids" in node["data"]:
            node["data"]["dataset_ids"] = [row for row in node["data"]["dataset_ids"] if row in known]


def _service(app: Flask, dify: Dify) -> None:
    """Chats: each sentence ends at the first Answer node whose turn it is; good enough for the calls around it."""

    def app_of_key() -> dict[str, Any] | None:
        key = request.headers.get("Authorization", "").removeprefix("Bearer app-")
        return dify.apps.get(key)

    @app.get("/v1/info")
    def info() -> Any:
        row = app_of_key()
        return {"name": row["name"], "mode": row["mode"]} if row else _refused("Access token is invalid", 401)

    @app.post("/v1/chat-messages")
    def chat() -> Any:
        return _chat(dify, app_of_key())

    @app.post("/v1/workflows/run")
    def run() -> Any:
        return _chat(dify, app_of_key())


def _chat(dify: Dify, row: dict[str, Any] | None) -> Any:
    body = request.get_json()
    if row is None or not row["published"]:
        return _refused("Access token is invalid", 401)
    said = body.get("query") or body["inputs"]["query"]
    dify.said.append(said)
    dify.speakers.add(body["user"])
    if body["response_mode"] == "blocking":
        if dify.chat_error:
            return _refused(f"Run failed: {dify.chat_error}")
        usage = {"total_tokens": 12}
        return {"answer": f"答：{said}", "conversation_id": "c1", "message_id": "m1", "metadata": {"usage": usage}}
    ends = [
        node["id"]
        for node in row["published"]["workflow"]["graph"]["nodes"]
        if node["data"].get("type") in ("answer", "end")
    ]
    return Response(_events(dify, said, ends), mimetype="text/event-stream")


def _events(dify: Dify, said: str, ends: list[str]) -> Iterator[str]:
    def line(event: str, **rest: Any) -> str:
        return f"data: {json.dumps({'event': event, **rest}, ensure_ascii=False)}\n\n"

    yield "event: ping\n\n"
    yield line("workflow_started")
    if dify.chat_error:
        yield line("workflow_finished", data={"status": "failed", "error": dify.chat_error})
        return
    for node in ends:
        yield line("node_finished", data={"node_id": node, "title": node, "status": "succeeded"})
    yield line("message", answer="答：", conversation_id="c1", message_id="m1")
    yield line("message", answer=said, conversation_id="c1", message_id="m1")
    yield line("message_end", conversation_id="c1", metadata={"usage": {"total_tokens": 12}})
    yield line("workflow_finished", data={"status": "succeeded", "outputs": {"reply": said}})


@contextmanager
def running(dify: Dify) -> Iterator[Dify]:
    """Serve it on a free loopback port."""
    server = make_server("127.0.0.1", 0, make_app(dify), threaded=True)
    dify.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield dify
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
