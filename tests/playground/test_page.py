"""The playground page's edge: who may open it, what it says, a whole turn over the real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from flask.testing import FlaskClient
from shop_server import running, small_shop
from sqlalchemy import func, select

from kefu.playground.page import PlaygroundPage
from kefu.store.shops import tokens


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    app, engine = small_shop(tmp_path)
    yield app.test_client()
    engine.close()


def test_the_page_is_there_and_loads_nothing_from_elsewhere(client: FlaskClient) -> None:
    """Plain HTML, our own script and style, a policy that allows no other."""
    response = client.get("/playground")
    assert response.status_code == 200
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "试聊台" in response.text
    assert "http" not in response.text.replace("http-equiv", "")
    for path in ("/static/playground.js", "/static/playground.css"):
        assert path in response.text
        with client.get(path) as answer:
            assert answer.status_code == 200


def test_the_page_lists_chatflows_and_shops(client: FlaskClient) -> None:
    """The recommended app first; workflows have no conversation."""
    info = client.get("/playground/info").get_json()
    assert info["available"] is True
    assert info["shops"] == ["demo"]
    assert info["apps"][0]["name"] == "kefu-fast"
    assert {row["name"] for row in info["apps"]} >= {"kefu-classic", "lesson-1-template", "lesson-2-urge"}
    assert not any("workflow" in row["name"] for row in info["apps"])


@pytest.mark.parametrize("address", ["10.0.0.7", "192.168.1.4", "2001:db8::1"])
def test_another_machine_may_not_open_it(client: FlaskClient, address: str) -> None:
    """Open pages are for this machine alone."""
    assert client.get("/playground", environ_base={"REMOTE_ADDR": address}).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "kefu.example:8790", "127.0.0.1.evil.example"])
def test_another_name_may_not_open_it(client: FlaskClient, host: str) -> None:
    """A name pointed at 127.0.0.1, or a proxy on this machine, is not this machine."""
    assert client.get("/playground", headers={"Host": host}).status_code == 403
    assert client.get("/playground", headers={"Host": "[::1]:8790"}).status_code == 200


def test_a_password_opens_it_from_anywhere(tmp_path: Path) -> None:
    """With KEFU_ADMIN_PASSWORD the browser asks; a wrong one stays out."""
    app, engine = small_shop(tmp_path, password="pä55 wort")
    client = app.test_client()
    base = {"REMOTE_ADDR": "10.0.0.7"}
    assert client.get("/playground", environ_base=base).status_code == 401
    assert client.get("/playground", environ_base=base, auth=("x", "wrong")).status_code == 401
    assert client.get("/playground", environ_base=base, auth=("x", "pä55 wort")).status_code == 200
    engine.close()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ({"query": ""}, 400),
        ({"query": "x" * 2001}, 400),
        ({"query": "在吗", "shop": "nobody"}, 404),
        ({"query": "在吗", "app": "../../etc/app.yml"}, 404),
        ({"query": "在吗", "conversation": {"id": 1}}, 400),
    ],
)
def test_a_wrong_request_is_refused_and_leaves_no_token(client: FlaskClient, body: object, status: int) -> None:
    """One error shape; the token of the attempt is gone."""
    response = client.post("/playground/turn", json=body)
    assert response.status_code == status
    assert response.get_json()["error"]["hint"]
    with client.application.extensions["kefu"].db.read() as connection:
        assert connection.execute(select(func.count()).select_from(tokens)).scalar() == 0


def test_turns_run_through_the_real_server(tmp_path: Path) -> None:
    """Page → engine → plugin → this very server → shop; the second turn continues the conversation."""
    app, engine = small_shop(tmp_path)
    with running(app, engine.settings.port) as url, httpx.Client(trust_env=False, timeout=60) as client:
        first = client.post(f"{url}/playground/turn", json={"query": "请发货", "app": "kefu-classic"}).json()
        assert first["turn"]["reply"] == "马上为您安排发货～"
        assert (first["turn"]["route"], first["turn"]["llm_calls"]) == ("rule", 0)
        assert [node["id"] for node in first["turn"]["nodes"]] == ["start", "rule", "hit", "say_rule"]
        body = {"query": "催一下发货", "conversation": first["conversation"]}
        second = client.post(f"{url}/playground/turn", json=body).json()
        assert len(second["conversation"]["turns"]) == 2
    page: PlaygroundPage = app.extensions["kefu_playground"]
    page.close()
    engine.close()
