"""Pull connectors against a real HTTP server and a real database."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kefu.errors import BadInput, Unavailable
from kefu.jobs.kinds.orders import ORDERS
from kefu.jobs.kinds.stock import STOCK
from kefu.jobs.pull import PullSource, pull
from kefu.store.orders import load_orders
from kefu.store.stock import load_stock

ROWS = [{"sku": "S", "warehouse": "甲", "quantity": 5}, {"sku": "T", "warehouse": "甲", "quantity": 7.0, "as_of": None}]

ANSWERS = {
    "/list": ("application/json", json.dumps(ROWS)),
    "/deep": ("application/json", json.dumps({"data": {"items": ROWS}})),
    "/lines": ("application/x-ndjson", "\n".join(json.dumps(row) for row in ROWS)),
    "/stock.csv": ("text/csv; charset=utf-8", "\ufeffsku,warehouse,quantity\nS,甲,5\nT,甲,7\n"),
    "/theirs": ("application/json", json.dumps([{"Code": "S", "Depot": "甲", "Left": 5}])),
    "/bad": ("application/json", json.dumps([{"sku": "S", "warehouse": "甲", "quantity": "many"}, ROWS[1]])),
    "/text": ("application/json", "<html>"),
    "/numbers": ("application/json", "[1, 2]"),
    "/long.csv": ("text/csv", "sku,warehouse,quantity\nS,甲,5,6\n"),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/closed" and self.headers.get("X-Key") != "open":
            self.send_error(403)
            return
        kind, body = ANSWERS["/list"] if self.path == "/closed" else ANSWERS[self.path]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_args) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def quantities(db, shop) -> dict[str, int]:
    with db.read() as connection:
        return {sku: row.quantity for (sku, _), row in load_stock(connection, shop.id).items()}


@pytest.mark.parametrize(
    ("path", "rows_at"), [("/list", ""), ("/deep", "data.items"), ("/lines", ""), ("/stock.csv", "")]
)
def test_rows_of_an_endpoint_are_imported(db, shop, address, path, rows_at) -> None:
    report = pull(db, shop.id, STOCK, PullSource(address + path, rows_at=rows_at))
    assert report.count("new") == 2
    assert quantities(db, shop) == {"S": 5, "T": 7}


def test_their_column_names_are_translated_and_headers_sent(db, shop, address) -> None:
    rename = {"Code": "sku", "Depot": "warehouse", "Left": "quantity"}
    assert pull(db, shop.id, STOCK, PullSource(address + "/theirs", rename=rename)).written
    assert pull(db, shop.id, STOCK, PullSource(address + "/closed", headers={"X-Key": "open"})).written


def test_a_wrong_row_is_told_and_nothing_or_only_the_good_is_written(db, shop, address) -> None:
    report = pull(db, shop.id, STOCK, PullSource(address + "/bad"))
    assert (report.written, report.rows[0].number, report.rows[0].status) == (False, 1, "error")
    assert quantities(db, shop) == {}
    assert pull(db, shop.id, STOCK, PullSource(address + "/bad"), keep_going=True).written
    assert quantities(db, shop) == {"T": 7}


def test_a_preview_writes_nothing(db, shop, address) -> None:
    assert pull(db, shop.id, STOCK, PullSource(address + "/list"), preview=True).count("new") == 2
    assert quantities(db, shop) == {}


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/closed", Unavailable),
        ("/text", BadInput),
        ("/numbers", BadInput),
        ("/deep", BadInput),
        ("/long.csv", BadInput),
    ],
)
def test_an_answer_that_is_no_table_says_so(db, shop, address, path, error) -> None:
    with pytest.raises(error):
        pull(db, shop.id, STOCK, PullSource(address + path))


def test_an_endpoint_that_is_down_is_unavailable(db, shop) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        pull(db, shop.id, STOCK, PullSource("http://127.0.0.1:1/x"))


def test_rows_of_any_database_are_imported(db, shop, tmp_path) -> None:
    path = tmp_path / "erp.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table bestand (artikel text, lager text, menge integer)")
        connection.execute("insert into bestand values ('S', '甲', 5)")
        connection.execute("create table auftrag (nr text, stand text, kunde text)")
        connection.execute("insert into auftrag values ('A-1', '已付款', 'b1')")
    connection.close()
    stock = PullSource(f"sqlite:///{path}", "select artikel as sku, lager as warehouse, menge as quantity from bestand")
    assert pull(db, shop.id, STOCK, stock).count("new") == 1
    orders = PullSource(f"sqlite:///{path}", "select nr as order_no, stand as status, kunde as buyer_id from auftrag")
    assert pull(db, shop.id, ORDERS, orders).count("new") == 1
    assert quantities(db, shop) == {"S": 5}
    with db.read() as connection:
        assert load_orders(connection, shop.id)["A-1"].status == "paid"


def test_a_database_that_cannot_answer_says_so(db, shop, tmp_path) -> None:
    with pytest.raises(Unavailable, match="no such table"):
        pull(db, shop.id, STOCK, PullSource(f"sqlite:///{tmp_path}/x.sqlite", "select * from no_table"))
    with pytest.raises(BadInput):
        pull(db, shop.id, STOCK, PullSource(f"sqlite:///{tmp_path}/x.sqlite"))
    with pytest.raises(BadInput):
        pull(db, shop.id, STOCK, PullSource("nonsense://x", "select 1"))


def test_a_password_in_the_address_is_never_shown() -> None:
    assert PullSource("postgresql+psycopg://me:secret@host/db").shown == "postgresql+psycopg://host/db"
