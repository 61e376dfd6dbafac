"""The external knowledge API and the datasets that our apps read, found by name because Dify allows doubles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kefu.dify.console import Console
from kefu.dify.dsl.knowledge import KnowledgeSet
from kefu.errors import BadInput, KefuError

API_NAME = "kefu"
_API = "/datasets/external-knowledge-api"
_PAGE = 100
SSRF_HELP = (
    "Dify's api container calls this address through its ssrf_proxy, which may block private addresses: allow the "
    "kefu server in docker/ssrf_proxy/squid.conf.template, and give --knowledge-url as seen from there."
)


def find_api(console: Console) -> dict[str, Any] | None:
    """Our external knowledge API as Dify lists it, or None."""
    return next((row for row in _pages(console, _API) if row["name"] == API_NAME), None)


def save_api(console: Console, api: dict[str, Any] | None, endpoint: str, token: str) -> str:
    """Make or change it; gives its id. Dify tries a new address at once, a changed one never."""
    body = {"name": API_NAME, "settings": {"endpoint": endpoint, "api_key": token}}
    if api is not None:
        console.patch(f"{_API}/{api['id']}", body, again=True)
        return str(api["id"])
    try:
        return str(console.post(_API, body, instead={"id": "new"})["id"])
    except BadInput as error:
        raise BadInput(error.message, SSRF_HELP) from error


def delete_api(console: Console, api_id: str) -> None:
    console.delete(f"{_API}/{api_id}")


def find_datasets(console: Console) -> dict[str, dict[str, Any]]:
    """External datasets of the workspace by name."""
    return {row["name"]: row for row in _pages(console, "/datasets") if row.get("provider") == "external"}


def dataset_name(wanted: KnowledgeSet) -> str:
    return f"kefu {wanted.title}"


def save_dataset(console: Console, wanted: KnowledgeSet, present: dict[str, Any] | None, api_id: str) -> str | None:
    """Make or correct the dataset; gives its id, None if it was right already."""
    if present is not None and _is_right(present, wanted, api_id):
        return None
    body = {
        "external_knowledge_api_id": api_id,
        "external_knowledge_id": wanted.knowledge_id,
        "name": dataset_name(wanted),
        "description": f"{wanted.title}（kefu 服务器，knowledge_id={wanted.knowledge_id}）",
        "external_retrieval_model": retrieval_model(wanted),
    }
    if present is None:
        return str(console.post("/datasets/external", body, instead={"id": wanted.placeholder})["id"])
    console.patch(f"/datasets/{present['id']}", {**body, "permission": present["permission"]}, again=True)
    return str(present["id"])


def delete_dataset(console: Console, dataset_id: str) -> None:
    console.delete(f"/datasets/{dataset_id}")


def retrieval_model(wanted: KnowledgeSet) -> dict[str, Any]:
    """Dify's words for how much a dataset asks for; the server applies both."""
    return {"top_k": wanted.top_k, "score_threshold": wanted.threshold, "score_threshold_enabled": True}


def probe_dataset(console: Console, dataset_id: str, query: str) -> tuple[int, str]:
    """Hit testing, the only call that shows a knowledge server's error: number of records, and that error."""
    body = {
        "query": query,
        "external_retrieval_model": {"top_k": 3, "score_threshold": 0, "score_threshold_enabled": False},
    }
    try:
        answer = console.post(f"/datasets/{dataset_id}/external-hit-testing", body, reads=True)
    except KefuError as error:
        return 0, error.message
    return len(answer.get("records", ())), ""


def _is_right(present: dict[str, Any], wanted: KnowledgeSet, api_id: str) -> bool:
    info, model = present["external_knowledge_info"], present["external_retrieval_model"]
    return (
        info["external_knowledge_id"] == wanted.knowledge_id
        and info["external_knowledge_api_id"] == api_id
        and {key: model.get(key) for key in retrieval_model(wanted)} == retrieval_model(wanted)
    )


def _pages(console: Console, path: str) -> Iterator[dict[str, Any]]:
    page = 1
    while True:
        answer = console.get(path, page=page, limit=_PAGE)
        yield from answer["data"]
        if not answer.get("has_more"):
            return
        page += 1
