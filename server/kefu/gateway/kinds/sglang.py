"""SGLang: one of `regex`, `ebnf` or a JSON schema a request."""

from __future__ import annotations

import re

from kefu.gateway.kinds.kind import Kind, json_schema, template_switch

SGLANG = Kind(
    "SGLang",
    choice=lambda labels: {"regex": f"({'|'.join(map(re.escape, labels))})"},
    schema=json_schema,
    think=template_switch,
)
