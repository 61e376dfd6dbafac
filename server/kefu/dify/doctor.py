"""What is wrong between Dify and the kefu server: one table of checks, each line with what to do."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from kefu.core.intents.widening import widen
from kefu.dify import apps, credentials, datasets, packagecheck, plugins
from kefu.dify.console import Console, Workspace, unreachable, version_key
from kefu.dify.dsl.check import check
from kefu.dify.dsl.document import AppDocument
from kefu.dify.dsl.knowledge import KNOWLEDGE_SETS
from kefu.dify.dsl.nodes import DEFAULT_MODELS
from kefu.dify.dsl.render import render
from kefu.dify.dsl.source import app_names, load_app
from kefu.dify.dsl.tools import MODEL_PROVIDER, TOOL_PROVIDER
from kefu.dify.dsl.versions import version_for
from kefu.dify.package import Package
from kefu.dify.state import State
from kefu.errors import KefuError

SKEW_SECONDS = 60.0
SERVER_TIMEOUT = httpx.Timeout(20.0, connect=5.0)
TITLE_SENTENCE = "请发货"


@dataclass(frozen=True, slots=True)
class Line:
    """``status`` is ok, warn or fail; ``fix`` says what to do, empty when ok."""

    check: str
    status: str
    detail: str
    fix: str = ""


@dataclass(slots=True)
class Patient:
    """What is examined. ``console`` is None without a Dify; ``unmapped`` gives class texts that stand for no intent."""

    server_url: str
    token: str
    packages: tuple[Package, ...] = ()
    apps: tuple[str, ...] = ()
    database: Callable[[], str] | None = None
    unmapped: Callable[[Sequence[str]], Collection[str]] | None = None
    console: Console | None = None
    sign_in: Callable[[], Workspace] | None = None
    state: State | None = None
    found: dict[str, Any] = field(default_factory=dict)
    """What one check leaves for the next."""

    def server(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A call of the kefu server as the shop; raises Unavailable."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            return httpx.request(
                method,
                f"{self.server_url}{path}",
                json=body,
                headers=headers,
                timeout=SERVER_TIMEOUT,
                trust_env=False,
            )
        except httpx.TransportError as error:
            raise unreachable(self.server_url, error) from error


Check = Callable[[Patient], Line]


def examine(patient: Patient, *, every: Callable[[Line], None] = lambda line: None) -> list[Line]:
    """All lines, in the order of CHECKS; those of Dify are left out without one, or stop where nobody gets in."""
    lines: list[Line] = []
    for name, needs, function in CHECKS:
        if needs != "kefu" and patient.console is None:
            continue
        if needs == "workspace" and "workspace" not in patient.found:
            continue
        try:
            line = function(patient)
        except KefuError as error:
            line = fail(error.message, error.hint)
        line = Line(name, line.status, line.detail, line.fix)
        lines.append(line)
        every(line)
    return lines


def ok(detail: str) -> Line:
    return Line("", "ok", detail)


def warn(detail: str, fix: str) -> Line:
    return Line("", "warn", detail, fix)


def fail(detail: str, fix: str) -> Line:
    return Line("", "fail", detail, fix)


def _server(patient: Patient) -> Line:
    try:
        answer = patient.server("GET", "/readyz")
    except KefuError as error:
        return fail(f"{patient.server_url}: {error.message}", "Start it with ./kefu serve, or name it with --server.")
    if answer.status_code != 200:
        return fail(f"{patient.server_url} answers {answer.status_code} to /readyz", "See its log.")
    patient.found["server_date"] = answer.headers.get("date", "")
    return ok(f"{patient.server_url}, kefu {answer.json().get('kefu', '?')}")


def _database(patient: Patient) -> Line:
    if patient.database is None:
        return warn("not looked at", "Run doctor where the store is, with --data DIR.")
    return ok(patient.database())


def _token(patient: Patient) -> Line:
    if not patient.token:
        return warn("no shop token given", "Set KEFU_TOKEN or --token-file to check with it (./kefu shop token NAME).")
    answer = patient.server("GET", "/v1/models")
    if answer.status_code == 401:
        return fail("the server does not know this token", "Make one: ./kefu shop token NAME, then ./kefu deploy.")
    return ok("opens a shop") if answer.status_code == 200 else fail(f"{answer.status_code}", "See the server's log.")


def _model(patient: Patient) -> Line:
    """The local model answers in the form that Dify's classifier node accepts."""
    if not patient.token:
        return warn("not asked: no shop token", "Set KEFU_TOKEN or --token-file.")
    answer = patient.server("POST", "/v1/chat/completions", _classifier_question())
    if answer.status_code != 200:
        return fail(f"kefu-router answers {answer.status_code}: {answer.text[:200]}", "See the server's log.")
    text = answer.json()["choices"][0]["message"]["content"]
    if not _is_node_valid(text):
        return fail(f"kefu-router's answer is no node answer: {text[:80]}", "Train: ./kefu train --shop NAME.")
    return ok("kefu-router answers a classifier node in its form")


def _classifier_question() -> dict[str, Any]:
    """What the gateway knows Dify's classifier node by: the place for the memory, and the last message's form."""
    categories = [
        {"category_id": "other", "category_name": "其他/转人工"},
        {"category_id": "urge", "category_name": "催发货"},
    ]
    rows = json.dumps(categories, ensure_ascii=False)
    said = f'    {{"input_text": ["{TITLE_SENTENCE}"],\n    "categories": {rows},\n'
    text = f'{said}    "classification_instructions": [""]}}\n'
    messages = [{"role": "system", "content": "<histories>\n\n</histories>"}, {"role": "user", "content": text}]
    return {"model": DEFAULT_MODELS["router"], "messages": messages, "max_tokens": 64}


def _is_node_valid(text: str) -> bool:
    start, end = text.find("{"), text.rfind("}")
    try:
        value = json.loads(text[start : end + 1])
    except ValueError:
        return False
    return isinstance(value, dict) and {"category_id", "category_name"} <= value.keys()


def _packages(patient: Patient) -> Line:
    if not patient.packages:
        return warn("not built", "Run doctor from the repository.")
    for package in patient.packages:
        report = packagecheck.check(package.data)
        if not report.installs:
            return fail(
                f"{package.name}: {report.findings[0]}", "Dify would refuse it; ./kefu package --check shows all."
            )
    return ok(", ".join(f"{package.name} {package.version}" for package in patient.packages))


def _apps_check(patient: Patient) -> Line:
    version = patient.console.version if patient.console else ""
    row = version_for(".".join(version.split(".")[:2])) if version else None
    names = patient.apps or tuple(app_names())
    for name in names:
        fatal = [found for found in check(AppDocument.of(render(load_app(name), row))) if found.fatal]
        if fatal:
            return fail(f"{name}: {fatal[0].where}: {fatal[0].message}", "Correct it in dify_apps/src.")
    return ok(f"{len(names)} apps")


def _classes(patient: Patient) -> Line:
    if patient.unmapped is None:
        return warn("not looked at", "Run doctor where the store is, with --data DIR.")
    texts = _class_texts(patient.apps or tuple(app_names()))
    lost = sorted(patient.unmapped(texts))
    if lost:
        return warn(
            f"stand for no intent of the shop: {'、'.join(lost)}",
            "Name the class like an intent, give the intent that alias, or list its intents in the node's instruction.",
        )
    return ok(f"{len(texts)} class texts")


def _class_texts(names: Sequence[str]) -> list[str]:
    nodes = [node for name in names for node in load_app(name).nodes if node.kind == "classifier"]
    texts = (
        widen(str(row["name"]), str(node.words.get("instruction", "")))
        for node in nodes
        for row in node.words["classes"].values()
    )
    return list(dict.fromkeys(texts))


def _clock(patient: Patient) -> Line:
    dates = {"kefu": patient.found.get("server_date", "")}
    skews = {name: _skew(date) for name, date in dates.items() if date}
    far = [f"{name} {seconds:+.0f} s" for name, seconds in skews.items() if abs(seconds) > SKEW_SECONDS]
    if far:
        return warn(", ".join(far), "Set the clocks by NTP: delivery promises and stock ages depend on them.")
    return ok("agrees with this machine") if skews else warn("unknown", "The server did not answer.")


def _skew(date: str) -> float:
    return (email.utils.parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()


def _dify(patient: Patient) -> Line:
    assert patient.console is not None
    step = patient.console.get("/setup").get("step")
    if step != "finished":
        return fail("has no first account", "./kefu deploy --first-admin makes it.")
    return ok(f"{patient.console.url}, {patient.console.version or 'version unknown'}")


def _dsl_version(patient: Patient) -> Line:
    assert patient.console is not None
    version = patient.console.version
    if not version:
        return warn("this Dify does not say its version", "Nothing to do; the newest tested format is used.")
    row = version_for(".".join(version.split(".")[:2]))
    tested = version_key(version) <= (1, 16, 99)
    return ok(f"DSL {row.dsl}") if tested else warn(f"DSL {row.dsl}; newer than we know", "./kefu deploy --check")


def _sign_in(patient: Patient) -> Line:
    assert patient.sign_in is not None
    workspace = patient.sign_in()
    patient.found["workspace"] = workspace
    if workspace.role not in ("owner", "admin"):
        return fail(
            f"{workspace.name}: role {workspace.role or 'unknown'}",
            "Plugins and credentials need owner or admin; ask the workspace's owner.",
        )
    return ok(f"{workspace.name}, {workspace.role}")


def _daemon(patient: Patient) -> Line:
    assert patient.console is not None
    started = time.monotonic()
    try:
        patient.found["plugins"] = plugins.installed_plugins(patient.console)
    except KefuError as error:
        return fail(error.message, "Is plugin_daemon up and migrated? docker compose logs plugin_daemon")
    return ok(f"answers in {time.monotonic() - started:.2f} s, {len(patient.found['plugins'])} plugins")


def _installed(patient: Patient) -> Line:
    present: Mapping[str, plugins.Installed] = patient.found.get("plugins", {})
    for provider in (TOOL_PROVIDER, MODEL_PROVIDER):
        if provider.rpartition("/")[0] not in present:
            return fail(f"{provider.rpartition('/')[0]} is not installed", "./kefu deploy installs it.")
    other = [
        present[plugins.plugin_id_of(package.identifier)].identifier
        for package in patient.packages
        if present[plugins.plugin_id_of(package.identifier)].identifier != package.identifier
    ]
    if other:
        return warn(f"not what these sources build: {', '.join(other)}", "./kefu deploy brings them up to date.")
    return ok("both, same checksum")


def _signature(patient: Patient) -> Line:
    """Uploading stores a package and installs nothing: the only way to see whether unsigned ones are taken."""
    assert patient.console is not None
    if not patient.packages:
        return warn("not tried", "Run doctor from the repository.")
    package = patient.packages[0]
    try:
        patient.console.upload("/workspaces/current/plugin/upload/pkg", "pkg", package.file_name, package.data)
    except KefuError as error:
        if "signature" in error.message:
            return fail("unsigned packages are refused", plugins.SIGNATURE_HELP)
        return fail(error.message, "See the plugin_daemon container's log.")
    return ok("this Dify takes our packages")


def _tool_credential(patient: Patient) -> Line:
    """Saving it unchanged makes the plugin's own process call the server."""
    assert patient.console is not None
    found = credentials.tool_credential_id(patient.console)
    if not found:
        return fail("no credential", "./kefu deploy makes it.")
    url = credentials.tool_server_url(patient.console)
    credentials.save_tool_credential(patient.console, found, url, credentials.HIDDEN)
    patient.found["plugin_url"] = url
    return ok(f"the plugin reaches {url} and its token is good")


def _model_credential(patient: Patient) -> Line:
    assert patient.console is not None
    found = credentials.model_credential_id(patient.console)
    if not found:
        return fail("no credential", "./kefu deploy makes it.")
    url = patient.found.get("plugin_url") or credentials.tool_server_url(patient.console)
    credentials.save_model_credential(patient.console, found, url, credentials.HIDDEN)
    return ok("the plugin reaches the models")


def _models(patient: Patient) -> Line:
    assert patient.console is not None
    active = credentials.active_models(patient.console)
    missing = sorted({*DEFAULT_MODELS.values()} - active)
    if missing:
        return fail(f"not active: {', '.join(missing)}", "./kefu deploy saves the credentials again.")
    provider, model = credentials.default_model(patient.console)
    if provider != MODEL_PROVIDER:
        return warn(
            f"{', '.join(sorted(active))}; titles cost calls of {model or 'no model'}", "./kefu deploy --default-model"
        )
    return ok(f"{', '.join(sorted(active))}; {model} writes the titles")


def _datasets(patient: Patient) -> Line:
    assert patient.console is not None
    present = datasets.find_datasets(patient.console)
    wanted = [row for row in KNOWLEDGE_SETS if f"dataset:{row.name}" in (patient.state.made if patient.state else {})]
    missing = [datasets.dataset_name(row) for row in wanted or () if datasets.dataset_name(row) not in present]
    ours = {name: row["id"] for name, row in present.items() if name.startswith("kefu ")}
    patient.found["datasets"] = ours
    if missing or not ours:
        return fail(f"missing: {', '.join(missing) or 'all'}", "./kefu deploy makes them.")
    return ok(", ".join(sorted(ours)))


def _knowledge(patient: Patient) -> Line:
    """Hit testing is the only call of Dify that shows what a knowledge server answered."""
    assert patient.console is not None
    ours: Mapping[str, str] = patient.found.get("datasets", {})
    if not ours:
        return fail("no dataset to ask", "./kefu deploy makes them.")
    for name, dataset_id in sorted(ours.items()):
        _, error = datasets.probe_dataset(patient.console, dataset_id, "怎么退换货")
        if error:
            return fail(f"{name}: {error}", datasets.SSRF_HELP)
    return ok(f"{len(ours)} datasets answer through Dify's api")


def _published(patient: Patient) -> Line:
    assert patient.console is not None
    made = {name.partition(":")[2]: app for name, app in (patient.state.made if patient.state else {}).items()}
    ours = {slug: app for slug, app in made.items() if slug in app_names()}
    if not ours:
        return warn("this machine has deployed none here", "./kefu deploy")
    gone = [slug for slug, app in ours.items() if not apps.app_exists(patient.console, app)]
    if gone:
        return fail(f"gone: {', '.join(gone)}", "./kefu deploy makes them again.")
    drafts = [slug for slug, app in ours.items() if not apps.is_published(patient.console, app)]
    if drafts:
        return fail(f"never published: {', '.join(drafts)}", "./kefu deploy publishes them.")
    return ok(", ".join(sorted(ours)))


def _offline(patient: Patient) -> Line:
    present: Mapping[str, plugins.Installed] = patient.found.get("plugins", {})
    if present:
        return ok("plugins were installed here before")
    return warn("unknown: nothing is installed yet", "Without Internet use ./kefu deploy --offline amd64 (or arm64).")


CHECKS: tuple[tuple[str, str, Check], ...] = (
    ("kefu server", "kefu", _server),
    ("database", "kefu", _database),
    ("shop token", "kefu", _token),
    ("local model", "kefu", _model),
    ("plugin packages", "kefu", _packages),
    ("Dify", "dify", _dify),
    ("DSL version", "dify", _dsl_version),
    ("apps (dsl check)", "kefu", _apps_check),
    ("classifier classes", "kefu", _classes),
    ("clock", "kefu", _clock),
    ("account", "dify", _sign_in),
    ("plugin daemon", "workspace", _daemon),
    ("signature setting", "workspace", _signature),
    ("plugins installed", "workspace", _installed),
    ("offline install", "workspace", _offline),
    ("tool credentials, from the plugin", "workspace", _tool_credential),
    ("model credentials, from the plugin", "workspace", _model_credential),
    ("models in Dify", "workspace", _models),
    ("datasets", "workspace", _datasets),
    ("knowledge through Dify", "workspace", _knowledge),
    ("apps published", "workspace", _published),
)
"""Name, what it needs (kefu alone, a reachable Dify, a workspace), function. To add one: a function and a line."""
