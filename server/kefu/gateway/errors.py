"""What can go wrong with an upstream, typed as OpenAI's clients and Dify's plugin know it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson

from kefu.errors import KefuError

KINDS: dict[int, tuple[str, str]] = {
    400: ("invalid_request_error", "upstream_refused"),
    401: ("authentication_error", "upstream_unauthorized"),
    403: ("permission_error", "upstream_forbidden"),
    404: ("not_found_error", "model_not_found"),
    408: ("timeout_error", "upstream_timeout"),
    413: ("invalid_request_error", "too_large"),
    422: ("invalid_request_error", "upstream_refused"),
    429: ("rate_limit_error", "rate_limited"),
}
"""HTTP status → type and code. What is not listed is the server's fault: api_error, upstream_failed."""

HINTS = {
    401: "Check the key of this model: ./kefu models list, ./kefu models add … --key.",
    403: "The key may not use this model.",
    404: "Does its address end in /v1? Is its name right? ./kefu models test NAME lists what the server has.",
    429: "Try again later, or give this model a fallback.",
}

REFUSALS = (400, 413, 422)
"""The request itself is wrong: another model would be asked the same, so no fallback."""


class UpstreamError(KefuError):
    """An upstream that did not answer. ``retry_after``: its own words, seconds or a date. ``reached``: was it sent?
    ``requests`` is set where a whole chain failed: how many were sent."""

    def __init__(
        self, message: str, hint: str = "", *, status: int = 502, kind: str = "", code: str = "",
        retry_after: str = "", reached: bool = True,
    ) -> None:  # fmt: skip
        named = KINDS.get(status, ("api_error", "upstream_failed"))
        super().__init__(message, hint, code=code or named[1])
        self.status = status
        self.kind = kind or named[0]
        self.retry_after = retry_after
        self.reached = reached
        self.requests = 0


_TOO_LONG = re.compile(
    r"context[ _](?:length|window|size)|maximum context|too many tokens|prompt is too long", re.IGNORECASE
)
"""How vLLM, SGLang, llama.cpp, OpenAI and others say that a request does not fit."""


class ClientGone(Exception):
    """The caller hung up; nobody is left to answer."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer other than 200."""

    status: int
    body: bytes
    retry_after: str = ""


def refused(name: str, refusal: Refusal, key: str) -> UpstreamError:
    """The error for an upstream's refusal, with the server's own words but never its key."""
    said = words_of(refusal.body)
    if key:
        said = said.replace(key, "…")
    status = refusal.status if 400 <= refusal.status < 600 else 502
    too_long = status in REFUSALS and _TOO_LONG.search(said)
    return UpstreamError(
        f"The upstream “{name}” answered {refusal.status}{f': {said}' if said else '.'}",
        HINTS.get(status, ""),
        status=status,
        code="context_length_exceeded" if too_long else "",
        retry_after=refusal.retry_after,
    )


def words_of(body: bytes) -> str:
    """The message in an error body of any shape, at most 300 characters."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body.decode(errors="replace").strip()
        return "" if text.startswith("<") else text[:300]
    for name in ("error", "message", "detail"):
        while isinstance(value, dict) and name in value:
            value = value[name]
    return (value if isinstance(value, str) else orjson.dumps(value).decode())[:300]
