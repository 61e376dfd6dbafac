"""Kinds of upstream servers: one file and one line each."""

from __future__ import annotations

from kefu.gateway.kinds.kind import Kind
from kefu.gateway.kinds.llamafactory import LLAMAFACTORY
from kefu.gateway.kinds.ollama import OLLAMA
from kefu.gateway.kinds.openai import OPENAI
from kefu.gateway.kinds.sglang import SGLANG
from kefu.gateway.kinds.vllm import VLLM

UPSTREAM_KINDS: dict[str, Kind] = {
    "vllm": VLLM,
    "sglang": SGLANG,
    "ollama": OLLAMA,
    "llamafactory": LLAMAFACTORY,
    "openai": OPENAI,
}

__all__ = ["UPSTREAM_KINDS", "Kind"]
