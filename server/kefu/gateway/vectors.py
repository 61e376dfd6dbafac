"""Texts as vectors, by an upstream's `/v1/embeddings`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import orjson

from kefu.core.upstreams import Upstream
from kefu.gateway.calls import NOBODY, embed
from kefu.gateway.errors import UpstreamError
from kefu.gateway.http import Pool


def vectors_of(pool: Pool, upstream: Upstream, texts: Sequence[str]) -> np.ndarray:
    """One row a text, in their order. Raises UpstreamError: refused, silent, unreachable, or not one vector a text."""
    body = {"model": upstream.model, "input": list(texts), "encoding_format": "float"}
    answer = orjson.loads(embed(pool, upstream, orjson.dumps(body), body, NOBODY))
    try:
        rows = sorted(answer["data"], key=lambda row: row["index"])
        made = np.array([row["embedding"] for row in rows], dtype=np.float32)
    except (KeyError, TypeError, ValueError) as error:
        raise _malformed(upstream) from error
    if made.ndim != 2 or len(made) != len(texts) or not made.shape[1] or not np.isfinite(made).all():
        raise _malformed(upstream)
    return made


def _malformed(upstream: Upstream) -> UpstreamError:
    return UpstreamError(
        f"The upstream “{upstream.name}” did not send one vector for each text.",
        "Is this an embedding model? ./kefu models test tries it.",
        code="upstream_malformed",
    )
