"""Signatures, held to the description of the daemon's format by a second implementation."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import stat
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from kefu.cli import main
from kefu.dify import archive, package, packagecheck, sign
from kefu.dify.archive import Archive
from kefu.errors import BadInput, Conflict

ROOT = Path(__file__).resolve().parents[2]
TIME = 1_767_225_600
FILES = {"manifest.yaml": b"name: x\n", "main.py": b"pass\n", "_assets/icon.svg": b"<svg/>"}


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def private(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


@pytest.fixture(scope="module")
def public(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)


@pytest.fixture(scope="module")
def signed(private: bytes) -> bytes:
    return sign.sign(archive.pack(FILES), private, time=TIME)


def test_the_signature_is_the_described_one(key: rsa.RSAPrivateKey, signed: bytes) -> None:
    """Known answer by hand: EMSA-PKCS1-v1_5 of SHA-256, raised to the private exponent with Python's own integers."""
    with zipfile.ZipFile(io.BytesIO(signed)) as bundle:
        digests = [hashlib.sha256(bundle.read(info)).digest() for info in bundle.infolist()]
        names = bundle.namelist()
        comment = json.loads(bundle.comment)
    assert names == ["_assets/icon.svg", "main.py", "manifest.yaml", ".verification.dify.json"]
    message = b"".join(digests) + b"1767225600"
    digest_info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(message).digest()
    padded = b"\x00\x01" + b"\xff" * (256 - 3 - len(digest_info)) + b"\x00" + digest_info
    numbers = key.private_numbers()
    expected = pow(int.from_bytes(padded), numbers.d, numbers.public_numbers.n).to_bytes(256)
    assert comment == {"signature": base64.b64encode(expected).decode(), "time": TIME}


def test_the_verification_entry_is_the_exact_one(signed: bytes) -> None:
    """Another category, or none, makes Dify misread the package."""
    files = archive.read(signed, limit=2**20).files
    assert files[".verification.dify.json"] == b'{"authorized_category":"community"}'


def test_a_signature_holds_and_changes_the_identity_once(signed: bytes, private: bytes, public: bytes) -> None:
    """The identity includes the entry, not key and time."""
    assert sign.verify(signed, public).time == TIME
    digest = archive.checksum(archive.read(signed, limit=2**20).files)
    later = sign.sign(archive.pack(FILES), private, time=TIME + 1)
    assert archive.checksum(archive.read(later, limit=2**20).files) == digest != archive.checksum(FILES)


def test_signing_again_replaces_the_old_signature(signed: bytes, private: bytes, public: bytes) -> None:
    """A second verification entry would make the package unusable."""
    again = sign.sign(signed, private, time=TIME)
    assert again == signed
    assert sign.verify(again, public)


def test_renaming_in_place_still_verifies(signed: bytes, public: bytes) -> None:
    """As measured: names are not signed, the identity changes instead."""
    content = archive.read(signed, limit=2**20)
    renamed = tuple((path.replace("main.py", "main2.py"), body) for path, body in content.entries)
    assert sign.verify(archive.write(Archive(renamed, content.comment)), public)


def _tampered(content: Archive) -> dict[str, Archive]:
    entries = content.entries
    body = json.loads(content.comment)
    late = json.dumps({**body, "time": body["time"] + 1}).encode()
    return {
        "changed": Archive((*entries[:-2], (entries[-2][0], b"evil"), entries[-1]), content.comment),
        "added": Archive((("x", b""), *entries), content.comment),
        "removed": Archive(entries[1:], content.comment),
        "reordered": Archive((entries[1], entries[0], *entries[2:]), content.comment),
        "time edited": Archive(entries, late),
        "comment lost": Archive(entries),
        "comment torn": Archive(entries, content.comment[:-5]),
        "entry lost": Archive(entries[:-1], content.comment),
    }


@pytest.mark.parametrize(
    "how",
    ["changed", "added", "removed", "reordered", "time edited", "comment lost", "comment torn", "entry lost"],
)
def test_every_tampering_the_daemon_refuses_is_refused(how: str, signed: bytes, public: bytes) -> None:
    """And each says why, which the daemon never does."""
    with pytest.raises(BadInput):
        sign.verify(archive.write(_tampered(archive.read(signed, limit=2**20))[how]), public)


def test_another_key_does_not_verify(signed: bytes) -> None:
    """The daemon answers all of these alike; ours names the key."""
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    pem = other.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)
    with pytest.raises(BadInput, match="another key"):
        sign.verify(signed, pem)


def test_public_key_files_the_daemon_chokes_on_are_refused(key: rsa.RSAPrivateKey, public: bytes) -> None:
    """SPKI, a byte-order mark, a trailing blank line, two keys, no key: one of them blocks every package."""
    spki = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for bad in (spki, b"\xef\xbb\xbf" + public, public + b"\n", public + public, b"", public[:50]):
        with pytest.raises(BadInput):
            sign.read_public_key(bad)
    assert sign.read_public_key(public).key_size == 2048


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PRIVATE KEY-----", b"-----BEGIN RSA PRIVATE KEY-----\nxx"])
def test_a_private_key_of_another_form_is_refused(pem: bytes) -> None:
    """With the command that converts it."""
    with pytest.raises(BadInput):
        sign.sign(archive.pack(FILES), pem, time=TIME)


def test_keygen_signs_and_check_verifies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole way by command line; the private key is nobody else's to read and never overwritten."""
    key_file = tmp_path / "keys" / "kefu.pem"
    public = sign.write_key_pair(key_file, bits=2048)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    with pytest.raises(Conflict, match="exists already"):
        sign.write_key_pair(key_file, bits=2048)
    assert main(["package", "--out", str(tmp_path / "dist"), "--sign", str(key_file)]) == 0
    built = tmp_path / "dist" / "kefu-models-0.1.0.difypkg"
    assert main(["package", "--check", str(built), "--public-key", str(public)]) == 0
    assert "Not signed" not in capsys.readouterr().out
    assert main(["package", "--check", str(tmp_path / "dist" / "kefu.difybndl"), "--public-key", str(public)]) == 0
    assert package.identifier(built.read_bytes()) == packagecheck.check(built.read_bytes()).identifier


def test_a_bad_signature_fails_the_check(signed: bytes, public: bytes) -> None:
    """An unsigned package is a warning without a key, an error with one."""
    plain = package.build(ROOT)[0].data
    assert packagecheck.check(plain).installs
    assert not packagecheck.check(plain, public_key=public).installs


def test_keygen_makes_a_key_of_4096_bits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As Dify's own tool does; a name that is taken is one clear line."""
    target = tmp_path / "k.pem"
    target.write_text("mine")
    assert main(["keygen", str(target)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert target.read_text() == "mine"
    assert sign.KEY_BITS == 4096
