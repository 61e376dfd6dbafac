"""Doctor's checks of a Dify: version, daemon, plugins, credentials from inside them, knowledge, apps."""

from __future__ import annotations

import time
from collections.abc import Mapping

from kefu.dify import apps, credentials, datasets, plugins
from kefu.dify.console import version_key
from kefu.dify.dsl.knowledge import KNOWLEDGE_SETS
from kefu.dify.dsl.nodes import DEFAULT_MODELS
from kefu.dify.dsl.source import app_names, load_app
from kefu.dify.dsl.tools import MODEL_PROVIDER, TOOL_PROVIDER
from kefu.dify.dsl.versions import version_for
from kefu.dify.package import Package, source_files
from kefu.dify.patient import Line, Patient, fail, ok, warn
from kefu.dify.sign import is_signed
from kefu.errors import KefuError

NO_DATASET = "no deployed app reads knowledge through Dify"


def dify(patient: Patient) -> Line:
    assert patient.console is not None
    step = patient.console.get("/setup").get("step")
    if step != "finished":
        return fail("has no first account", "./kefu deploy --first-admin makes it.")
    return ok(f"{patient.console.url}, {patient.console.version or 'version unknown'}")


def dsl_version(patient: Patient) -> Line:
    assert patient.console is not None
    version = patient.console.version
    if not version:
        return warn("this Dify does not say its version", "Nothing to do; the newest tested format is used.")
    row = version_for(".".join(version.split(".")[:2]))
    tested = version_key(version) <= (1, 16, 99)
    return ok(f"DSL {row.dsl}") if tested else warn(f"DSL {row.dsl}; newer than we know", "./kefu deploy --check")


def sign_in(patient: Patient) -> Line:
    assert patient.sign_in is not None
    workspace = patient.sign_in()
    patient.found["workspace"] = workspace
    if workspace.role not in ("owner", "admin"):
        return fail(
            f"{workspace.name}: role {workspace.role or 'unknown'}",
            "Plugins and credentials need owner or admin; ask the workspace's owner.",
        )
    return ok(f"{workspace.name}, {workspace.role}")


def daemon(patient: Patient) -> Line:
    assert patient.console is not None
    started = time.monotonic()
    try:
        patient.found["plugins"] = plugins.installed_plugins(patient.console)
    except KefuError as error:
        return fail(error.message, "Is plugin_daemon up and migrated? docker compose logs plugin_daemon")
    return ok(f"answers in {time.monotonic() - started:.2f} s, {len(patient.found['plugins'])} plugins")


def installed(patient: Patient) -> Line:
    present: Mapping[str, plugins.Installed] = patient.found.get("plugins", {})
    for provider in (TOOL_PROVIDER, MODEL_PROVIDER):
        if provider.rpartition("/")[0] not in present:
            return fail(f"{provider.rpartition('/')[0]} is not installed", "./kefu deploy installs it.")
    pairs = [(package, present[plugins.plugin_id_of(package.identifier)]) for package in patient.packages]
    differing = [(package, there) for package, there in pairs if there.identifier != package.identifier]
    other = [there.identifier for package, there in differing if not _same_sources(patient, package, there)]
    if other:
        return warn(f"not what these sources build: {', '.join(other)}", "./kefu deploy brings them up to date.")
    return ok("both, same sources, signed or with wheels" if differing else "both, same checksum")


def _same_sources(patient: Patient, package: Package, there: plugins.Installed) -> bool:
    """Signing and wheels change the checksum; the deployed package itself is kept beside the state."""
    kept = patient.state.kept_package(there.identifier) if patient.state else None
    return kept is not None and source_files(kept) == source_files(package.data)


def signature(patient: Patient) -> Line:
    """Uploading stores a package and installs nothing: the only way to see what this Dify takes."""
    assert patient.console is not None
    if not patient.packages:
        return warn("not tried", "Run doctor from the repository.")
    package = patient.packages[0]
    there = patient.found.get("plugins", {}).get(plugins.plugin_id_of(package.identifier))
    kept = patient.state.kept_package(there.identifier) if patient.state and there else None
    kind = "signed" if kept and is_signed(kept) else "unsigned"
    try:
        body = kept or package.data
        patient.console.upload("/workspaces/current/plugin/upload/pkg", "pkg", package.file_name, body)
    except KefuError as error:
        if "signature" in error.message:
            return fail(f"{kind} packages are refused", plugins.SIGNATURE_HELP)
        return fail(error.message, "See the plugin_daemon container's log.")
    return ok(f"this Dify takes our {kind} packages")


def tool_credential(patient: Patient) -> Line:
    """Saving it unchanged makes the plugin's own process call the server."""
    assert patient.console is not None
    found = credentials.tool_credential_id(patient.console)
    if not found:
        return fail("no credential", "./kefu deploy makes it.")
    url = credentials.tool_server_url(patient.console)
    credentials.save_tool_credential(patient.console, found, url, credentials.HIDDEN)
    patient.found["plugin_url"] = url
    return ok(f"the plugin reaches {url} and its token is good")


def model_credential(patient: Patient) -> Line:
    assert patient.console is not None
    found = credentials.model_credential_id(patient.console)
    if not found:
        return fail("no credential", "./kefu deploy makes it.")
    url = patient.found.get("plugin_url") or credentials.tool_server_url(patient.console)
    credentials.save_model_credential(patient.console, found, url, credentials.HIDDEN)
    return ok("the plugin reaches the models")


def models(patient: Patient) -> Line:
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


def dataset_rows(patient: Patient) -> Line:
    """The datasets that our apps read; `kefu-fast` reads none. What a person imported may read datasets of any name,
    but there must be one behind each knowledge node: a node without one finds nothing and says nothing."""
    assert patient.console is not None
    present = datasets.find_datasets(patient.console)
    names = _needed_datasets(patient)
    patient.found["datasets"] = {name: present[name]["id"] for name in names if name in present}
    missing = [name for name in names if name not in present]
    if missing:
        return fail(f"missing: {', '.join(missing)}", "./kefu deploy makes them.")
    there = frozenset(str(row["id"]) for row in present.values())
    blind = [slug for slug, app in _by_hand(patient).items() if not _reads_knowledge(patient, slug, app, there)]
    if blind:
        return fail(
            f"{', '.join(blind)}, imported by hand: knowledge nodes without a dataset",
            "Choose the datasets in these nodes, or let ./kefu deploy adopt the app.",
        )
    return ok(", ".join(sorted(names)) or NO_DATASET)


def _needed_datasets(patient: Patient) -> list[str]:
    needed = {name for slug in _deployed(patient) for name in load_app(slug).knowledge_sets}
    return [datasets.dataset_name(row) for row in KNOWLEDGE_SETS if row.name in needed]


def _reads_knowledge(patient: Patient, slug: str, app: str, there: frozenset[str]) -> bool:
    """Whether the app needs no knowledge, or each dataset that it reads is among those that are ``there``."""
    if not load_app(slug).knowledge_sets:
        return True
    assert patient.console is not None
    read = apps.datasets_read_by(patient.console, app)
    return bool(read) and read <= there


def _by_hand(patient: Patient) -> dict[str, str]:
    """App ids by name, of our apps that a person imported: found by the name that the file gives them."""
    assert patient.console is not None
    if "by hand" not in patient.found:
        ours = [load_app(slug) for slug in app_names() if slug not in _deployed(patient)]
        ids = {app.slug: apps.find_app(patient.console, app.name, app.mode) for app in ours}
        patient.found["by hand"] = {slug: app for slug, app in ids.items() if app}
    return dict(patient.found["by hand"])


def _deployed(patient: Patient) -> dict[str, str]:
    """App ids by name, of what was deployed from here."""
    made = patient.state.made if patient.state else {}
    known = app_names()
    apps_made = {name.removeprefix("app:"): app for name, app in made.items() if name.startswith("app:")}
    return {slug: app for slug, app in apps_made.items() if slug in known}


def knowledge(patient: Patient) -> Line:
    """Hit testing is the only call of Dify that shows what a knowledge server answered."""
    assert patient.console is not None
    ours: Mapping[str, str] = patient.found.get("datasets", {})
    if not ours:
        lost = _needed_datasets(patient)
        return fail("no dataset to ask", "./kefu deploy makes them.") if lost else ok(NO_DATASET)
    for name, dataset_id in sorted(ours.items()):
        _, error = datasets.probe_dataset(patient.console, dataset_id, "怎么退换货")
        if error:
            return fail(f"{name}: {error}", datasets.SSRF_HELP)
    return ok(f"{len(ours)} datasets answer through Dify's api")


def published(patient: Patient) -> Line:
    assert patient.console is not None
    by_hand = _by_hand(patient)
    ours = {**_deployed(patient), **by_hand}
    if not ours:
        return warn("this machine has deployed none here, and none has the name of ours", "./kefu deploy")
    gone = [slug for slug, app in ours.items() if not apps.app_exists(patient.console, app)]
    if gone:
        return fail(f"gone: {', '.join(gone)}", "./kefu deploy makes them again.")
    drafts = [slug for slug, app in ours.items() if not apps.is_published(patient.console, app)]
    if drafts:
        return fail(f"never published: {', '.join(drafts)}", "./kefu deploy publishes them.")
    return ok(", ".join(f"{slug} (imported by hand)" if slug in by_hand else slug for slug in sorted(ours)))


def offline(patient: Patient) -> Line:
    present: Mapping[str, plugins.Installed] = patient.found.get("plugins", {})
    if present:
        return ok("plugins were installed here before")
    return warn("unknown: nothing is installed yet", "Without Internet use ./kefu deploy --offline amd64 (or arm64).")
