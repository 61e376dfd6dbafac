"""`/import` and `/export` over the real application."""

from __future__ import annotations

import pytest

from kefu.clock import make_clock
from kefu.engine import Engine
from kefu.settings import load_settings
from kefu.store.shops import create_token
from kefu.web.app import create_app

FILE = "编号,句子,回复\ns1,你好呀,您好\ns2,再见||拜拜,再见\n"


@pytest.fixture
def client(db, shop, tmp_path):
    settings = load_settings(data_dir=str(tmp_path))
    with db.write() as connection:
        token = create_token(connection, shop.id)
    client = create_app(Engine(db, settings, make_clock(settings))).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_file_is_previewed_imported_and_answered(client, encoding):
    content = FILE.encode(encoding)
    tried = client.post("/import/rules?file=r.csv&preview=1", data=content).get_json()
    assert (tried["written"], tried["counts"]["new"]) == (False, 2)
    assert tried["rows"][0] == {"number": 2, "status": "new", "key": "s1", "message": ""}
    assert client.post("/rules/test", json={"text": "拜拜"}).get_json()["matched"] is False
    assert client.post("/import/rules?file=r.csv", data=content).get_json()["written"] is True
    assert client.post("/rules/test", json={"text": "拜拜"}).get_json()["rule_id"] == "s2"


def test_existing_rules_are_overwritten_or_skipped(client):
    client.post("/import/rules?file=r.csv", data=FILE.encode())
    other = FILE.replace("您好", "哈喽").encode()
    kept = client.post("/import/rules?file=r.csv&skip_existing=1", data=other).get_json()
    assert (kept["counts"]["skipped"], client.get("/rules/s1").get_json()["replies"]) == (1, ["您好"])
    client.post("/import/rules?file=r.csv", data=other)
    assert client.get("/rules/s1").get_json()["replies"] == ["哈喽"]


def test_one_wrong_row_keeps_all_from_being_written_unless_told_otherwise(client):
    wrong = (FILE + "s3,,没有句子\n").encode()
    answer = client.post("/import/rules?file=r.csv", data=wrong)
    assert (answer.status_code, answer.get_json()["counts"]["error"]) == (422, 1)
    assert client.get("/rules").get_json()["total"] == 0
    assert client.post("/import/rules?file=r.csv&keep_going=1", data=wrong).status_code == 200
    assert client.get("/rules").get_json()["total"] == 2


@pytest.mark.parametrize("form", ["csv", "xlsx", "yaml", "jsonl"])
def test_an_export_is_a_file_that_imports_as_the_same(client, form):
    client.post("/import/rules?file=r.csv", data=FILE.encode())
    content = client.get(f"/export/rules?form={form}").data
    assert client.post(f"/import/rules?file=x.{form}", data=content).get_json()["counts"]["same"] == 2


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/import/rules", 400),
        ("/import/rules?file=../../etc/passwd", 400),
        ("/import/rules?file=r.exe", 400),
        ("/import/rules?file=r.xlsx", 400),
        ("/import/nothing?file=r.csv", 404),
        ("/import/intents?file=r.csv", 400),
    ],
)
def test_what_cannot_be_imported_is_refused_with_a_hint(client, path, status):
    answer = client.post(path, data=FILE.encode())
    assert answer.status_code == status
    assert answer.get_json()["error"]["hint"]


def test_a_file_may_be_larger_than_other_requests(client):
    rows = "".join(f"b{number},第{number}号问题,{'长' * 200}\n" for number in range(4_000))
    content = ("编号,句子,回复\n" + rows).encode()
    assert len(content) > client.application.config["MAX_CONTENT_LENGTH"]
    assert client.post("/import/rules?file=r.csv", data=content).get_json()["counts"]["new"] == 4_000


def test_what_may_be_a_slip_is_answered_as_a_warning(client):
    answer = client.post("/import/stock?file=s.csv", data="sku,仓库,数量\nHAT,甲,3\n".encode()).get_json()
    assert (answer["written"], len(answer["warnings"])) == (True, 1)
    assert "HAT (row 2)" in answer["warnings"][0]
