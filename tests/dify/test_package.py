"""What `./kefu package` builds."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
import yaml

from kefu.cli import main
from kefu.dify import archive, package, packagecheck
from kefu.errors import BadInput, NotFound

ROOT = Path(__file__).resolve().parents[2]


def test_two_builds_give_the_same_bytes_and_identifier() -> None:
    """Reproducible: nothing of the clock or the machine is in a package."""
    assert package.build(ROOT) == package.build(ROOT)


def test_the_identifier_is_the_daemons() -> None:
    """SHA-256 over SHA-256(path) + SHA-256(content) in byte order of the paths, zip metadata left out."""
    content = {"b.txt": b"2", "a/é.txt": b"1", "B.txt": b"3"}
    ordered = ["B.txt", "a/é.txt", "b.txt"]
    joined = b"".join(
        hashlib.sha256(path.encode()).digest() + hashlib.sha256(content[path]).digest() for path in ordered
    )
    assert archive.checksum(content) == hashlib.sha256(joined).hexdigest()
    assert archive.checksum({}) == hashlib.sha256(b"").hexdigest()


def test_a_compressed_archive_has_the_same_identifier() -> None:
    """Dify's own packager deflates; the identity does not change with it."""
    built = package.build(ROOT)[0]
    deflated = io.BytesIO()
    with zipfile.ZipFile(deflated, "w", zipfile.ZIP_DEFLATED) as target:
        for path, body in reversed(list(archive.read(built.data, limit=2**26).files.items())):
            target.writestr(path, body)
    assert deflated.getvalue() != built.data
    assert package.identifier(deflated.getvalue()) == built.identifier


def test_nothing_but_the_plugin_is_packed() -> None:
    """The allow-list keeps server, tests and caches out; every Python package folder has its __init__.py."""
    for built in package.build(ROOT):
        paths = set(archive.read(built.data, limit=2**26).files)
        assert not [path for path in paths if "__pycache__" in path or path.startswith(("server", "tests", "."))]
        for folder in {path.split("/")[0] for path in paths if path.endswith(".py") and "/" in path}:
            assert f"{folder}/__init__.py" in paths
        assert {"README.md", "readme/README_zh_Hans.md", "LICENSE"} <= paths


def test_both_packages_pass_the_check() -> None:
    """No error of the daemon's; of the Marketplace's only what waits for the repository's public address."""
    for built in package.build(ROOT):
        report = packagecheck.check(built.data)
        assert report.installs
        assert report.identifier == built.identifier
        assert {found.code for found in report.findings} <= {
            "unsigned",
            "market_repo",
            "market_contact",
            "market_readme",
        }
        assert [str(found) for found in report.findings if "English" in found.message] == []


def test_a_release_is_complete_and_its_sums_are_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Packages, bundle, notes and SHA256SUMS, which covers every other file."""
    assert main(["package", "--out", str(tmp_path)]) == 0
    assert "kefu/kefu-tools:0.1.0@" in capsys.readouterr().out
    sums = dict(line.split("  ")[::-1] for line in (tmp_path / "SHA256SUMS").read_text().splitlines())
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {*sums, "SHA256SUMS"}
    assert {"kefu-tools-0.1.0.difypkg", "kefu-models-0.1.0.difypkg", "kefu.difybndl"} <= files
    for name, digest in sums.items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    for name in ("kefu.difybndl", "kefu-models-0.1.0.difypkg"):
        assert main(["package", "--check", str(tmp_path / name)]) == 0


def test_the_bundle_names_its_packages_relative_to_assets() -> None:
    """`_assets/X` as path gives a 500 without a message in Dify."""
    packages = package.build(ROOT)
    bundle = package.build_bundle(packages, b"<svg/>")
    files = archive.read(bundle, limit=2**26).files
    paths = [row["value"]["path"] for row in yaml.safe_load(files["manifest.yaml"])["dependencies"]]
    assert paths == [built.file_name for built in packages]
    assert all(f"_assets/{path}" in files for path in paths)
    assert packagecheck.check(bundle).installs


def test_the_offline_variant_looks_nowhere_but_into_the_package() -> None:
    """Wheels inside, --no-index on top, one architecture; the check follows."""
    files = package.plugin_files(ROOT, package.PLUGINS[0])
    offline = package.with_wheels(files, {"x-1-py3-none-any.whl": b"wheel"}, "arm64")
    assert offline["requirements.txt"].startswith(b"--no-index --find-links=./wheels/\ndify-plugin")
    assert yaml.safe_load(offline["manifest.yaml"])["meta"]["arch"] == ["arm64"]
    assert packagecheck.check(archive.pack(offline)).installs
    with pytest.raises(BadInput, match="architectures"):
        package.with_wheels(offline, {}, "amd64")


def test_the_offline_versions_are_the_locked_ones() -> None:
    """What is shipped is what the tests ran with."""
    pinned = package.locked_versions(ROOT / "uv.lock").splitlines()
    assert any(line.startswith("dify-plugin==0.9.") for line in pinned)
    assert not [line for line in pinned if line.startswith("kefu==")]


def test_apps_are_stamped_with_the_identifiers(tmp_path: Path) -> None:
    """The stamp is a comment: the app itself stays as rendered; sources are left out."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.yml").write_text("no")
    (tmp_path / "1.14").mkdir()
    (tmp_path / "1.14" / "a.yml").write_text("app: {name: 客服}\n", encoding="utf-8")
    packages = package.build(ROOT)
    stamped = package.stamped_apps(tmp_path, packages)
    assert list(stamped) == ["dify_apps/1.14/a.yml"]
    assert packages[0].identifier in stamped["dify_apps/1.14/a.yml"].decode()
    assert yaml.safe_load(stamped["dify_apps/1.14/a.yml"]) == {"app": {"name": "客服"}}


def test_release_notes_carry_the_changelogs_section() -> None:
    """The version's own section, else Unreleased."""
    text = "# Changes\n## 0.2.0\n- newer\n## 0.1.0 (today)\n- this\n## 0.0.9\n- older\n"
    assert package.changelog_section(text, "0.1.0") == "- this"
    assert package.changelog_section("## Unreleased\n- soon\n", "0.1.0") == "- soon"
    assert package.changelog_section("", "0.1.0") == ""


def test_an_incomplete_checkout_says_what_is_missing(tmp_path: Path) -> None:
    """One clear line instead of a package that fails in Dify."""
    (tmp_path / "manifest.yaml").write_text("version: 0.1.0\n")
    with pytest.raises(NotFound, match="README_en_US"):
        package.plugin_files(tmp_path, package.PLUGINS[0])


def test_a_file_that_is_not_there_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The command line's error, status 2."""
    assert main(["package", "--check", "nowhere.difypkg"]) == 2
    assert "nowhere.difypkg cannot be read" in capsys.readouterr().err


def test_a_folder_and_a_bundle_hold_the_same_packages(tmp_path: Path) -> None:
    """`deploy --packages` takes either; two variants of one plugin side by side are refused."""
    built = package.write_release(ROOT, tmp_path)
    assert package.read_packages(tmp_path) == tuple(sorted(built, key=lambda row: row.file_name))
    assert package.read_packages(tmp_path / package.BUNDLE_NAME) == package.read_packages(tmp_path)
    (tmp_path / "kefu-tools-copy.difypkg").write_bytes(built[0].data)
    with pytest.raises(BadInput, match="kefu-tools twice"):
        package.read_packages(tmp_path)
    with pytest.raises(NotFound):
        package.read_packages(tmp_path / "nothing")
