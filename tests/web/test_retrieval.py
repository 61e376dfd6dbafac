"""`/retrieval` as Dify calls it: its bodies, conditions, several knowledge ids, and errors that Dify does not retry."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from kefu.core.knowledge import Entry
from kefu.engine import Engine
from kefu.store.knowledge import save_entries
from kefu.store.shops import Shop, create_token
from kefu.web.app import create_app


@pytest.fixture
def client(sample_engine: Engine) -> FlaskClient:
    return create_app(sample_engine).test_client()


@pytest.fixture
def bearer(sample_engine: Engine, sample_shop: Shop) -> dict[str, str]:
    with sample_engine.db.write() as connection:
        return {"Authorization": f"Bearer {create_token(connection, sample_shop.id)}"}


def ask(client: FlaskClient, bearer: dict[str, str], **changes: Any) -> Any:
    """Dify's body with ``changes``."""
    body = {
        "retrieval_setting": {"top_k": 2, "score_threshold": 0.0},
        "query": "怎么退货",
        "knowledge_id": "after-sales",
        "metadata_condition": None,
        **changes,
    }
    return client.post("/retrieval", json=body, headers={**bearer, "User-Agent": "python-httpx/0.28"})


def test_every_record_reads_by_itself(client: FlaskClient, bearer: dict[str, str]) -> None:
    """Dify joins the contents by newlines, so each is one line with its label and source."""
    records = ask(client, bearer).json["records"]
    assert records[0]["title"] == "七天无理由退货"
    for record in records:
        assert record["content"].startswith("【")
        assert "\n" not in record["content"]
        assert record["content"].endswith("）")
        assert record["metadata"]["document_id"]


@pytest.mark.parametrize("knowledge_id", ["products", "manuals", "after-sales", "scripts"])
def test_each_knowledge_answers_for_itself(client: FlaskClient, bearer: dict[str, str], knowledge_id: str) -> None:
    """Four ids a shop; each request names one; metadata is an object."""
    response = ask(client, bearer, knowledge_id=knowledge_id, query="平川细面鼠标垫 键盘 客户 退货 安装")
    assert response.status_code == 200
    assert all(isinstance(record["metadata"], dict) for record in response.json["records"])


def test_manual_filtering_keeps_what_the_conditions_accept(client: FlaskClient, bearer: dict[str, str]) -> None:
    """Dify's metadata_filtering_mode manual."""
    rows = [{"name": "source", "comparison_operator": "is", "value": "质保政策"}]
    condition = {"logical_operator": "and", "conditions": rows}
    records = ask(client, bearer, query="质保多久", metadata_condition=condition).json["records"]
    assert {record["metadata"]["source"] for record in records} == {"质保政策"}
    rows[0]["value"] = "没有这份"
    assert ask(client, bearer, query="质保多久", metadata_condition=condition).json["records"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"metadata_condition": {"conditions": [{"name": "a", "comparison_operator": "like", "value": "b"}]}},
        {"metadata_condition": {"conditions": "a"}},
        {"metadata_condition": {"conditions": ["a"]}},
        {"knowledge_id": "nope"},
    ],
)
def test_what_cannot_be_answered_is_a_4xx_with_dify_s_keys(
    client: FlaskClient, bearer: dict[str, str], changes: dict[str, Any]
) -> None:
    """error_code and error_msg, never 5xx: Dify would retry it for seconds and then hide it."""
    response = ask(client, bearer, **changes)
    assert 400 <= response.status_code < 500
    assert set(response.json) == {"error_code", "error_msg"}


@pytest.mark.parametrize(
    "changes",
    [
        {"retrieval_setting": None},
        {"retrieval_setting": {"top_k": "3", "score_threshold": None}},
        {"retrieval_setting": {"top_k": 10**9, "score_threshold": -1}},
        {"query": ""},
        {"query": None},
        {"query": "退" * 50_000},
        {"metadata_condition": {}},
    ],
)
def test_odd_settings_are_read_as_well_as_can_be(
    client: FlaskClient, bearer: dict[str, str], changes: dict[str, Any]
) -> None:
    """Nothing of this loses a customer's answer."""
    response = ask(client, bearer, **changes)
    assert response.status_code == 200
    assert isinstance(response.json["records"], list)


@pytest.mark.parametrize("body", [b"not json", b"[]", b"3", b"{"])
def test_a_body_that_is_no_json_object_is_a_4xx(client: FlaskClient, bearer: dict[str, str], body: bytes) -> None:
    response = client.post("/retrieval", data=body, headers={**bearer, "Content-Type": "application/json"})
    assert response.status_code == 400
    assert set(response.json) == {"error_code", "error_msg"}


def test_two_products_in_one_question_are_two_records(client: FlaskClient, bearer: dict[str, str]) -> None:
    """Each with its own stock; a threshold above the surest leaves none."""
    query = "平川鼠标垫和飞岩DDR4笔记本内存条都有货吗"
    records = ask(client, bearer, knowledge_id="products", query=query).json["records"]
    assert len({record["metadata"]["document_id"] for record in records}) == 2
    assert all("现货" in record["content"] for record in records)
    above = {"top_k": 2, "score_threshold": 0.99}
    assert ask(client, bearer, knowledge_id="products", query=query, retrieval_setting=above).json["records"] == []


def test_a_broken_store_is_a_4xx_too(client: FlaskClient, bearer: dict[str, str], sample_engine: Engine) -> None:
    """The log has the trace; Dify gets an answer that it does not retry."""
    ask(client, bearer)
    with sample_engine.db.write() as connection:
        connection.execute(text("UPDATE revisions SET revision = revision + 1 WHERE kind = 'knowledge'"))
        connection.execute(text("DROP TABLE knowledge_entries"))
    response = ask(client, bearer)
    assert (response.status_code, response.json["error_code"]) == (424, 500)


def test_new_knowledge_is_found_at_the_next_call(
    client: FlaskClient, bearer: dict[str, str], sample_engine: Engine, sample_shop: Shop
) -> None:
    """No re-indexing by hand; its metadata comes along."""
    assert ask(client, bearer, query="雨天寄送怎么防潮").json["records"][:1] != ["防潮"]
    entry = Entry(
        "x1", "after-sales", "雨天防潮", "加一层防水袋。", question="雨天寄送怎么防潮", metadata={"by": "仓库"}
    )
    with sample_engine.db.write() as connection:
        save_entries(connection, sample_shop.id, [entry])
    record = ask(client, bearer, query="雨天寄送怎么防潮").json["records"][0]
    assert (record["title"], record["score"], record["metadata"]["by"]) == ("雨天防潮", 1.0, "仓库")
