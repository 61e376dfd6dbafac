"""What Dify's plugin daemon refuses, checked on any package or bundle before it is uploaded.

Rules measured on daemon 0.6.9. An ``error`` is refused on upload, on install or at the plugin's start; a ``warning``
installs. The Marketplace's own checks are in ``marketcheck``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import yaml

from kefu.dify import archive, marketcheck, sign
from kefu.dify.archive import Archive
from kefu.dify.finding import Finding, error, warning
from kefu.errors import BadInput

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
MAX_PACKAGE = 50 * 2**20
MAX_BUNDLE = 600 * 2**20
VERSION = re.compile(r"\d{1,4}(\.\d{1,4}){2}(-\w{1,16})?", re.ASCII)
AUTHOR = re.compile(r"[a-z0-9_-]{1,64}")
NAME = re.compile(r"[a-z0-9_-]{1,128}")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
TAGS = frozenset(
    [
        "search",
        "image",
        "videos",
        "weather",
        "finance",
        "design",
        "travel",
        "social",
        "news",
        "medical",
        "productivity",
        "education",
        "business",
        "entertainment",
        "utilities",
        "agent",
        "rag",
        "other",
    ]
)
KINDS = ("tools", "models", "endpoints", "agent_strategies", "datasources", "triggers")
PARAMETER_TYPES = frozenset(
    [
        "string",
        "number",
        "boolean",
        "select",
        "secret-input",
        "file",
        "files",
        "model-selector",
        "app-selector",
        "checkbox",
        "any",
        "object",
        "array",
        "dynamic-select",
    ]
)
PARAMETER_FORMS = frozenset(("schema", "form", "llm"))
CREDENTIAL_TYPES = frozenset(
    ["secret-input", "text-input", "select", "boolean", "model-selector", "app-selector", "array[tools]"]
)
MODEL_FORM_TYPES = frozenset(["text-input", "secret-input", "select", "radio", "switch"])
FORBIDDEN_PARTS = frozenset(("__pycache__", ".git", ".venv", "venv", "node_modules"))


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one package or bundle. ``identifier`` is empty if it cannot be computed."""

    identifier: str
    findings: tuple[Finding, ...]
    packages: tuple[Report, ...] = ()

    @property
    def installs(self) -> bool:
        """True without any error, here and in the packages of a bundle."""
        own = not any(finding.level == "error" for finding in self.findings)
        return own and all(package.installs for package in self.packages)


@dataclass(frozen=True, slots=True)
class _Plugin:
    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]


def check(data: bytes, *, public_key: bytes | None = None) -> Report:
    """Check a .difypkg or .difybndl; with ``public_key`` its signature too."""
    try:
        content = archive.read(data, limit=MAX_BUNDLE)
    except BadInput as problem:
        return Report("", (error("not_a_zip", str(problem)),))
    manifest = _mapping(content.files.get("manifest.yaml", b""))
    if manifest.get("type") == "bundle":
        return _check_bundle(content, manifest, public_key)
    findings = [*_container(data, content), *_signature(data, content, public_key)]
    if "manifest.yaml" in content.files:
        plugin = _Plugin(content.files, manifest)
        findings += [found for rule in RULES for found in rule(plugin)]
        findings += marketcheck.check(content.files, manifest)
    identifier = ""
    if {"author", "name", "version"} <= manifest.keys():
        digest = archive.checksum(content.files)
        identifier = f"{manifest['author']}/{manifest['name']}:{manifest['version']}@{digest}"
    return Report(identifier, tuple(findings))


def _container(data: bytes, content: Archive) -> Iterator[Finding]:
    paths = [path for path, _ in content.entries]
    if len(data) > MAX_PACKAGE or sum(len(body) for _, body in content.entries) > MAX_PACKAGE:
        yield error("too_large", "The package is over 50 MiB, packed or unpacked.")
    for path in paths:
        parts = PurePosixPath(path).parts
        if path.endswith("/"):
            yield error("directory_entry", "A directory entry: the daemon answers “is a directory”.", path)
        if path.startswith("/") or ".." in parts or "\\" in path:
            yield error("bad_path", "A path that leaves the package.", path)
        if FORBIDDEN_PARTS & set(parts):
            yield error("forbidden_folder", "Build output or a repository does not belong in a package.", path)
        if parts and parts[-1] == ".env":
            yield error("dot_env", "The SDK reads a packaged .env and the settings of whoever made it.", path)
    for path in sorted({path for path in paths if paths.count(path) > 1}):
        yield error("duplicate_entry", "The same path twice.", path)
    if "manifest.yaml" not in content.files:
        yield _no_manifest(content.files)


def _no_manifest(files: Mapping[str, bytes]) -> Finding:
    wrapped = [path for path in files if path.count("/") == 1 and path.endswith("/manifest.yaml")]
    if wrapped:
        return error("wrapper_folder", "Everything is inside a folder: pack its contents instead.", wrapped[0])
    return error("no_manifest", "manifest.yaml: file does not exist")


def _signature(data: bytes, content: Archive, public_key: bytes | None) -> Iterator[Finding]:
    try:
        signature = sign.read_signature(content)
        if public_key is not None:
            sign.verify(data, public_key)
    except BadInput as problem:
        yield error("bad_signature", str(problem))
        return
    if signature is None:
        yield warning(
            "unsigned", "Not signed: a Dify with FORCE_VERIFYING_SIGNATURE (its default) answers “bad signature”."
        )
    entry = content.files.get(sign.VERIFICATION_ENTRY)
    if entry is not None and entry != sign.COMMUNITY:
        yield error(
            "category",
            f"{sign.VERIFICATION_ENTRY} claims a category other than community.",
            sign.VERIFICATION_ENTRY,
        )


def _identity(plugin: _Plugin) -> Iterator[Finding]:
    manifest = plugin.manifest
    if not manifest:
        yield error("manifest", "manifest.yaml is not a YAML mapping.", "manifest.yaml")
        return
    author = str(manifest.get("author", ""))
    if not VERSION.fullmatch(str(manifest.get("version", ""))):
        yield _manifest("version", f"version {manifest.get('version')!r} is not like 1.2.3 or 1.2.3-beta.")
    if not AUTHOR.fullmatch(author):
        yield _manifest("author", f"author {author!r}: lower-case letters, digits, _ and -, at most 64.")
    if "langgenius" in author or "dify" in author:
        yield _manifest("author", "author must not contain langgenius or dify.")
    if not NAME.fullmatch(str(manifest.get("name", ""))):
        yield _manifest("name", f"name {manifest.get('name')!r}: lower-case letters, digits, _ and -, at most 128.")
    if manifest.get("type") != "plugin":
        yield _manifest("type", f"type is {manifest.get('type')!r}, not plugin or bundle.")
    if not RFC3339.fullmatch(str(manifest.get("created_at", ""))):
        yield _manifest("created_at", "created_at is not an RFC 3339 time such as 2026-01-01T00:00:00Z.")


def _texts(plugin: _Plugin) -> Iterator[Finding]:
    for field in ("label", "description"):
        text = _sub(plugin.manifest, field).get("en_US")
        if not text:
            yield _manifest(field, f"{field}.en_US is missing.")
        elif field == "description" and len(text) >= 1024:
            yield _manifest(field, "description.en_US has 1,024 characters or more.")
    for tag in plugin.manifest.get("tags") or ():
        if tag not in TAGS:
            yield _manifest("tags", f"tag {tag!r} is not one of Dify's.")


def _icons(plugin: _Plugin) -> Iterator[Finding]:
    icon = plugin.manifest.get("icon")
    if not icon:
        yield _manifest("icon", "icon is missing.")
    for name in (icon, plugin.manifest.get("icon_dark")):
        if name and f"_assets/{name}" not in plugin.files:
            yield error("icon", f"icon {name} is not in _assets: the install fails to remap assets.", "_assets")


def _meta(plugin: _Plugin) -> Iterator[Finding]:
    meta = _sub(plugin.manifest, "meta")
    runner = _sub(meta, "runner")
    if not VERSION.fullmatch(str(meta.get("version", ""))):
        yield _manifest("meta", "meta.version is not like 0.0.2.")
    arch = meta.get("arch") or []
    if not arch or not set(arch) <= {"amd64", "arm64"}:
        yield _manifest("meta", "meta.arch must list amd64, arm64 or both.")
    if runner.get("language") != "python" or runner.get("version") != "3.12":
        yield _manifest("meta", "meta.runner must be python 3.12.")
    entry = str(runner.get("entrypoint", ""))
    if not entry or f"{entry.replace('.', '/')}.py" not in plugin.files:
        yield _manifest("meta", f"meta.runner.entrypoint {entry!r} is no Python file of the package.")
    resource = _sub(plugin.manifest, "resource")
    if not str(resource.get("memory", "")).isdigit():
        yield _manifest("resource", "resource.memory (bytes) is missing.")
    storage = _sub(_sub(resource, "permission"), "storage")
    if "size" in storage and not (str(storage["size"]).isdigit() and 1024 <= int(storage["size"]) <= 1_073_741_824):
        yield _manifest("resource", "resource.permission.storage.size is not within 1 KiB and 1 GiB.")


def _kinds(plugin: _Plugin) -> Iterator[Finding]:
    plugins = _sub(plugin.manifest, "plugins")
    used = [kind for kind in KINDS if plugins.get(kind)]
    if not used:
        yield _manifest("plugins", "at least one of endpoint, model, tool, … must be provided.")
    if "models" in used and len(used) > 1:
        yield _manifest(
            "mixed",
            "model and datasource, tool, endpoint, trigger, or agent_strategy cannot be provided at the same time:"
            " make two plugins.",
        )
    for kind in used:
        if len(plugins[kind]) > 1:
            yield warning("several_providers", f"Dify keeps only the last of {kind}.", "manifest.yaml")
        for path in plugins[kind]:
            if path not in plugin.files:
                yield error("missing_file", "The manifest names a file that is not here.", path)


def _requirements(plugin: _Plugin) -> Iterator[Finding]:
    has = "requirements.txt" in plugin.files
    project = "pyproject.toml" in plugin.files
    if not has and not project:
        yield error("requirements", "Neither requirements.txt nor pyproject.toml.")
    if project and not has:
        yield error("requirements", "Only pyproject.toml: daemons up to 0.4.1 fail. Add requirements.txt.")
    offline = has and b"--no-index" in plugin.files["requirements.txt"]
    if offline and project:
        yield error("requirements", "pyproject.toml wins over requirements.txt: the wheels would not be used.")
    if offline and not any(path.startswith("wheels/") for path in plugin.files):
        yield error("requirements", "--no-index without wheels/.", "requirements.txt")


def _tools(plugin: _Plugin) -> Iterator[Finding]:
    for path, provider in _providers(plugin, "tools"):
        yield from _source(plugin, path, _sub(_sub(provider, "extra"), "python").get("source"))
        yield from _provider_icon(plugin, path, _sub(provider, "identity").get("icon"))
        for name, field in _sub(provider, "credentials_for_provider").items():
            if not isinstance(field, dict) or field.get("type") not in CREDENTIAL_TYPES:
                yield error("credential_type", f"credential {name}: unknown type.", path)
        for tool_path in provider.get("tools") or ():
            yield from _tool(plugin, tool_path)


def _tool(plugin: _Plugin, path: str) -> Iterator[Finding]:
    tool = _mapping(plugin.files.get(path, b""))
    if not tool:
        yield error("missing_file", "A tool's file that is missing or is no YAML mapping.", path)
        return
    if not _sub(tool, "identity").get("name") or not _sub(tool, "description").get("llm"):
        yield error("tool", "identity.name or description.llm is missing.", path)
    yield from _source(plugin, path, _sub(_sub(tool, "extra"), "python").get("source"))
    for parameter in tool.get("parameters") or ():
        name = parameter.get("name")
        if parameter.get("type") not in PARAMETER_TYPES:
            yield error(
                "parameter_type",
                f"parameter {name}: unknown type {parameter.get('type')!r}; the process dies at start.",
                path,
            )
        if parameter.get("form") not in PARAMETER_FORMS:
            yield error("parameter_form", f"parameter {name}: form must be llm, form or schema.", path)
        if not _sub(parameter, "label").get("en_US") or not _sub(parameter, "human_description").get("en_US"):
            yield error("parameter_text", f"parameter {name}: label or human_description without en_US.", path)


def _models(plugin: _Plugin) -> Iterator[Finding]:
    for path, provider in _providers(plugin, "models"):
        python = _sub(_sub(provider, "extra"), "python")
        for source in (python.get("provider_source"), *(python.get("model_sources") or ())):
            yield from _source(plugin, path, source)
        for icon in ("icon_small", "icon_large", "icon_small_dark", "icon_large_dark"):
            for name in _sub(provider, icon).values():
                yield from _provider_icon(plugin, path, name)
        for schema in ("provider_credential_schema", "model_credential_schema"):
            for field in _sub(provider, schema).get("credential_form_schemas") or ():
                if field.get("type") not in MODEL_FORM_TYPES:
                    yield error("credential_type", f"credential {field.get('variable')}: unknown type.", path)


def _providers(plugin: _Plugin, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in _sub(plugin.manifest, "plugins").get(kind) or ():
        if path in plugin.files:
            yield path, _mapping(plugin.files[path])


def _source(plugin: _Plugin, path: str, source: Any) -> Iterator[Finding]:
    if not source or source not in plugin.files:
        yield error("missing_source", f"Its Python file {source!r} is not in the package.", path)


def _provider_icon(plugin: _Plugin, path: str, icon: Any) -> Iterator[Finding]:
    if icon and f"_assets/{icon}" not in plugin.files:
        yield error("icon", f"icon {icon} is not in _assets.", path)


def _yaml(plugin: _Plugin) -> Iterator[Finding]:
    for path, body in plugin.files.items():
        if not path.endswith((".yaml", ".yml")):
            continue
        try:
            yaml.load(body, LOADER)
        except (yaml.YAMLError, UnicodeDecodeError) as problem:
            yield error("yaml", f"Not valid YAML: {problem}", path)


RULES: tuple[Callable[[_Plugin], Iterator[Finding]], ...] = (
    _identity,
    _texts,
    _icons,
    _meta,
    _kinds,
    _requirements,
    _yaml,
    _tools,
    _models,
)


def _check_bundle(content: Archive, manifest: Mapping[str, Any], public_key: bytes | None) -> Report:
    findings: list[Finding] = []
    packages: list[Report] = []
    for path, _ in content.entries:
        if path.endswith("/"):
            findings.append(error("directory_entry", "A directory entry.", path))
    if f"_assets/{manifest.get('icon')}" not in content.files:
        findings.append(error("icon", "The bundle's icon is not in _assets.", "manifest.yaml"))
    for dependency in manifest.get("dependencies") or ():
        if dependency.get("type") != "package":
            continue
        name = str(_sub(dependency, "value").get("path"))
        body = content.files.get(f"_assets/{name}")
        if body is None:
            findings.append(error("missing_package", f"{name} is not in _assets; the path is relative to it.", name))
        else:
            packages.append(check(body, public_key=public_key))
    if not packages and not findings:
        findings.append(warning("empty_bundle", "The bundle holds no package."))
    return Report("", tuple(findings), tuple(packages))


def _manifest(code: str, message: str) -> Finding:
    return error(code, message, "manifest.yaml")


def _mapping(body: bytes) -> dict[str, Any]:
    """YAML with every scalar as text, so that a version stays what was written; {} if it is no mapping."""
    try:
        value = yaml.load(body, LOADER)
    except (yaml.YAMLError, UnicodeDecodeError):
        return {}
    return value if isinstance(value, dict) else {}


def _sub(mapping: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = mapping.get(key)
    return value if isinstance(value, dict) else {}
