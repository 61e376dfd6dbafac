"""From a bare Dify to a working bot, step by step; every step finds what is there and changes only what differs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kefu.dify import apps, credentials, datasets, plugins
from kefu.dify.console import Console, Workspace, say_nothing
from kefu.dify.dsl.check import check
from kefu.dify.dsl.compare import differences
from kefu.dify.dsl.dataset_ids import encrypted
from kefu.dify.dsl.document import AppDocument
from kefu.dify.dsl.finding import Expected
from kefu.dify.dsl.knowledge import KNOWLEDGE_SETS
from kefu.dify.dsl.nodes import DEFAULT_MODELS
from kefu.dify.dsl.render import render, to_yaml
from kefu.dify.dsl.rules_as_code import RuleRow
from kefu.dify.dsl.source import AppSource, load_app
from kefu.dify.dsl.tools import MODEL_PROVIDER
from kefu.dify.dsl.versions import DifyVersion, version_for
from kefu.dify.package import Package
from kefu.dify.probes import Checked, converse
from kefu.dify.service import ServiceApi
from kefu.dify.state import State, digest
from kefu.errors import BadInput, Unavailable

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What should be there in the end. ``token`` is asked only when Dify lacks a credential or one must change."""

    server_url: str
    token: Callable[[], str]
    packages: tuple[Package, ...]
    apps: tuple[str, ...] = ("kefu-fast", "kefu-classic")
    knowledge_url: str = ""
    models: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[RuleRow, ...] = ()
    examples: Mapping[str, str] = field(default_factory=dict)
    token_given: str = ""
    take_default_model: bool = False
    converse: bool = True
    always_converse: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One thing and what happened to it: made, changed, kept, warned, failed."""

    what: str
    happened: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AppLinks:
    name: str
    app_id: str
    editor: str
    site: str
    api: str


@dataclass(slots=True)
class Run:
    """One deployment under way."""

    console: Console
    state: State
    wanted: Wanted
    say: Callable[[Line], None] = lambda line: None
    progress: Callable[[str], None] = say_nothing
    pause: Callable[[float], None] = time.sleep
    changed: bool = False

    def tell(self, what: str, happened: str, detail: str = "") -> None:
        self.changed = self.changed or happened in ("made", "changed")
        self.say(Line(what, happened, detail))


@dataclass(frozen=True, slots=True)
class Outcome:
    """``changed`` is false if everything was there already."""

    changed: bool
    links: tuple[AppLinks, ...]
    checks: tuple[Checked, ...]

    @property
    def works(self) -> bool:
        return all(row.works for row in self.checks)


def deploy(run: Run, workspace: Workspace) -> Outcome:
    """All steps; the state is saved after each, so a broken run is continued by the next. Raises KefuError."""
    version = check_version(run.console)
    run.tell("Dify", "kept", f"{run.console.version or 'version unknown'}, workspace {workspace.name}")
    upgraded = _plugins(run)
    api_id = _credentials(run, refresh_models=upgraded)
    ids = _datasets(run, api_id)
    if version.encrypted_datasets:
        ids = {name: encrypted(dataset_id, workspace.id) for name, dataset_id in ids.items()}
    _default_model(run)
    links, checks = [], []
    for name in run.wanted.apps:
        link, checked = _app(run, name, version, ids)
        links.append(link)
        checks += checked
    return Outcome(run.changed, tuple(links), tuple(checks))


def check_version(console: Console) -> DifyVersion:
    """The format to render for; raises BadInput if this Dify is too old."""
    if not console.version:
        console.get("/setup")
    numbers = ".".join((console.version or "1.14").split("-")[0].split(".")[:2])
    return version_for(numbers)


def _plugins(run: Run) -> bool:
    """Both packages, singly; gives whether the models plugin is another one now."""
    present = plugins.installed_plugins(run.console)
    upgraded = False
    for package in run.wanted.packages:
        plugin_id = plugins.plugin_id_of(package.identifier)
        before = present.get(plugin_id)
        kept = run.state.kept_package(before.identifier) if before else None
        happened = plugins.bring(run.console, package, before, progress=run.progress, pause=run.pause, kept=kept)
        run.state.keep_package(package.identifier, package.data)  # also what another folder installed
        if happened == "kept":
            run.tell(f"plugin {plugin_id}", "kept", package.version)
            continue
        if before is not None:
            run.state.previous[f"plugin:{plugin_id}"] = before.identifier
        run.state.remember(f"plugin:{plugin_id}", package.identifier)
        detail = f"{before.identifier.partition('@')[0]} → {package.version}" if before else package.version
        run.tell(f"plugin {plugin_id}", "made" if before is None else "changed", detail)
        upgraded = upgraded or plugin_id == MODEL_PROVIDER.rpartition("/")[0]
    return upgraded


def _credentials(run: Run, *, refresh_models: bool) -> str:
    """Credentials of both plugins and of the knowledge API hold the same token; gives the API's id."""
    console, state, wanted = run.console, run.state, run.wanted
    waiting = console.dry_run and run.changed
    tool = "" if waiting else credentials.tool_credential_id(console)
    model = "" if waiting else credentials.model_credential_id(console)
    api = datasets.find_api(console)
    knowledge_url = wanted.knowledge_url or wanted.server_url
    addresses = digest(wanted.server_url, knowledge_url)
    complete = bool(tool and model and api) and state.digests.get("addresses") == addresses
    if complete and wanted.token_given:
        complete = state.digests.get("token") == digest(wanted.token_given)
    if complete and api is not None:
        if refresh_models:
            credentials.save_model_credential(console, model, wanted.server_url, credentials.HIDDEN)
            run.tell("model credentials", "changed", "saved again after the upgrade: Dify keeps old features otherwise")
        run.tell("credentials and knowledge API", "kept", wanted.server_url)
        return str(api["id"])
    token = wanted.token_given or _token_before(state, api) or wanted.token()
    _note(run, "tool_credential", tool, credentials.save_tool_credential(console, tool, wanted.server_url, token))
    run.tell("tool credentials", "changed" if tool else "made", "checked by the plugin itself")
    _note(run, "model_credential", model, credentials.save_model_credential(console, model, wanted.server_url, token))
    run.tell("model credentials", "changed" if model else "made", "checked by the plugin itself")
    api_id = datasets.save_api(console, api, knowledge_url, token)
    _note(run, "knowledge_api", str(api["id"]) if api else "", api_id)
    run.tell("external knowledge API", "changed" if api else "made", knowledge_url)
    state.digests.update(addresses=addresses, token=digest(token))
    state.save()
    return api_id


def _token_before(state: State, api: Mapping[str, Any] | None) -> str:
    """The token of the last run, which Dify shows in the knowledge API; empty if it is not that one.

    Uninstalling a plugin takes its provider's credentials away (1.14), so an upgrade needs the token again.
    """
    key = str((api or {}).get("settings", {}).get("api_key", ""))
    return key if key and state.digests.get("token") == digest(key) else ""


def _note(run: Run, name: str, before: str, now: str) -> None:
    """Remember what we made; what was there before stays not ours."""
    if not before:
        run.state.remember(name, now)


def _datasets(run: Run, api_id: str) -> dict[str, str]:
    """Dataset ids by knowledge set, for the sets that the wanted apps read."""
    present = datasets.find_datasets(run.console)
    needed = {name for app in run.wanted.apps for name in load_app(app).knowledge_sets}
    ids: dict[str, str] = {}
    for wanted in (row for row in KNOWLEDGE_SETS if row.name in needed):
        before = present.get(datasets.dataset_name(wanted))
        made = datasets.save_dataset(run.console, wanted, before, api_id)
        ids[wanted.name] = made or str((before or {}).get("id", ""))
        if made and not before:
            run.state.remember(f"dataset:{wanted.name}", made)
        happened = "kept" if made is None else "changed" if before else "made"
        run.tell(f"dataset {datasets.dataset_name(wanted)}", happened)
    return ids


def _default_model(run: Run) -> None:
    """Dify titles every conversation with the default model: kefu-local does it without one."""
    provider, model = credentials.default_model(run.console)
    ours = (MODEL_PROVIDER, DEFAULT_MODELS["answer"])
    if (provider, model) == ours:
        run.tell("default model", "kept", model)
    elif model and not run.wanted.take_default_model:
        run.tell("default model", "kept", f"{model}: each new conversation asks it for a title (--default-model)")
    else:
        credentials.set_default_model(run.console, *ours)
        run.state.previous["default_model"] = f"{provider}|{model}"
        run.state.remember("default_model", "|".join(ours))
        run.tell("default model", "made" if not model else "changed", ours[1])


def rendered(app: AppSource, version: DifyVersion, wanted: Wanted, ids: Mapping[str, str]) -> dict[str, Any]:
    """The app for this Dify, its own check passed. Raises BadInput naming the first finding."""
    document = render(app, version, models=wanted.models, datasets=ids, rules=wanted.rules)
    expected = Expected(
        models=frozenset({*DEFAULT_MODELS.values(), "kefu", *wanted.models.values()}), datasets=frozenset(ids.values())
    )
    fatal = [row for row in check(AppDocument.of(document), expected) if row.fatal]
    if fatal:
        raise BadInput(f"{app.slug}: {fatal[0].where}: {fatal[0].message}", "Correct its source in dify_apps/src.")
    return document


def _app(run: Run, slug: str, version: DifyVersion, ids: Mapping[str, str]) -> tuple[AppLinks, list[Checked]]:
    """Import or update, publish, key, conversations; what stops working is put back as it was."""
    console, state = run.console, run.state
    source = load_app(slug)
    document = rendered(source, version, run.wanted, ids)
    found = state.made.get(f"app:{slug}", "")
    if not (found and apps.app_exists(console, found)):
        found = apps.find_app(console, source.name, source.mode)
    app_id, backup = _import(run, slug, document, found, ids)
    if console.dry_run:
        if app_id != found or backup is not None:
            apps.publish(console, app_id, f"kefu {slug}")
        if app_id != found:
            apps.new_key(console, app_id)
        return _links(run, source, app_id), []
    touched = app_id != found or backup is not None
    if touched or not apps.is_published(console, app_id):
        missing = apps.missing_plugins(console, app_id)
        if missing:
            raise Unavailable(f"{slug} needs plugins that are not there: {', '.join(missing)}.", "Run this again.")
        apps.publish(console, app_id, f"kefu {slug}")
        run.tell(f"app {source.name}", "changed" if found else "made", "published")
    state.digests[f"app:{slug}"] = _app_digest(document, ids)
    _, key, new_key = apps.api_key(console, app_id)
    state.save()
    if new_key:
        run.tell(f"API key of {source.name}", "made")
    checks: list[Checked] = []
    if run.wanted.converse and (run.changed or run.wanted.always_converse):
        checks = _converse(run, slug, source.mode, key)
        if backup is not None and not all(row.works for row in checks):
            apps.import_app(console, backup, app_id)
            apps.publish(console, app_id, f"kefu {slug}: back")
            state.digests.pop(f"app:{slug}", None)
            state.save()
            run.tell(f"app {source.name}", "failed", "the version before is published again")
    return _links(run, source, app_id), checks


def _import(
    run: Run, slug: str, document: Mapping[str, Any], found: str, ids: Mapping[str, str]
) -> tuple[str, str | None]:
    """App id, and the text of the version before if the app was replaced."""
    console, state, name = run.console, run.state, str(document["app"]["name"])
    if not found:
        made = apps.import_app(console, to_yaml(document))
        state.remember(f"app:{slug}", made.app_id)
        return made.app_id, None
    before = apps.export_app(console, found)
    same = not differences(yaml.load(before, Loader=_LOADER), document)
    if same and state.digests.get(f"app:{slug}") == _app_digest(document, ids):
        run.tell(f"app {name}", "kept")
        return found, None
    state.keep_file(f"{slug}.yml", before.encode())
    state.previous[f"app:{slug}"] = f"{slug}.yml"
    state.save()
    made = apps.import_app(console, to_yaml(document), found)
    if made.warning:
        run.tell(f"app {name}", "warned", made.warning)
    return found, before


def _app_digest(document: Mapping[str, Any], ids: Mapping[str, str]) -> str:
    used = sorted({value for value in ids.values() if value in str(document)})
    return digest(to_yaml(document), *used)


SHOWN = 60
"""So many characters of a test answer are shown."""


def _converse(run: Run, slug: str, mode: str, key: str) -> list[Checked]:
    checks = []
    with ServiceApi(run.console.url, key) as api:
        for checked in converse(api, slug, mode, run.wanted.examples):
            checks.append(checked)
            happened = "failed" if not checked.works else "works" if checked.reached else "warned"
            answer = checked.turn.answer.strip().replace("\n", " ")
            detail = (
                checked.turn.error or (f"{answer[:SHOWN]}…" if len(answer) > SHOWN else answer) or "an empty answer"
            )
            if happened == "warned":
                detail = f"took another branch: {checked.path}"
            run.tell(f"{slug} {checked.probe.branch}", happened, f"{checked.turn.seconds:.2f} s  {detail}")
    return checks


def _links(run: Run, source: AppSource, app_id: str) -> AppLinks:
    url = run.console.url
    site = "" if run.console.dry_run else apps.site_url(run.console, app_id)
    return AppLinks(source.name, app_id, f"{url}/app/{app_id}/workflow", site, f"{url}/v1")


def roll_back(run: Run) -> bool:
    """The version before the last deployment, of apps and plugins; false if nothing is kept."""
    done = False
    for name, kept in sorted(run.state.previous.items()):
        kind, _, rest = name.partition(":")
        if kind == "app" and (
            app_id := run.state.made.get(name) or apps.find_app(run.console, load_app(rest).name, load_app(rest).mode)
        ):
            text = (run.state.folder / kept).read_text(encoding="utf-8")
            apps.import_app(run.console, text, app_id)
            apps.publish(run.console, app_id, f"kefu {rest}: back")
            run.state.digests.pop(name, None)
            done = True
            run.tell(name, "changed", "the version before is published")
        elif kind == "plugin":
            done = _plugin_back(run, rest, kept) or done
    run.state.previous = {name: kept for name, kept in run.state.previous.items() if name == "default_model"}
    run.state.save()
    return done


def _plugin_back(run: Run, plugin_id: str, identifier: str) -> bool:
    """Uninstall what is there and install the version before, from the package that was kept."""
    present = plugins.installed_plugins(run.console).get(plugin_id)
    kept = run.state.kept_package(identifier)
    if present is not None and present.identifier == identifier:
        return False
    if kept is None:
        before = identifier.partition("@")[0]
        why = f"{before} was installed from elsewhere and is not kept here: install it in Dify by hand"
        run.tell(f"plugin {plugin_id}", "warned", why)
        return False
    name = plugin_id.rpartition("/")[2]
    version = identifier.partition(":")[2].partition("@")[0]
    package = Package(name, version, identifier, f"{name}-{version}.difypkg", kept)
    now = run.state.kept_package(present.identifier) if present else None
    plugins.bring(run.console, package, present, progress=run.progress, pause=run.pause, kept=now)
    run.state.remember(f"plugin:{plugin_id}", identifier)
    run.tell(f"plugin {plugin_id}", "changed", identifier.partition("@")[0])
    return True


def state_folder(data_dir: Path) -> Path:
    return data_dir / "dify"
