"""LLaMA-Factory's API: constrains nothing, wants user and assistant in turn, counts no tokens in a stream.

Whether its model thinks is a setting of that server, not of a request.
"""

from __future__ import annotations

from kefu.gateway.kinds.kind import Kind

LLAMAFACTORY = Kind("LLaMA-Factory API", alternates=True, stream_usage=False)
