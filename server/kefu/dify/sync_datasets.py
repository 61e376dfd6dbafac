"""Dify's knowledge (dataset) API, `/v1/datasets…`: what a synchronisation needs, with patience for a busy Dify."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

from kefu.errors import BadInput, Forbidden, KefuError, NotFound, Unauthorized, Unavailable

PAGE = 100
PAUSES = (1.0, 3.0, 8.0)
"""Seconds before each repetition of a call that met a busy Dify (429, 5xx, a broken connection, still indexing)."""

PIECES = {
    "mode": "custom",
    "rules": {
        "pre_processing_rules": [
            {"id": "remove_extra_spaces", "enabled": False},
            {"id": "remove_urls_emails", "enabled": False},
        ],
        "segmentation": {"separator": "\n\n", "max_tokens": 1000, "chunk_overlap": 0},
    },
}
"""One of our pieces is one of Dify's chunks: they are joined by empty lines, and Dify cuts there."""


BY_KEYWORDS = {
    "search_method": "keyword_search",
    "reranking_enable": False,
    "top_k": 3,
    "score_threshold_enabled": False,
}
"""How an economy knowledge base is asked: without this Dify wants an embedding model at the first search (1.14.1)."""


@dataclass(frozen=True, slots=True)
class RemoteDocument:
    """A document in Dify; ``failed`` says that Dify could not index it."""

    id: str
    name: str
    failed: bool = False


class Datasets:
    """One workspace, by its knowledge API key (`dataset-…`). Every call raises a KefuError with what to do."""

    def __init__(
        self, url: str, key: str, *, timeout: float = 60.0, pause: Callable[[float], None] = time.sleep
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise BadInput(f"“{url}” is no address.", "Give Dify's address, for example http://dify.local.")
        root = url.rstrip("/")
        self._root = root if root.endswith("/v1") else f"{root}/v1"
        self._pause = pause
        headers = {"Authorization": f"Bearer {key}"}
        self._client = httpx.Client(headers=headers, timeout=timeout, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.close()

    def find(self, name: str) -> str:
        """The id of the knowledge base of that name, ``""`` if there is none."""
        return next((str(item["id"]) for item in self._pages("/datasets") if item.get("name") == name), "")

    def make(self, name: str, indexing: str) -> str:
        """The id of a new knowledge base. ``indexing``: high_quality (vectors) or economy (keywords)."""
        body: dict[str, Any] = {"name": name, "indexing_technique": indexing, "permission": "all_team_members"}
        if indexing == "economy":
            body["retrieval_model"] = BY_KEYWORDS
        return str(self._call("POST", "/datasets", body)["id"])

    def documents(self, dataset: str) -> list[RemoteDocument]:
        return [
            RemoteDocument(str(item["id"]), str(item["name"]), item.get("indexing_status") == "error")
            for item in self._pages(f"/datasets/{dataset}/documents")
        ]

    def create(self, dataset: str, name: str, text: str, indexing: str) -> None:
        body = {"name": name, "text": text, "indexing_technique": indexing, "process_rule": PIECES}
        self._call("POST", f"/datasets/{dataset}/document/create-by-text", {**body, "doc_language": "Chinese"})

    def update(self, dataset: str, document: str, name: str, text: str) -> None:
        body = {"name": name, "text": text, "process_rule": PIECES, "doc_language": "Chinese"}
        self._call("POST", f"/datasets/{dataset}/documents/{document}/update-by-text", body)

    def delete(self, dataset: str, document: str) -> None:
        """A document that is not there is as good as deleted."""
        try:
            self._call("DELETE", f"/datasets/{dataset}/documents/{document}")
        except NotFound:
            return

    def _pages(self, path: str) -> Iterator[Mapping[str, Any]]:
        page = 1
        while True:
            answer = self._call("GET", f"{path}?page={page}&limit={PAGE}")
            yield from answer.get("data") or []
            if not answer.get("has_more"):
                return
            page += 1

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        for pause in (*PAUSES, None):
            try:
                response = self._client.request(method, self._root + path, json=body)
                error = _error_of(response)
            except httpx.HTTPError as problem:
                error = Unavailable(f"Dify did not answer: {problem or type(problem).__name__}.", "Check the address.")
            if error is None:
                return _json(response)
            if not isinstance(error, Unavailable) or pause is None:
                raise error
            self._pause(pause)
        raise AssertionError("the last round returns or raises")


def _error_of(response: httpx.Response) -> KefuError | None:
    status = response.status_code
    if status < 300:
        return None
    body = _json(response)
    code = str(body.get("code", ""))
    said = f"Dify answered {status}: {body.get('message') or response.text[:200] or response.reason_phrase}"
    if status == 401:
        return Unauthorized(said, "Make a knowledge API key in Dify: 知识库 → API → API 密钥 (dataset-…).")
    if status in (408, 429) or status >= 500 or code == "document_indexing" or "rate limit" in said.lower():
        return Unavailable(said, "Run the same command again: it goes on where it stopped.")
    if status == 403:
        return Forbidden(said, "The workspace's plan or the key does not allow this.")
    if status == 404:
        return NotFound(said, "Is this the address of Dify (without /console)?")
    if code == "provider_not_initialize":
        return BadInput(said, "Set an embedding model in Dify first, or use --indexing economy.")
    return BadInput(said, "See Dify's log.")


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
