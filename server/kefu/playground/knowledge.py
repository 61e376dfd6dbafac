"""The knowledge-retrieval node: graphon has none, so this one calls /retrieval exactly as Dify does.

Recorded on Dify 1.14.2: the dataset's top_k and threshold go to the server, the node's top_k cuts the answer
afterwards, and every failure is invisible: the node succeeds with an empty result.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, override

import httpx
from graphon.entities.base_node_data import BaseNodeData
from graphon.enums import BuiltinNodeTypes, WorkflowNodeExecutionStatus
from graphon.node_events.base import NodeRunResult
from graphon.nodes.base.node import Node
from graphon.runtime.init_params import InitParams
from graphon.runtime.runtime_state import RuntimeState
from graphon.variables.segments import ArrayObjectSegment

from kefu.dify.dsl.knowledge import KnowledgeSet, set_of_dataset

TIMEOUT = 5.0
ATTEMPTS = 4
_RETRIED = frozenset({429, 500, 502, 503, 504})


class KnowledgeNodeData(BaseNodeData):
    """The fields of Dify's node that decide what is asked."""

    type: str = BuiltinNodeTypes.KNOWLEDGE_RETRIEVAL
    query_variable_selector: list[str]
    dataset_ids: list[str]
    multiple_retrieval_config: dict[str, Any] = {}  # noqa: RUF012 — pydantic copies it


@dataclass(frozen=True, slots=True)
class KnowledgeAccess:
    """The server's retrieval endpoint. ``wait`` sleeps between attempts."""

    server_url: str
    token: str
    wait: Callable[[float], None] = time.sleep

    def search(self, dataset: KnowledgeSet, query: str) -> list[dict[str, Any]]:
        """The records, best first as the server gives them; empty on every failure, as in Dify."""
        body = {
            "retrieval_setting": {"top_k": dataset.top_k, "score_threshold": dataset.threshold},
            "query": query,
            "knowledge_id": dataset.knowledge_id,
            "metadata_condition": None,
        }
        try:
            response = self._post(body)
            if response.status_code != 200:
                return []
            records = response.json()["records"]
            return [_result(dataset, record) for record in records]
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError):
            return []  # also one record without metadata: it empties the whole result

    def _post(self, body: Mapping[str, Any]) -> httpx.Response:
        with httpx.Client(timeout=TIMEOUT, trust_env=False) as client:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    response = client.post(
                        f"{self.server_url}/retrieval",
                        json=body,
                        headers={"Authorization": f"Bearer {self.token}"},
                    )
                except httpx.TransportError:
                    if attempt == ATTEMPTS:
                        raise
                else:
                    if response.status_code not in _RETRIED or attempt == ATTEMPTS:
                        return response
                self.wait(0.5 * 2 ** (attempt - 1))
        raise AssertionError("the last attempt returns or raises")


def _result(dataset: KnowledgeSet, record: Mapping[str, Any]) -> dict[str, Any]:
    title, score = record.get("title") or "", record.get("score") or 0.0
    source: dict[str, Any] = {
        "_source": "knowledge",
        "dataset_id": dataset.placeholder,
        "dataset_name": dataset.title,
        "document_id": record["metadata"].get("document_id") or title,
        "document_name": title,
        "data_source_type": "external",
        "retriever_from": "workflow",
        "score": score,
        "doc_metadata": {**record["metadata"], "score": score, "title": title},
    }
    return {"metadata": source, "title": title, "content": record["content"]}


class KnowledgeNode(Node[KnowledgeNodeData]):
    """Asks each dataset, merges best first, cuts to the node's top_k; an unknown dataset gives nothing."""

    node_type = BuiltinNodeTypes.KNOWLEDGE_RETRIEVAL

    @override
    def __init__(
        self,
        node_id: str,
        data: KnowledgeNodeData,
        *,
        init_params: InitParams,
        runtime_state: RuntimeState,
        access: KnowledgeAccess,
    ) -> None:
        super().__init__(node_id=node_id, data=data, init_params=init_params, runtime_state=runtime_state)
        self._access = access

    @classmethod
    @override
    def version(cls) -> str:
        return "1"

    @override
    def _run(self) -> NodeRunResult:
        variable = self.runtime_state.variable_pool.get(self.node_data.query_variable_selector)
        query = variable.text if variable else ""
        sets = [known for name in self.node_data.dataset_ids if (known := set_of_dataset(name))]
        rows = [row for dataset in sets for row in self._access.search(dataset, query)] if query else []
        best = sorted(rows, key=lambda row: row["metadata"]["score"], reverse=True)
        kept = best[: self.node_data.multiple_retrieval_config.get("top_k") or None]
        return NodeRunResult(
            status=WorkflowNodeExecutionStatus.SUCCEEDED,
            inputs={"query": query},
            outputs={"result": ArrayObjectSegment(value=kept)},
        )

    @classmethod
    @override
    def _extract_variable_selector_to_variable_mapping(
        cls, *, graph_config: Mapping[str, Any], node_id: str, node_data: KnowledgeNodeData
    ) -> Mapping[str, Sequence[str]]:
        return {f"{node_id}.query": node_data.query_variable_selector}
