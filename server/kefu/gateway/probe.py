"""Try an upstream: is it there, does it have the model, does it answer, does it obey a constraint?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from kefu.core.upstreams import Upstream
from kefu.gateway.calls import LIMITS, NOBODY, ask, embed, send
from kefu.gateway.errors import UpstreamError
from kefu.gateway.http import Pool
from kefu.gateway.kinds import UPSTREAM_KINDS, openai


@dataclass(frozen=True, slots=True)
class Check:
    """One thing tried. ``detail`` is what was found, or what to do; ``ms`` how long it took."""

    name: str
    ok: bool
    detail: str
    ms: float


def probe(pool: Pool, upstream: Upstream) -> list[Check]:
    """Every check in turn, until the first that fails. A server may list no models."""
    steps: list[tuple[str, Callable[[Pool, Upstream], str]]] = [("models", _lists)]
    if "chat" in upstream.abilities:
        steps += [("chat", _answers), ("choice", _chooses)]
    if "embeddings" in upstream.abilities:
        steps.append(("embeddings", _embeds))
    done: list[Check] = []
    for name, step in steps:
        started = time.perf_counter()
        try:
            ok, detail = True, step(pool, upstream)
        except UpstreamError as error:
            ok, detail = name == "models" and error.status in (404, 405), str(error)
        done.append(Check(name, ok, detail, round((time.perf_counter() - started) * 1000, 1)))
        if not ok:
            break
    return done


def _lists(pool: Pool, upstream: Upstream) -> str:
    answer = send(pool, upstream, "/models", None, NOBODY).read()
    try:
        names = [str(row["id"]) for row in orjson.loads(answer)["data"]]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise UpstreamError(
            f"{upstream.url}/models is no list of models.", "Does the address end in /v1?", code="upstream_malformed"
        ) from error
    if upstream.model not in names:
        return f"“{upstream.model}” is not listed; the server has {', '.join(names[:10]) or 'none'}"
    return f"has {upstream.model}"


def _answers(pool: Pool, upstream: Upstream) -> str:
    said = ask(pool, upstream, [{"role": "user", "content": "只回复“好”。"}], {}, LIMITS[False], NOBODY)
    if not said.text.strip():
        raise UpstreamError(f"“{upstream.name}” answered with no text.", "Is this a chat model?")
    return said.text.strip()[:40]


def _chooses(pool: Pool, upstream: Upstream) -> str:
    kind = UPSTREAM_KINDS[upstream.kind]
    extra = kind.choice(("1", "2"))
    if not extra:
        return "this kind of server constrains nothing; answers are checked and repaired"
    said = ask(pool, upstream, [{"role": "user", "content": "讲一个故事。"}], extra, LIMITS[False], NOBODY)
    obeyed = said.text.strip() in ("1", "2", '"1"', '"2"') or f'"{openai.KEY}"' in said.text
    return (
        "constrains answers"
        if obeyed and said.requests == 1
        else "ignores constraints; answers are checked and repaired"
    )


def _embeds(pool: Pool, upstream: Upstream) -> str:
    raw = orjson.dumps({"model": upstream.model, "input": ["你好"]})
    rows = orjson.loads(embed(pool, upstream, raw, {"model": upstream.model, "input": ["你好"]}, NOBODY))["data"]
    return f"{len(rows[0].get('embedding', []))} numbers a text" if rows else "no vector"
