"""Plugins of a workspace: what is installed, installing exactly what we built, taking away."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from kefu.dify.console import Console, say_nothing, version_key
from kefu.dify.package import Package
from kefu.errors import KefuError, Unavailable

WORKSPACE = "/workspaces/current"
INSTALL_SECONDS = 900.0
"""The daemon itself gives up after 10 to 15 minutes."""
POLL_SECONDS = 1.0
STOPPING_SECONDS = 12.0
"""Longer than the daemon takes to stop a plugin after it was uninstalled (5 s measured)."""

SIGNATURE_HELP = (
    "Either sign it (./kefu keygen, ./kefu deploy --sign KEY) and let the Dify trust the key, or set in Dify's .env "
    "FORCE_VERIFYING_SIGNATURE=false; for the key set THIRD_PARTY_SIGNATURE_VERIFICATION_ENABLED=true and "
    "THIRD_PARTY_SIGNATURE_VERIFICATION_PUBLIC_KEYS=/app/storage/public_keys/kefu.public.pem. Then "
    "`docker compose down && docker compose up -d`: a restart does not read .env again."
)
PACKAGES_HELP = (
    "The plugin daemon did not get the Python packages; its log says why. If it reaches no package index: "
    "./kefu deploy --offline amd64 brings the wheels. If it speaks of a certificate, a proxy opens its TLS: let the "
    "daemon's container trust that (UV_NATIVE_TLS=1, or SSL_CERT_FILE), or bring the wheels as well."
)

DAEMON_HELP = (
    "Dify 1.13.3 names the package in a way that its own plugin daemon (0.5.3) does not read: no local package "
    "installs there. Set image: langgenius/dify-plugin-daemon:0.5.5-local (or newer) in its docker-compose.yaml and "
    "`docker compose up -d plugin_daemon`, or upgrade Dify to 1.14; then run this again."
)
"""dify#34720: API 1.13.3 sends the identifier in the query, daemons up to 0.5.4 read it from a body only."""


@dataclass(frozen=True, slots=True)
class Installed:
    """``identifier`` is ``author/name:version@checksum``, ``installation`` what uninstalling asks for."""

    plugin_id: str
    identifier: str
    installation: str


def installed_plugins(console: Console) -> dict[str, Installed]:
    """By plugin id (``author/name``)."""
    rows = console.get(f"{WORKSPACE}/plugin/list", page=1, page_size=256)["plugins"]
    found = (
        Installed(row["plugin_id"], row["plugin_unique_identifier"], row.get("installation_id") or row["id"])
        for row in rows
    )
    return {row.plugin_id: row for row in found}


def plugin_id_of(identifier: str) -> str:
    """``kefu/kefu-tools:0.1.0@abc`` → ``kefu/kefu-tools``."""
    return identifier.partition(":")[0]


def bring(
    console: Console,
    package: Package,
    present: Installed | None,
    *,
    progress: Callable[[str], None] = say_nothing,
    pause: Callable[[float], None] = time.sleep,
    seconds: float = INSTALL_SECONDS,
    kept: bytes | None = None,
) -> str:
    """Make exactly this package the installed one: ``kept``, ``installed`` or ``upgraded``.

    An older one is uninstalled first: installing over it reports success and changes nothing.
    If the new one then fails to install, the old one is put back from ``kept``, its package, if we have it: an
    uninstalled package is forgotten by the daemon and must be uploaded again.
    """
    if present is not None and present.identifier == package.identifier:
        return "kept"
    upload(console, package.file_name, package.data, package.identifier)
    if present is None:
        if install(console, package.identifier, progress=progress, pause=pause, seconds=seconds):
            _install_again(console, package, progress, pause, seconds)
        return "installed"
    uninstall(console, present)
    try:
        install(console, package.identifier, progress=progress, pause=pause, seconds=seconds)
    except KefuError:
        if kept is not None:
            progress(f"{package.name}: the new version did not install, putting {present.identifier} back")
            upload(console, f"{package.name}.difypkg", kept, present.identifier)
            install(console, present.identifier, progress=progress, pause=pause, seconds=seconds)
        raise
    return "upgraded"


def install(
    console: Console,
    identifier: str,
    *,
    progress: Callable[[str], None] = say_nothing,
    pause: Callable[[float], None] = time.sleep,
    seconds: float = INSTALL_SECONDS,
) -> bool:
    """Install an uploaded package and wait for its task; one identifier a call, as Dify wants it. True if there was
    nothing to wait for: the daemon says that it runs the plugin already. A dry run has no task and learns nothing."""
    body = {"plugin_unique_identifiers": [identifier]}
    try:
        answer = console.post(f"{WORKSPACE}/plugin/install/pkg", body, again=True)
    except Unavailable as error:
        if version_key(console.version) == (1, 13, 3):
            error.hint = DAEMON_HELP
        raise
    if console.dry_run:
        return False
    if answer.get("all_installed"):
        return True
    return _wait(console, answer["task_id"], identifier, progress, pause, seconds) == 0


def _install_again(
    console: Console,
    package: Package,
    progress: Callable[[str], None],
    pause: Callable[[float], None],
    seconds: float,
) -> None:
    """A plugin taken away a moment ago is stopped seconds later (seen at daemon 0.6.1): what was installed meanwhile is
    there at once, is stopped with it and never starts again. Installed after that, it does."""
    progress(f"{package.name}: waiting until the daemon has stopped the one taken away before")
    pause(STOPPING_SECONDS)
    present = installed_plugins(console).get(plugin_id_of(package.identifier))
    if present is not None:
        uninstall(console, present)
    upload(console, package.file_name, package.data, package.identifier)
    install(console, package.identifier, progress=progress, pause=pause, seconds=seconds)


def uninstall(console: Console, plugin: Installed) -> None:
    """Tool credentials stay in the workspace, those of a model provider go (1.14)."""
    console.post(f"{WORKSPACE}/plugin/uninstall", {"plugin_installation_id": plugin.installation})


def upload(console: Console, file_name: str, data: bytes, identifier: str) -> None:
    """Store a package in the daemon; installs nothing. Raises what a refused signature means."""
    try:
        answer = console.upload(f"{WORKSPACE}/plugin/upload/pkg", "pkg", file_name, data)
    except KefuError as error:
        if "signature" in error.message:
            error.hint = SIGNATURE_HELP
        raise
    named = answer.get("unique_identifier", identifier)
    if named != identifier:
        raise Unavailable(f"Dify names the package {named}, we {identifier}.", "Something between changes the upload.")


def _wait(
    console: Console,
    task_id: str,
    identifier: str,
    progress: Callable[[str], None],
    pause: Callable[[float], None],
    seconds: float,
) -> float:
    """Until the task ends; tells progress when its words change. Gives the seconds waited, counted in pauses."""
    waited, told = 0.0, ""
    while waited < seconds:
        task = console.get(f"{WORKSPACE}/plugin/tasks/{task_id}")["task"]
        rows = [row for row in task["plugins"] if row["plugin_unique_identifier"] == identifier] or task["plugins"]
        message = rows[0].get("message", "") if rows else ""
        if task["status"] == "success":
            return waited
        if task["status"] == "failed":
            raise Unavailable(f"{identifier} did not install: {message}", _install_help(message))
        if message != told:
            progress(f"{plugin_id_of(identifier)}: {message or task['status']}")
            told = message
        pause(POLL_SECONDS)
        waited += POLL_SECONDS
    raise Unavailable(
        f"{identifier} is still installing after {seconds:.0f} s.", "Run this again later: it continues where it was."
    )


def _install_help(message: str) -> str:
    words = ("virtual environment", "install dependencies", "dns", "certificate")
    if any(word in message for word in words) or "uv" in message.split():
        return PACKAGES_HELP
    return "See the plugin_daemon container's log; running this again is safe."
