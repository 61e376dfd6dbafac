"""What a classifier's instruction says a class takes in besides its name: “库存查询 包括：配送时效、兼容查询”.

Class texts are shown on the canvas in one short line, so the longer list stands in the instruction, where a language
model reads it too.
"""

from __future__ import annotations

import re


def widen(class_text: str, instruction: str) -> str:
    """The class text with the names that the instruction lists for it; unchanged if it lists none."""
    listed = re.search(rf"(?:^|[\n；;。])\s*{re.escape(class_text)}\s*包括\s*[：:]([^\n；;。]+)", instruction)
    return f"{class_text}/{listed.group(1).strip()}" if listed else class_text
