"""Signatures as Dify's plugin daemon verifies them for third parties.

RSASSA-PKCS1-v1_5 with SHA-256 over the SHA-256 of every entry's content in central-directory order, followed by the
time in ASCII digits; kept in the zip comment as JSON. Names are not signed; the identity is, see ``archive.checksum``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from kefu.dify import archive
from kefu.dify.archive import Archive
from kefu.errors import BadInput, Conflict

VERIFICATION_ENTRY = ".verification.dify.json"
COMMUNITY = b'{"authorized_category":"community"}'
"""The one category a self-made package may claim; any other breaks the API's reading of the daemon's answer."""

KEY_BITS = 4096
PRIVATE_HEAD = b"-----BEGIN RSA PRIVATE KEY-----"
PUBLIC_HEAD = b"-----BEGIN RSA PUBLIC KEY-----"
PUBLIC_FOOT = b"-----END RSA PUBLIC KEY-----"
MAX_BYTES = 600 * 2**20


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signed package's comment says; ``time`` in seconds since 1970, authenticated but judged by nobody."""

    value: bytes
    time: int


def write_key_pair(private: Path, *, bits: int = KEY_BITS) -> Path:
    """Make a key: ``private`` readable by its owner only, the public one beside it. Returns the public path.

    Raises Conflict rather than overwrite a key that packages may be signed with.
    """
    public = private.with_suffix(".public.pem")
    for path in (private, public):
        if path.exists():
            raise Conflict(f"{path} exists already.", "Choose another name: an old key may still be in use.")
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    private.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
        )
    public.write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1))
    return public


def sign(package: bytes, private_key: bytes, *, time: int) -> bytes:
    """The package with the verification entry and a signature; an older signature is replaced."""
    old = archive.read(package, limit=MAX_BYTES)
    kept = tuple(entry for entry in old.entries if entry[0] != VERIFICATION_ENTRY)
    entries = (*kept, (VERIFICATION_ENTRY, COMMUNITY))
    value = _private(private_key).sign(signed_bytes(entries, time), padding.PKCS1v15(), hashes.SHA256())
    comment = json.dumps({"signature": base64.b64encode(value).decode(), "time": time}, separators=(",", ":")).encode()
    return archive.write(Archive(entries, comment))


def is_signed(package: bytes) -> bool:
    """Whether a signature is there, good or not."""
    return VERIFICATION_ENTRY in archive.read(package, limit=MAX_BYTES).files


def verify(package: bytes, public_key: bytes) -> Signature:
    """The signature if it holds under ``public_key``; else BadInput with the reason, which the daemon never gives."""
    content = archive.read(package, limit=MAX_BYTES)
    signature = read_signature(content)
    if signature is None:
        raise BadInput("The package is not signed.", "Sign it with ./kefu package --sign KEY.")
    if VERIFICATION_ENTRY not in content.files:
        raise BadInput(f"{VERIFICATION_ENTRY} is missing, so Dify takes the package for langgenius'.", "Sign it again.")
    key = read_public_key(public_key)
    try:
        key.verify(
            signature.value,
            signed_bytes(content.entries, signature.time),
            padding.PKCS1v15(),
            hashes.SHA256(),
        )
    except InvalidSignature as error:
        raise BadInput(
            "The signature does not hold: another key, or the package was changed after signing.",
            "Verify with the public key that belongs to the signing key, or sign again.",
        ) from error
    return signature


def read_signature(content: Archive) -> Signature | None:
    """The comment's signature, None if the package has no comment; BadInput if the comment is something else."""
    if not content.comment:
        return None
    try:
        fields = json.loads(content.comment)
        return Signature(base64.b64decode(fields["signature"], validate=True), int(fields["time"]))
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise BadInput("The zip comment is not a signature.", "Sign the package again.") from error


def signed_bytes(entries: Iterable[tuple[str, bytes]], time: int) -> bytes:
    """What is signed: the digests of the contents in order, then the time as decimal digits."""
    digests = b"".join(hashlib.sha256(content).digest() for _, content in entries)
    return digests + str(time).encode()


def read_public_key(pem: bytes) -> rsa.RSAPublicKey:
    """A public key the daemon accepts: one PKCS#1 block and nothing after its END line. BadInput says what is wrong."""
    if b"BEGIN PUBLIC KEY" in pem:
        raise BadInput(
            "The public key is in SPKI form, which the daemon refuses.",
            "Convert it: openssl rsa -pubin -in KEY -RSAPublicKey_out.",
        )
    if not pem.startswith(PUBLIC_HEAD):
        raise BadInput("The public key does not begin with its BEGIN line.", "Use the file kefu keygen wrote.")
    if pem.count(b"-----BEGIN") != 1 or not pem.removesuffix(b"\n").endswith(PUBLIC_FOOT):
        raise BadInput(
            "Something follows the END line of the public key, which the daemon refuses.",
            "Cut blank lines and a second key off.",
        )
    return _public(pem)


def _public(pem: bytes) -> rsa.RSAPublicKey:
    try:
        key = serialization.load_pem_public_key(pem)
    except ValueError as error:
        raise BadInput("The public key cannot be read.", "Use the file kefu keygen wrote.") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise BadInput("The public key is not an RSA key.", "Make one with ./kefu keygen.")
    return key


def _private(pem: bytes) -> rsa.RSAPrivateKey:
    if not pem.startswith(PRIVATE_HEAD):
        raise BadInput(
            "The private key is not a PKCS#1 PEM file (BEGIN RSA PRIVATE KEY).",
            "Make one with ./kefu keygen, or convert: openssl rsa -in KEY -traditional.",
        )
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise BadInput("The private key cannot be read.", "It must have no passphrase.") from error
    assert isinstance(key, rsa.RSAPrivateKey)
    return key
