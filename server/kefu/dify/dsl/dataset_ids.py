"""Dataset ids in an imported file: a UUID since Dify 1.9; before, only as Dify's own export writes them.

Dify drops what it cannot decrypt without a word, and the knowledge node then finds nothing (seen on 1.4.2). The format
hides nothing, it only ties a file to its workspace: AES-256-CBC, padded (PKCS 7), key = SHA-256 of the workspace's id,
initial vector = the key's first 16 bytes, standard base64.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7


def encrypted(dataset_id: str, workspace_id: str) -> str:
    """The id as a Dify before 1.9 wants it in a file for this workspace."""
    key = hashlib.sha256(workspace_id.encode()).digest()
    padder = PKCS7(128).padder()
    padded = padder.update(dataset_id.encode()) + padder.finalize()
    cipher = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(cipher.update(padded) + cipher.finalize()).decode()
