"""The edge of the server: tokens, one error shape, limits, health, the retrieval protocol."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from kefu.engine import TOOLS, Engine, fields_of
from kefu.store.shops import Shop, create_token
from kefu.web.app import create_app


@pytest.fixture
def token(sample_engine: Engine, sample_shop: Shop) -> str:
    with sample_engine.db.write() as connection:
        return create_token(connection, sample_shop.id)


@pytest.fixture
def client(sample_engine: Engine) -> Iterator[FlaskClient]:
    with create_app(sample_engine).test_client() as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_the_plugin_learns_which_shop_its_token_opens(client: FlaskClient, token: str) -> None:
    assert client.get("/tools/ping", headers=bearer(token)).json["shop"] == "demo"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic x"}, {"Authorization": "Bearer wrong"}])
def test_without_a_token_of_a_shop_nothing_is_answered(client: FlaskClient, headers: dict[str, str]) -> None:
    response = client.post("/tools/understand", json={"query": "请发货"}, headers=headers)
    assert response.status_code == 401
    assert set(response.json["error"]) == {"code", "message", "hint"}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/tools/nope", {}, 404),
        ("/tools/understand", [], 400),
        ("/nowhere", {}, 404),
    ],
)
def test_an_error_has_one_shape(client: FlaskClient, token: str, path: str, body: object, status: int) -> None:
    response = client.post(path, json=body, headers=bearer(token))
    assert response.status_code == status
    assert set(response.json["error"]) == {"code", "message", "hint"}


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_is_read_as_json_whatever_its_type_is_called(client: FlaskClient, token: str, kind: str | None) -> None:
    for method, path, body in (
        ("POST", "/tools/understand", '{"query": "请发货"}'),
        ("POST", "/retrieval", '{"query": "保修", "knowledge_id": "manuals"}'),
        ("POST", "/rules/test", '{"text": "请发货"}'),
        ("PUT", "/stock", '{"sku": "RAM-FY4N-8", "warehouse": "杭州仓", "quantity": 5}'),
        ("PUT", "/orders", '{"order_no": "20261120999", "status": "paid"}'),
    ):
        response = client.open(path, method=method, data=body.encode(), content_type=kind, headers=bearer(token))
        assert (path, response.status_code) == (path, 200)


@pytest.mark.parametrize("body", ["", "query=请发货", "[]", "null", '"请发货"'])
def test_a_body_that_is_no_json_object_is_refused_by_a_tool(client: FlaskClient, token: str, body: str) -> None:
    response = client.post("/tools/understand", data=body.encode(), headers=bearer(token))
    assert (response.status_code, response.json["error"]["code"]) == (400, "bad_input")


def test_a_body_over_the_limit_is_refused(client: FlaskClient, token: str) -> None:
    response = client.post("/tools/understand", json={"query": "x" * 2_100_000}, headers=bearer(token))
    assert response.status_code == 413
    assert response.json["error"]["code"] == "too_large"


@pytest.mark.parametrize("tool", ["rule_reply", "understand", "extract_parameters"])
def test_half_an_emoji_is_a_character_like_any_other(client: FlaskClient, token: str, tool: str) -> None:
    """JSON can say half a surrogate pair, which no database and no UTF-8 can."""
    headers = bearer(token) | {"Content-Type": "application/json"}
    body = r'{"query": "请发货\ud83d", "conversation_id": "c\uDC00", "user_id": "好\ud83d\ude00"}'
    response = client.post(f"/tools/{tool}", data=body, headers=headers)
    assert response.status_code == 200
    assert response.json["query"] == "请发货\ufffd"


def test_json_nested_beyond_measure_is_bad_json(client: FlaskClient, token: str) -> None:
    headers = bearer(token) | {"Content-Type": "application/json"}
    for path in ("/tools/rule_reply", "/rules/test", "/handoffs/incoming", "/retrieval"):
        assert client.post(path, data="[" * 100_000, headers=headers).status_code in (400, 200), path


def test_a_turn_answers_and_carries_its_id(client: FlaskClient, token: str) -> None:
    response = client.post("/tools/understand", json={"query": "请发货"}, headers=bearer(token) | {"X-Kefu-Turn": "t1"})
    assert response.json["route"] == "rule"
    assert response.headers["X-Kefu-Turn"] == "t1"


def test_health_metrics_and_description_need_no_token(client: FlaskClient, token: str) -> None:
    client.post("/tools/understand", json={"query": "请发货"}, headers=bearer(token))
    assert client.get("/healthz").json["status"] == "ok"
    assert client.get("/readyz").json["status"] == "ready"
    assert 'kefu_tool_calls_total{route="rule",tool="understand"}' in client.get("/metrics").text
    assert "/tools/{name}" in client.get("/openapi.json").json["paths"]


def retrieve(client: FlaskClient, token: str, query: str, knowledge_id: str, top_k: int = 3, threshold: float = 0.0):
    body = {
        "retrieval_setting": {"top_k": top_k, "score_threshold": threshold},
        "query": query,
        "knowledge_id": knowledge_id,
        "metadata_condition": None,
    }
    return client.post("/retrieval", json=body, headers=bearer(token))


def test_retrieval_answers_difys_bodyless_probe(client: FlaskClient, token: str) -> None:
    assert client.post("/retrieval", headers=bearer(token)).json == {"records": []}


@pytest.mark.parametrize(("headers", "code"), [({}, 1001), ({"Authorization": "Bearer wrong"}, 1002)])
def test_retrieval_refuses_with_the_protocols_codes(client: FlaskClient, headers: dict[str, str], code: int) -> None:
    response = client.post("/retrieval", headers=headers)
    assert (response.status_code, response.json["error_code"]) == (403, code)


def test_retrieval_names_an_unknown_knowledge(client: FlaskClient, token: str) -> None:
    response = retrieve(client, token, "退货", "nope")
    assert (response.status_code, response.json["error_code"]) == (404, 2001)


def test_records_are_objects_with_scores_between_0_and_1_best_first(client: FlaskClient, token: str) -> None:
    records = retrieve(client, token, "怎么申请退货退款", "after-sales").json["records"]
    scores = [record["score"] for record in records]
    assert records
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert all(isinstance(record["metadata"], dict) for record in records)


def test_top_k_and_threshold_are_applied_here(client: FlaskClient, token: str) -> None:
    assert len(retrieve(client, token, "内存条怎么装", "manuals", top_k=1).json["records"]) == 1
    assert retrieve(client, token, "内存条怎么装", "manuals", threshold=0.99).json["records"] == []


def test_a_product_record_carries_the_stock_of_this_moment(client: FlaskClient, token: str) -> None:
    [record] = retrieve(client, token, "平川细面鼠标垫还有吗", "products").json["records"]
    assert "现货" in record["content"]
    assert "库存更新于" in record["content"]


def test_a_model_that_is_not_there_is_named_in_openais_shape(client: FlaskClient, token: str) -> None:
    body = {"model": "nope", "messages": [{"role": "user", "content": "hi"}]}
    response = client.post("/v1/chat/completions", data=json.dumps(body), headers=bearer(token))
    assert response.status_code in (400, 404)
    assert set(response.json["error"]) >= {"message", "type", "code"}


def test_every_route_is_described_in_a_sentence(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").json["paths"]
    summaries = {f"{method} {path}": op["summary"] for path, ops in paths.items() for method, op in ops.items()}
    assert [call for call, said in summaries.items() if not re.fullmatch(r"[A-Z].{8,}\.", said)] == []


def test_each_tool_tells_its_request_fields(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").json["paths"]
    for tool in TOOLS:
        schema = paths[f"/tools/{tool}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert {name: row["description"] for name, row in schema["properties"].items()} == fields_of(tool)
