"""vLLM: `structured_outputs` (0.12 dropped the older guided_* fields)."""

from __future__ import annotations

from kefu.gateway.kinds.kind import Kind, template_switch

VLLM = Kind(
    "vLLM",
    choice=lambda labels: {"structured_outputs": {"choice": list(labels)}},
    schema=lambda schema: {"structured_outputs": {"json": dict(schema)}},
    think=template_switch,
)
