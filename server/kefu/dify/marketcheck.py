"""The Marketplace's checks as warnings: a package that fails them installs by hand but would not be listed."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from kefu.dify.finding import Finding, error, warning

MAX_FILES = 5000
UNWANTED_ENDINGS = (".pem", ".key", ".pyc", ".log")
BINARY_ENDINGS = (".so", ".dll", ".dylib", ".exe", ".bin", ".whl")
README_WORDS = ("set", "usage", "credential", "connect")
CJK = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
URL = re.compile(r"https?://[A-Za-z0-9.-]+")
SECRET = re.compile(r"token|secret|password|api_?key", re.IGNORECASE)
HTTP_CALLS = frozenset(("get", "post", "put", "patch", "delete", "head", "request"))
LOCAL_HOSTS = frozenset(("localhost", "127.0.0.1", "kefu", "host", "vllm", "www.w3.org"))


def check(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> list[Finding]:
    """All findings; Python that does not compile is an error, since it cannot start either."""
    return [found for rule in RULES for found in rule(files, manifest)]


def _contents(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Iterator[Finding]:
    if len(files) > MAX_FILES:
        yield warning("market_files", f"{len(files)} files; the Marketplace takes {MAX_FILES}.")
    for path in files:
        if path.endswith(UNWANTED_ENDINGS):
            yield warning("market_unwanted", "A key, log or compiled file.", path)
    if binaries := [path for path in files if path.endswith(BINARY_ENDINGS)]:
        yield warning("market_binary", f"{len(binaries)} binaries; the first:", binaries[0])


def _manifest(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Iterator[Finding]:
    privacy = manifest.get("privacy")
    if not privacy or str(privacy) not in files:
        yield warning("market_privacy", "No privacy policy named in the manifest and shipped.", "manifest.yaml")
    elif len(files[str(privacy)].strip()) < 200:
        yield warning("market_privacy", "The privacy policy is empty or the template.", str(privacy))
    if not manifest.get("repo"):
        yield warning("market_repo", "No repo in the manifest.", "manifest.yaml")
    everything = _text(files, "README.md") + _text(files, "manifest.yaml") + _text(files, "PRIVACY.md")
    if not MAIL.search(everything):
        yield warning("market_contact", "No contact e-mail in manifest, README or privacy policy.")
    if any(_is_empty_svg(body) for path, body in files.items() if path.endswith(".svg")):
        yield warning("market_icon", "An SVG that draws nothing: Dify shows an empty square.", "_assets")


def _readme(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Iterator[Finding]:
    text = _text(files, "README.md")
    if not text:
        yield warning("market_readme", "No README.md.")
        return
    if CJK.search(FENCE.sub("", text)):
        yield warning("market_readme", "README.md must be English outside code fences.", "README.md")
    for word in README_WORDS:
        if word not in text.lower():
            yield warning("market_readme", f"README.md says nothing on “{word}…”.", "README.md")
    repo = str(manifest.get("repo") or "")
    if not repo or repo not in text:
        yield warning("market_readme", "README.md has no link to the repository.", "README.md")


def _dependencies(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Iterator[Finding]:
    for line in _text(files, "requirements.txt").splitlines():
        line = line.strip()
        if not line or line.startswith(("#", "-")):
            continue
        if not re.search(r"[=<>~]=|<|>", line):
            yield warning("market_dependency", f"{line} has no version range.", "requirements.txt")
        if re.match(r"dify[-_]plugin\b", line) and not re.search(r"[>=~]=\s*0\.(9|[1-9]\d)", line):
            yield warning("market_sdk", "dify_plugin must be at least 0.9.0.", "requirements.txt")


def _python(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Iterator[Finding]:
    disclosed = _text(files, "PRIVACY.md") + _text(files, "README.md")
    for path, body in files.items():
        if PurePosixPath(path).suffix != ".py":
            continue
        try:
            tree = ast.parse(body)
        except (SyntaxError, ValueError) as problem:
            yield error("python", f"Does not compile: {problem}", path)
            continue
        for node in ast.walk(tree):
            if _is_call_without_timeout(node):
                yield warning("market_timeout", "An HTTP call without timeout=.", path)
            if isinstance(node, ast.Raise) and _secret_names(node):
                yield warning("market_secret", f"raises with {_secret_names(node)}.", path)
        for url in sorted(set(URL.findall(body.decode(errors="replace")))):
            host = urlsplit(url).hostname or ""
            if host not in LOCAL_HOSTS and host not in disclosed:
                yield warning("market_domain", f"{host} is not named in the privacy policy.", path)


RULES: tuple[Callable[[Mapping[str, bytes], Mapping[str, Any]], Iterator[Finding]], ...] = (
    _contents,
    _manifest,
    _readme,
    _dependencies,
    _python,
)


def _is_call_without_timeout(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    called_on = node.func.value
    if not isinstance(called_on, ast.Name) or called_on.id not in ("requests", "session", "_http", "httpx"):
        return False
    return node.func.attr in HTTP_CALLS and not any(word.arg == "timeout" for word in node.keywords)


def _secret_names(node: ast.Raise) -> str:
    names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name) and SECRET.search(part.id)]
    return ", ".join(names)


def _is_empty_svg(body: bytes) -> bool:
    return not re.search(rb"<(path|rect|circle|ellipse|polygon|polyline|line|text|image|use)\b", body)


def _text(files: Mapping[str, bytes], path: str) -> str:
    return files.get(path, b"").decode(errors="replace")
