"""Write a result file whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from kefu.errors import BadInput


def write_whole(path: Path, content: bytes) -> None:
    """Replace ``path`` in one step; a crash leaves the old file. Raises BadInput when it cannot be written."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadInput(
            f"{path} cannot be written: {error.strerror}.", "Name a file in a folder that exists."
        ) from error
