"""The container of a package: files in, the same zip bytes out on every machine, and the identity Dify gives it."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from kefu.errors import BadInput

TIMESTAMP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Archive:
    """Entries in central-directory order, as the signature hashes them, and the zip comment."""

    entries: tuple[tuple[str, bytes], ...]
    comment: bytes = b""

    @property
    def files(self) -> dict[str, bytes]:
        """Content by path, without directory entries."""
        return {path: content for path, content in self.entries if not path.endswith("/")}


def pack(files: Mapping[str, bytes], *, comment: bytes = b"") -> bytes:
    """A zip of ``files`` in path order, fixed times and modes, uncompressed: deflate differs between zlib builds."""
    return write(Archive(tuple(sorted(files.items(), key=lambda item: item[0].encode())), comment))


def write(archive: Archive) -> bytes:
    """The zip of exactly these entries in this order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as bundle:
        for path, content in archive.entries:
            entry = zipfile.ZipInfo(path, TIMESTAMP)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            bundle.writestr(entry, content)
        bundle.comment = archive.comment
    return buffer.getvalue()


def read(data: bytes, *, limit: int) -> Archive:
    """The entries of a zip; BadInput if it is none, is broken, or unpacks to more than ``limit`` bytes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            infos = bundle.infolist()
            if sum(info.file_size for info in infos) > limit:
                raise BadInput(f"It unpacks to more than {limit // 2**20} MiB.", "Ship fewer files.")
            return Archive(tuple((info.filename, bundle.read(info)) for info in infos), bundle.comment)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise BadInput("It is not a readable zip file.", "Build it with ./kefu package.") from error


def checksum(files: Mapping[str, bytes]) -> str:
    """Hex digest in a plugin's identifier: SHA-256 over each path's and content's SHA-256, paths in byte order."""
    total = hashlib.sha256()
    for path in sorted(files, key=str.encode):
        total.update(hashlib.sha256(path.encode()).digest())
        total.update(hashlib.sha256(files[path]).digest())
    return total.hexdigest()
