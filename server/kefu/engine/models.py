"""The models behind `/v1`: built-in ones, the shop's upstreams, and Dify's nodes answered by the cascade of both."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import orjson

from kefu.core.guard import Guard, GuardSettings
from kefu.core.guard.settings import KINDS as GUARDED
from kefu.core.upstreams import ALIAS, LOCAL, Upstream
from kefu.engine.nodes import choose_class, extract_values, together
from kefu.engine.snapshots import Snapshot
from kefu.errors import BadInput, NotFound
from kefu.gateway import calls
from kefu.gateway.ask import class_question, extract_question, labels_of, read_class, read_values, strict_schema
from kefu.gateway.calls import Caller, Said
from kefu.gateway.chain import Chain, Target
from kefu.gateway.completion import ChatAnswer, local_answer
from kefu.gateway.errors import UpstreamError
from kefu.gateway.fit import check_built_in, check_chat, check_embeddings
from kefu.gateway.http import Pool
from kefu.gateway.kinds import UPSTREAM_KINDS
from kefu.gateway.local import DESCRIPTION, UNSURE, answer_locally
from kefu.gateway.nodes import (
    ClassifierRequest,
    ExtractorRequest,
    NodeRequest,
    TitleRequest,
    classifier_answer,
    node_json,
    recognise,
    text_of,
    title_answer,
)

BUILT_IN = {
    "kefu-router": "不是大语言模型：按本店意图和参数在本地回答 Dify 的问题分类与参数提取节点，不调用任何模型。",
    "kefu-local": DESCRIPTION,
}
MISCONFIGURED = (401, 403, 404)
"""Failures that a person must put right: they are shown even where an empty answer would do."""
VALUES_LIMIT = 1024
"""Tokens for a parameter extractor's answer."""

_BRAND_ONLY = GuardSettings(forbidden=(), actions={kind: "pass" for kind in GUARDED if kind != "identity"})


@dataclass(frozen=True, slots=True)
class _Request:
    """One chat completion on its way."""

    snapshot: Snapshot
    raw: bytes
    body: Mapping[str, Any]
    chain: tuple[Target, ...]
    caller: Caller
    now: datetime

    @property
    def name(self) -> str:
        return str(self.body["model"])


@dataclass(frozen=True, slots=True)
class _Told:
    """What a model said to a node's question; ``answered``: one did, usable or not. ``requests`` reached one.

    ``numbered``: it was shown our numbers for the classes. ``counted``: tokens read and written, as the server says.
    """

    text: str = ""
    answered: bool = False
    requests: int = 0
    numbered: bool = True
    counted: tuple[int, int] | None = None


class Models:
    """The models of one process: kept connections, and which upstreams rest. Thread-safe."""

    def __init__(self) -> None:
        self.pool = Pool()
        self._chain = Chain()

    def chat(self, snapshot: Snapshot, raw: bytes, caller: Caller, now: datetime) -> ChatAnswer:
        """A chat completion by name of its model.

        Raises BadInput (malformed body), NotFound (model), UpstreamError (typed), ClientGone.
        """
        body = parse_chat(raw)
        node = recognise(body)
        chain = snapshot.models.chain(body["model"], caller.key or conversation_of(body, node))
        if not chain:
            known = ", ".join(snapshot.models.names())
            raise NotFound(f"There is no model “{body['model']}”.", f"Models: {known}.", code="model_not_found")
        request = _Request(snapshot, raw, body, chain, caller, now)
        if isinstance(node, ClassifierRequest):
            return self._classify(request, node)
        if isinstance(node, ExtractorRequest):
            return self._extract(request, node)
        if isinstance(node, TitleRequest):
            return _local(request, title_answer(node.query), _Told())
        return self._pass_on(request)

    def embed(self, snapshot: Snapshot, raw: bytes, caller: Caller) -> bytes:
        """Embeddings as JSON bytes; raises as `chat` does."""
        body = _parse(raw)
        chain = snapshot.models.chain(str(body.get("model") or ""), caller.key)
        targets = [target for target in chain if isinstance(target, Upstream)]
        if not targets:
            raise NotFound(
                f"There is no embedding model “{body.get('model')}”.", "Name an upstream.", code="model_not_found"
            )

        def attempt(target: Upstream, _before: int) -> bytes:
            check_embeddings(target, body, len(raw))
            return calls.embed(self.pool, target, raw, body, caller)

        answered, _ = self._chain.first(tuple(targets), attempt)
        assert isinstance(answered, bytes)
        return answered

    def close(self) -> None:
        self.pool.close()

    def _pass_on(self, request: _Request) -> ChatAnswer:
        def attempt(target: Upstream, before: int) -> ChatAnswer:
            check_chat(target, request.body, len(request.raw))
            guard = Guard.build(_BRAND_ONLY, request.snapshot.parts.voice) if target.guard else None
            return calls.relay(self.pool, target, request.raw, request.body, request.caller, guard, before)

        try:
            answered, before = self._chain.first(request.chain, attempt)
        except UpstreamError as error:
            if error.requests:
                request.caller.answered(request.body, error.requests, "")
            raise
        if isinstance(answered, ChatAnswer):
            return answered
        if before:
            request.caller.answered(request.body, before, "")
        check_built_in(answered, request.body)
        reply = answer_locally(request.body["messages"]) if answered == "kefu-local" else UNSURE
        return _local(request, reply, _Told(requests=before))

    def _classify(self, request: _Request, node: ClassifierRequest) -> ChatAnswer:
        chosen = choose_class(request.snapshot, node)
        told = _Told()
        if _needs_model(request, chosen is not None):
            told = self._ask(request, partial(class_question, node), "choice", labels_of(node.classes))
            named = read_class(told.text, node.classes, numbered=told.numbered)
            _count(request, "classifier", "model" if named else "unusable")
            chosen = named if told.answered else chosen
        else:
            _count(request, "classifier", "local" if chosen else "rest")
        return _local(request, classifier_answer(chosen or node.fallback), told)

    def _extract(self, request: _Request, node: ExtractorRequest) -> ChatAnswer:
        values, known = extract_values(request.snapshot, node, request.now)
        told = _Told()
        if _needs_model(request, known):
            told = self._ask(request, partial(extract_question, node), "schema", strict_schema(node.schema))
            found = read_values(told.text, node)
            _count(request, "extractor", "model" if found else "unusable")
            values = together(values, found or {})
        else:
            _count(request, "extractor", "local")
        text = node_json(values)
        return _local(request, "" if node.tool else text, told, arguments=text if node.tool else "")

    def _ask(
        self, request: _Request, question: Callable[[int], list[dict[str, str]]], constraint: str, wanted: Any
    ) -> _Told:
        """A node's question to the chain: short and constrained, or as Dify wrote it, as each model wants it.

        Raises what a person must put right.
        """

        def attempt(target: Upstream, _before: int) -> tuple[Said, bool]:
            if target.nodes == "through":
                check_chat(target, request.body, len(request.raw))
                return calls.ask_as_it_came(self.pool, target, request.body, request.caller), False
            kind = UPSTREAM_KINDS[target.kind]
            extra = kind.choice(wanted) if constraint == "choice" else kind.schema(wanted)
            only_it = constraint == "choice" and bool(extra) and bool(kind.think(False))
            limit = calls.LIMITS[only_it] if constraint == "choice" else VALUES_LIMIT
            limit = min(limit, target.context_size // 4)
            messages = question(target.context_size - limit)
            return calls.ask(self.pool, target, messages, extra, limit, request.caller), True

        try:
            answered, before = self._chain.first(request.chain, attempt)
        except UpstreamError as error:
            if error.status in MISCONFIGURED or error.code == "ability_missing":
                raise
            request.caller.count("kefu_gateway_upstream_errors_total", model=request.name, code=error.code)
            return _Told(requests=error.requests)
        if isinstance(answered, str):
            return _Told(requests=before)
        said, numbered = answered
        return _Told(said.text if said.whole else "", True, before + said.requests, numbered, said.usage)


def list_models(snapshot: Snapshot) -> list[dict[str, Any]]:
    """OpenAI's list, with what each model is."""
    table = snapshot.models
    rows = []
    for name in table.names():
        row: dict[str, Any] = {"id": name, "object": "model", "created": 0, "owned_by": "kefu"}
        target = next(iter(table.chain(name)), None)
        if name in BUILT_IN:
            row["description"] = BUILT_IN[name]
        elif isinstance(target, Upstream):
            row.update(owned_by=target.kind, context_size=target.context_size, abilities=list(target.abilities))
        if name in table.aliases or name == ALIAS:
            row["target"] = target.name if isinstance(target, Upstream) else target
        rows.append(row)
    return rows


def parse_chat(raw: bytes) -> dict[str, Any]:
    """The body of a chat completion; raises BadInput with what is missing."""
    body = _parse(raw)
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadInput("A chat completion needs messages.", 'Send {"model": "kefu-local", "messages": [...]}.')
    if not all(isinstance(message, Mapping) for message in messages):
        raise BadInput("A message is not an object.", 'Each is {"role": "user", "content": "..."}.')
    if not isinstance(body.get("model"), str):
        raise BadInput("The request names no model.", f"Like {', '.join((*LOCAL, ALIAS))}.")
    return body


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:
            body = json.loads(raw)  # takes half a surrogate pair, which Dify may send
        except (ValueError, RecursionError) as error:
            raise BadInput("The body is no JSON.", "Send an OpenAI-style JSON object.") from error
    if not isinstance(body, dict):
        raise BadInput("The body is no JSON object.", "Send an OpenAI-style JSON object.")
    return body


def conversation_of(body: Mapping[str, Any], node: NodeRequest | None = None) -> str:
    """What stays the same through a conversation: the caller's ``user``, else how the conversation began.

    A node's messages begin with examples that are always the same: what began its conversation stands in the memory.
    """
    if isinstance(body.get("user"), str) and body["user"]:
        return str(body["user"])
    if isinstance(node, ClassifierRequest | ExtractorRequest):
        return next((line.text for line in node.history), node.query)[:200]
    return next((text_of(m.get("content")) for m in body["messages"] if m.get("role") == "user"), "")[:200]


def _needs_model(request: _Request, answered: bool) -> bool:
    first = request.chain[0]
    return isinstance(first, Upstream) and (first.nodes != "cascade" or not answered)


def _count(request: _Request, node: str, outcome: str) -> None:
    request.caller.count("kefu_gateway_nodes_total", node=node, outcome=outcome)


def _local(request: _Request, content: str, told: _Told, arguments: str = "") -> ChatAnswer:
    created = int(request.now.timestamp())
    return local_answer(
        request.name, request.body, content, created,
        arguments=arguments, llm_calls=told.requests, counted=told.counted,
    )  # fmt: skip
