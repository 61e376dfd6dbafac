"""What the daemon refuses, one broken package for each rule."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kefu.dify import archive, package, packagecheck
from kefu.dify.archive import Archive

ROOT = Path(__file__).resolve().parents[2]
GOOD = package.plugin_files(ROOT, package.PLUGINS[0])
GOOD_MODEL = package.plugin_files(ROOT, package.PLUGINS[1])

Change = Callable[[dict[str, bytes]], object]


def _codes(files: dict[str, bytes]) -> set[str]:
    return {found.code for found in packagecheck.check(archive.pack(files)).findings if found.level == "error"}


def _replace(path: str, old: str, new: str) -> Change:
    def change(files: dict[str, bytes]) -> None:
        assert old.encode() in files[path], f"{old!r} not in {path}"
        files[path] = files[path].replace(old.encode(), new.encode())

    return change


def _manifest(old: str, new: str) -> Change:
    return _replace("manifest.yaml", old, new)


def _add(path: str, body: bytes = b"x") -> Change:
    return lambda files: files.update({path: body})


def _remove(path: str) -> Change:
    return lambda files: files.pop(path)


BROKEN: dict[str, tuple[str, Change]] = {
    "version of three parts": ("version", _manifest("version: 0.1.0\n", "version: 1.0.0rc1\n")),
    "two-part version": ("version", _manifest("version: 0.1.0\n", "version: '1.0'\n")),
    "capital author": ("author", _manifest("author: kefu", "author: Kefu")),
    "author dify": ("author", _manifest("author: kefu", "author: my-dify")),
    "author langgenius": ("author", _manifest("author: kefu", "author: langgenius")),
    "name with a space": ("name", _manifest("name: kefu-tools", "name: kefu tools")),
    "date without a time": ("created_at", _manifest("2026-01-01T00:00:00Z", "2026-01-01")),
    "unknown type": ("type", _manifest("type: plugin", "type: extension")),
    "unknown tag": ("tags", _manifest("  - business", "  - shops")),
    "no english label": ("label", _manifest("  en_US: Kefu customer service", "  ja_JP: Kefu")),
    "long description": ("description", _manifest("Rules, live stock", "x" * 1024)),
    "runner 3.11": ("meta", _manifest('version: "3.12"', 'version: "3.11"')),
    "unknown arch": ("meta", _manifest("- amd64", "- riscv")),
    "no entry point": ("meta", _remove("main.py")),
    "no memory": ("resource", _manifest("memory: 134217728", "cpu: 1")),
    "too small a storage": ("resource", _manifest("permission: {}", "permission: {storage: {size: 10}}")),
    "missing icon": ("icon", _remove("_assets/icon.svg")),
    "missing provider": ("missing_file", _remove("provider/kefu.yaml")),
    "missing tool": ("missing_file", _remove("tools/rule_reply.yaml")),
    "missing source": ("missing_source", _remove("tools/rule_reply.py")),
    "nothing provided": ("plugins", _manifest("tools:\n    - provider/kefu.yaml", "tools: []")),
    "no requirements": ("requirements", _remove("requirements.txt")),
    "wheels beside pyproject": (
        "requirements",
        lambda files: files.update({"pyproject.toml": b"", "requirements.txt": b"--no-index\n", "wheels/a.whl": b""}),
    ),
    "no-index without wheels": ("requirements", _add("requirements.txt", b"--no-index\n")),
    "unknown parameter type": ("parameter_type", _replace("tools/rule_reply.yaml", "type: string", "type: strng")),
    "unknown parameter form": ("parameter_form", _replace("tools/rule_reply.yaml", "form: llm", "form: canvas")),
    "unknown credential type": ("credential_type", _replace("provider/kefu.yaml", "secret-input", "password")),
    "packaged .env": ("dot_env", _add(".env")),
    "caches": ("forbidden_folder", _add("tools/__pycache__/a.pyc")),
    "path upwards": ("bad_path", _add("../x")),
    "broken YAML": ("yaml", _add("tools/rule_reply.yaml", b"a: [")),
    "python that does not compile": ("python", _add("tools/rule_reply.py", b"def")),
    "over 50 MiB": ("too_large", _add("_assets/big.bin", bytes(51 * 2**20))),
}


@pytest.mark.parametrize("case", BROKEN)
def test_the_daemons_refusals_are_found(case: str) -> None:
    """Each broken package gets the error it must, and is reported as refused."""
    code, change = BROKEN[case]
    files = dict(GOOD)
    change(files)
    assert code in _codes(files)


def test_a_plugin_with_tools_and_models_is_refused() -> None:
    """The rule that made two plugins of this project; the daemon alone enforces it."""
    files = {**GOOD_MODEL, **{path: body for path, body in GOOD.items() if path.startswith("tools/")}}
    files["provider/tools.yaml"] = GOOD["provider/kefu.yaml"].replace(b"provider/kefu.py", b"provider/tools.py")
    files["provider/tools.py"] = GOOD["provider/kefu.py"]
    files["manifest.yaml"] = GOOD_MODEL["manifest.yaml"].replace(
        b"plugins:\n", b"plugins:\n  tools:\n    - provider/tools.yaml\n"
    )
    report = packagecheck.check(archive.pack(files))
    assert not report.installs
    assert [found.code for found in report.findings if found.level == "error"] == ["mixed"]
    assert "cannot be provided at the same time" in str(report.findings)


def test_a_wrapper_folder_is_named_as_such() -> None:
    """The commonest mistake when a folder is zipped by hand."""
    assert _codes({f"kefu/{path}": body for path, body in GOOD.items()}) == {"wrapper_folder"}
    assert _codes({"readme.txt": b""}) == {"no_manifest"}


def test_directory_entries_are_refused() -> None:
    """Zip tools add them; the daemon answers “read provider: is a directory”."""
    entries = (("provider/", b""), *sorted(GOOD.items()))
    report = packagecheck.check(archive.write(Archive(entries)))
    assert [found.code for found in report.findings if found.level == "error"] == ["directory_entry"]


def test_the_same_path_twice_is_refused() -> None:
    """Which of the two counts would depend on the reader."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for path, body in GOOD.items():
            target.writestr(path, body)
        with pytest.warns(UserWarning, match="Duplicate"):
            target.writestr("main.py", b"pass")
    assert "duplicate_entry" in {found.code for found in packagecheck.check(buffer.getvalue()).findings}


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a zip" * 100, archive.pack(GOOD)[:5000]])
def test_what_is_no_zip_is_one_clear_error(data: bytes) -> None:
    """Text, a torn download, nothing at all."""
    report = packagecheck.check(data)
    assert not report.installs
    assert [found.code for found in report.findings] == ["not_a_zip"]


def test_any_single_byte_of_a_package_may_be_wrong() -> None:
    """A changed byte is found or harmless; it never raises."""
    data = archive.pack({path: GOOD[path] for path in ("manifest.yaml", "main.py")})
    for position in range(0, len(data), 11):
        packagecheck.check(data[:position] + bytes([data[position] ^ 0x55]) + data[position + 1 :])


def test_a_manifest_of_any_shape_is_reported() -> None:
    """Values of the wrong kind are findings, not exceptions."""
    for value in ("", "[]", "text", "label: x\nplugins: []\nmeta: 1", "plugins: {tools: [a, b]}\ntags: x"):
        assert not packagecheck.check(archive.pack({"manifest.yaml": value.encode()})).installs


def test_a_bundle_is_as_good_as_its_packages() -> None:
    """One refused package refuses the whole; a path with _assets/ in it is not found."""
    packages = package.build(ROOT)
    bundle = archive.read(package.build_bundle(packages, b"<svg/>"), limit=2**26).files
    assert packagecheck.check(archive.pack(bundle)).installs
    wrong = {**bundle, f"_assets/{packages[0].file_name}": b"torn"}
    assert not packagecheck.check(archive.pack(wrong)).installs
    prefixed = bundle["manifest.yaml"].replace(b"path: kefu-", b"path: _assets/kefu-")
    report = packagecheck.check(archive.pack({**bundle, "manifest.yaml": prefixed}))
    assert {found.code for found in report.findings} == {"missing_package"}


MARKET: dict[str, tuple[str, Change]] = {
    "call without time-out": ("market_timeout", _add("tools/x.py", b"import requests\nrequests.get('')\n")),
    "Chinese README": ("market_readme", _add("README.md", "说明".encode())),
    "template policy": ("market_privacy", _add("PRIVACY.md", b"!!! Please fill in")),
    "loose dependency": ("market_dependency", _add("requirements.txt", b"requests\n")),
    "old SDK": ("market_sdk", _add("requirements.txt", b"dify_plugin>=0.4\n")),
    "key inside": ("market_unwanted", _add("signing.pem")),
    "binary inside": ("market_binary", _add("tools/x.so")),
    "undisclosed host": ("market_domain", _add("tools/x.py", b"URL = 'https://tracker.example.com/x'\n")),
    "secret in an error": ("market_secret", _add("tools/x.py", b"def f(token):\n    raise ValueError(token)\n")),
    "empty icon": ("market_icon", _add("_assets/icon.svg", b"<svg></svg>")),
}


@pytest.mark.parametrize("case", MARKET)
def test_the_marketplaces_checks_are_warnings(case: str) -> None:
    """They do not keep a package from installing by hand."""
    code, change = MARKET[case]
    files = dict(GOOD)
    change(files)
    report = packagecheck.check(archive.pack(files))
    assert report.installs
    assert code in {found.code for found in report.findings}


def test_a_hosts_mention_in_the_policy_discloses_it() -> None:
    """And Chinese inside a code fence of the README is allowed."""
    files = {
        **GOOD,
        "tools/x.py": b"URL = 'https://api.example.com/x'\n",
        "PRIVACY.md": GOOD["PRIVACY.md"] + b"\nData goes to api.example.com.\n",
        "README.md": GOOD["README.md"] + "\n```\n你好\n```\n".encode(),
    }
    codes = [str(found) for found in packagecheck.check(archive.pack(files)).findings]
    assert not [code for code in codes if "market_domain" in code or "English" in code]
