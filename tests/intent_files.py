"""Files of intent models as other versions would have written them."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any


def with_header(data: bytes, changed: dict[str, Any]) -> bytes:
    """The file ``data`` with some fields of its header changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as other:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "header.json":
                content = json.dumps(json.loads(content) | changed).encode()
            other.writestr(name, content)
    return out.getvalue()
