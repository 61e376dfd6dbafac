"""Builds what a release is made of: two plugin packages, a bundle of both, the apps, notes and checksums."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from kefu.dify import archive, sign
from kefu.errors import BadInput, NotFound, Unavailable

BUNDLE_NAME = "kefu.difybndl"
OFFLINE_HEAD = "--no-index --find-links=./wheels/\n"
BOTH_ARCHITECTURES = "  arch:\n    - amd64\n    - arm64\n"
_ONE_OR_MORE_ARCHITECTURES = re.compile(rb"  arch:\n(?:    - a\w+64\n)+")
PLATFORMS = {
    "amd64": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "arm64": ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
}
"""Wheel platforms that run in the daemon's image, a Debian with glibc 2.28 or newer."""


@dataclass(frozen=True, slots=True)
class PluginSource:
    """A plugin's folder in the repository and what of it is packed: patterns, and files under another name."""

    name: str
    folder: str
    patterns: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...] = ()


COMMON = (
    "manifest.yaml",
    "main.py",
    "requirements.txt",
    "PRIVACY.md",
    "provider/*.py",
    "provider/*.yaml",
    "_assets/*.svg",
    "readme/README_zh_Hans.md",
)

PLUGINS: tuple[PluginSource, ...] = (
    PluginSource(
        "kefu-tools",
        ".",
        (*COMMON, "tools/*.py", "tools/*.yaml"),
        (("readme/README_en_US.md", "README.md"), ("LICENSE", "LICENSE")),
    ),
    PluginSource(
        "kefu-models",
        "models",
        (*COMMON, "README.md", "llm/*.py", "llm/*.yaml", "text_embedding/*.py", "wire/*.py"),
        (("../LICENSE", "LICENSE"),),
    ),
)


@dataclass(frozen=True, slots=True)
class Package:
    """One built package. ``identifier`` is what Dify will call it, taken from the bytes that are written."""

    name: str
    version: str
    identifier: str
    file_name: str
    data: bytes


def build(root: Path, *, key: bytes | None = None, time: int = 0, offline: str | None = None) -> tuple[Package, ...]:
    """Both packages from the repository at ``root``; signed when ``key`` is given, with wheels when ``offline``."""
    return tuple(_build_plugin(root, source, key=key, time=time, offline=offline) for source in PLUGINS)


def plugin_files(root: Path, source: PluginSource) -> dict[str, bytes]:
    """What is packed, by path in the package: an allow-list, so that nothing slips in."""
    folder = root / source.folder
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for pattern in source.patterns
        for path in folder.glob(pattern)
    }
    for here, there in source.renamed:
        if not (folder / here).is_file():
            raise NotFound(f"{source.name}: {here} is missing.", "Package from a complete checkout.")
        found[there] = (folder / here).read_bytes()
    for required in ("manifest.yaml", "main.py", "requirements.txt", "PRIVACY.md", "README.md"):
        if required not in found:
            raise NotFound(f"{source.name}: {required} is missing.", "Package from a complete checkout.")
    return found


def _build_plugin(root: Path, source: PluginSource, *, key: bytes | None, time: int, offline: str | None) -> Package:
    files = plugin_files(root, source)
    if offline:
        files = with_wheels(files, download_wheels(root, files["requirements.txt"], offline), offline)
    data = archive.pack(files)
    if key is not None:
        data = sign.sign(data, key, time=time)
    manifest = yaml.safe_load(files["manifest.yaml"])
    suffix = f"-offline-{offline}" if offline else ""
    return Package(
        name=manifest["name"],
        version=manifest["version"],
        identifier=identifier(data),
        file_name=f"{manifest['name']}-{manifest['version']}{suffix}.difypkg",
        data=data,
    )


def identifier(package: bytes) -> str:
    """``author/name:version@sha256`` of a finished package, as the daemon computes it."""
    files = archive.read(package, limit=sign.MAX_BYTES).files
    manifest = yaml.safe_load(files["manifest.yaml"])
    return f"{manifest['author']}/{manifest['name']}:{manifest['version']}@{archive.checksum(files)}"


def read_packages(path: Path) -> tuple[Package, ...]:
    """Built packages: those in a folder, or inside a bundle. Raises NotFound if there is none, BadInput if one plugin
    is there twice: each run would then install the other one."""
    if path.is_dir():
        files = {file.name: file.read_bytes() for file in sorted(path.glob("*.difypkg"))}
    else:
        inner = archive.read(path.read_bytes(), limit=sign.MAX_BYTES).files if path.is_file() else {}
        files = {Path(name).name: body for name, body in inner.items() if name.endswith(".difypkg")}
    if not files:
        raise NotFound(f"There is no .difypkg in {path}.", "`./kefu package` writes them into dist/.")
    packages = tuple(_of_file(name, data) for name, data in files.items())
    doubled = {row.name for row in packages if sum(other.name == row.name for other in packages) > 1}
    if doubled:
        raise BadInput(f"{path} holds {', '.join(sorted(doubled))} twice.", "Keep the one that you want installed.")
    return packages


def _of_file(file_name: str, data: bytes) -> Package:
    called = identifier(data)
    name, _, rest = called.partition(":")
    return Package(name.rpartition("/")[2], rest.partition("@")[0], called, file_name, data)


def build_bundle(packages: tuple[Package, ...], icon: bytes) -> bytes:
    """One upload with every package. Dify stores them; each is then installed by its own call."""
    manifest = {
        "name": "kefu",
        "labels": {"en_US": "Kefu customer service", "zh_Hans": "Kefu 客服"},
        "description": {
            "en_US": "Kefu's tools and models for e-commerce customer service.",
            "zh_Hans": "Kefu 电商客服的工具与模型插件。",
        },
        "icon": "icon.svg",
        "version": packages[0].version,
        "author": "kefu",
        "type": "bundle",
        "dependencies": [{"type": "package", "value": {"path": package.file_name}} for package in packages],
        "tags": [],
    }
    files = {
        "manifest.yaml": yaml.safe_dump(manifest, allow_unicode=True, sort_keys=False).encode(),
        "_assets/icon.svg": icon,
        **{f"_assets/{package.file_name}": package.data for package in packages},
    }
    return archive.pack(files)


def with_wheels(files: Mapping[str, bytes], wheels: Mapping[str, bytes], arch: str) -> dict[str, bytes]:
    """The offline variant: wheels inside, requirements that look nowhere else, one processor architecture."""
    requirements = OFFLINE_HEAD.encode() + files["requirements.txt"]
    manifest = files["manifest.yaml"].decode()
    if BOTH_ARCHITECTURES not in manifest:
        raise BadInput("The manifest does not list both architectures.", "Keep meta.arch as amd64 and arm64.")
    return {
        **files,
        **{f"wheels/{name}": body for name, body in wheels.items()},
        "requirements.txt": requirements,
        "manifest.yaml": manifest.replace(BOTH_ARCHITECTURES, f"  arch:\n    - {arch}\n").encode(),
    }


def source_files(package: bytes) -> dict[str, bytes]:
    """What the sources put into a package: without the signature's entry and what ``with_wheels`` changes."""
    files = archive.read(package, limit=sign.MAX_BYTES).files
    own = {path: body for path, body in files.items() if not path.startswith("wheels/")}
    own.pop(sign.VERIFICATION_ENTRY, None)
    own["requirements.txt"] = own["requirements.txt"].removeprefix(OFFLINE_HEAD.encode())
    own["manifest.yaml"] = _ONE_OR_MORE_ARCHITECTURES.sub(BOTH_ARCHITECTURES.encode(), own["manifest.yaml"])
    return own


@cache
def download_wheels(root: Path, requirements: bytes, arch: str) -> dict[str, bytes]:
    """Wheels for Python 3.12 on ``arch``, in the versions of ``uv.lock``. Needs a package index: Unavailable if not."""
    with tempfile.TemporaryDirectory() as folder:
        wanted, pinned, target = (Path(folder) / name for name in ("wanted.txt", "pinned.txt", "wheels"))
        wanted.write_bytes(requirements)
        pinned.write_text(locked_versions(root / "uv.lock"))
        platforms = [part for platform in PLATFORMS[arch] for part in ("--platform", platform)]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:", *platforms]
        command += ["--python-version", "3.12", "--implementation", "cp", "--dest", str(target)]
        command += ["--requirement", str(wanted), "--constraint", str(pinned)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            raise Unavailable(
                f"The wheels could not be downloaded: {result.stderr.strip().splitlines()[-1:]}",
                "Check the package index of pip.",
            )
        return {path.name: path.read_bytes() for path in sorted(target.iterdir())}


def locked_versions(lock: Path) -> str:
    """Constraint lines ``name==version`` for everything in uv's lock file."""
    rows = tomllib.loads(lock.read_text(encoding="utf-8"))["package"]
    return "\n".join(f"{row['name']}=={row['version']}" for row in rows if "registry" in row.get("source", {}))


def stamped_apps(folder: Path, packages: tuple[Package, ...]) -> dict[str, bytes]:
    """The rendered apps with a comment that says which plugins they were released with."""
    stamp = "".join(f"# {package.identifier}\n" for package in packages)
    head = f"# Kefu {packages[0].version}. Install these plugins first:\n{stamp}".encode()
    return {
        f"dify_apps/{path.relative_to(folder).as_posix()}": head + path.read_bytes()
        for path in sorted(folder.rglob("*.yml"))
        if "src" not in path.relative_to(folder).parts
    }


def release_notes(packages: tuple[Package, ...], changelog: str, *, signed: bool) -> str:
    """What a person needs to install this release, and what is new in it."""
    version = packages[0].version
    rows = "\n".join(f"- `{package.file_name}` = `{package.identifier}`" for package in packages)
    trust = (
        "The packages are signed. Put the public key where the plugin daemon reads it:"
        " `THIRD_PARTY_SIGNATURE_VERIFICATION_ENABLED=true` and"
        " `THIRD_PARTY_SIGNATURE_VERIFICATION_PUBLIC_KEYS=/app/storage/public_keys/kefu.public.pem`,"
        " then `docker compose down && docker compose up -d`."
        if signed
        else "The packages are not signed: Dify installs them with `FORCE_VERIFYING_SIGNATURE=false` in its `.env`"
        " (then `docker compose down && docker compose up -d`), or sign them with `./kefu package --sign KEY`."
    )
    news = changelog_section(changelog, version)
    return (
        f"# Kefu {version}\n\n{rows}\n- `{BUNDLE_NAME}`: both in one upload\n\n{trust}\n\n"
        f"Made for Dify 1.4.2 and newer; docs/packages.md says what was run where.\n\n{news}".rstrip()
        + "\n"
    )


def changelog_section(changelog: str, version: str) -> str:
    """The lines under the heading of ``version``, or of Unreleased, without the heading."""
    for wanted in (version, "unreleased"):
        lines: list[str] = []
        inside = False
        for line in changelog.splitlines():
            if line.startswith("## "):
                inside = wanted in line.lower()
            elif inside:
                lines.append(line)
        if any(line.strip() for line in lines):
            return "\n".join(lines).strip()
    return ""


def write_release(
    root: Path, out: Path, *, key: bytes | None = None, time: int = 0, offline: str | None = None
) -> tuple[Package, ...]:
    """Build everything into ``out``: packages, bundle, apps, RELEASE_NOTES.md and SHA256SUMS over all of them."""
    packages = build(root, key=key, time=time, offline=offline)
    changelog = root / "CHANGELOG.md"
    news = changelog.read_text(encoding="utf-8") if changelog.exists() else ""
    files = {package.file_name: package.data for package in packages}
    files[BUNDLE_NAME] = build_bundle(packages, (root / "_assets" / "icon.svg").read_bytes())
    files |= stamped_apps(root / "dify_apps", packages)
    files["RELEASE_NOTES.md"] = release_notes(packages, news, signed=key is not None).encode()
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in sorted(files.items()))
    for name, body in {**files, "SHA256SUMS": sums.encode()}.items():
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
    return packages
