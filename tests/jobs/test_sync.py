"""Synchronising to Dify's knowledge bases, against a server that answers as Dify's dataset API does."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from kefu.cli import main
from kefu.clock import make_clock
from kefu.core.knowledge import Entry
from kefu.core.knowledge.copies import Wanted
from kefu.dify.sync_datasets import Datasets
from kefu.dify.sync_knowledge import sync_shop
from kefu.engine.retrieval import describer
from kefu.errors import BadInput, Unauthorized, Unavailable
from kefu.jobs.sync import material_of
from kefu.settings import load_settings
from kefu.store.db import Database
from kefu.store.knowledge import delete_entries, save_entries
from kefu.store.shops import Shop

KEY = "dataset-key"
ECONOMY = {"manuals": [Wanted("手册", "甲\n\n乙")]}


@dataclass
class Dify:
    """Its knowledge bases by name, and what it should do wrong: path part → statuses for the next calls."""

    url: str = ""
    datasets: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    faults: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    made: list[dict[str, Any]] = field(default_factory=list)

    def writes(self) -> list[str]:
        return [call for call in self.calls if not call.startswith("GET")]


def app_of(dify: Dify) -> Flask:
    app = Flask(__name__)
    numbers = itertools.count(1)

    @app.before_request
    def gate() -> Any:
        dify.calls.append(f"{request.method} {request.path}")
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return jsonify(code="unauthorized", message="Access token is invalid", status=401), 401
        for part, faults in dify.faults.items():
            if part in f"{request.method} {request.path}" and faults:
                status, code = faults.pop(0)
                return jsonify(code=code, message=code, status=status), status
        return None

    def page(items: list[dict[str, Any]]) -> Response:
        number, limit = int(request.args.get("page", 1)), min(int(request.args.get("limit", 20)), 100)
        part = items[(number - 1) * limit : number * limit]
        more = len(part) == limit
        return jsonify(data=part, has_more=more, limit=limit, total=len(items), page=number)

    @app.get("/v1/datasets")
    def listing() -> Response:
        return page([{"id": name, "name": name} for name in dify.datasets])

    @app.post("/v1/datasets")
    def make() -> Response:
        dify.made.append(request.get_json())
        name = dify.made[-1]["name"]
        dify.datasets[name] = {}
        return jsonify(id=name, name=name)

    @app.get("/v1/datasets/<dataset>/documents")
    def documents(dataset: str) -> Response:
        return page(list(dify.datasets[dataset].values()))

    @app.post("/v1/datasets/<dataset>/document/create-by-text")
    def create(dataset: str) -> Response:
        one = {"id": f"d{next(numbers):04}", "indexing_status": "waiting", **request.get_json()}
        dify.datasets[dataset][one["id"]] = one
        return jsonify(document=one, batch="b")

    @app.post("/v1/datasets/<dataset>/documents/<document>/update-by-text")
    def update(dataset: str, document: str) -> Response:
        dify.datasets[dataset][document] |= {"indexing_status": "waiting", **request.get_json()}
        return jsonify(document=dify.datasets[dataset][document], batch="b")

    @app.delete("/v1/datasets/<dataset>/documents/<document>")
    def delete(dataset: str, document: str) -> Any:
        if document not in dify.datasets[dataset]:
            return jsonify(code="not_found", message="Document Not Exists."), 404
        del dify.datasets[dataset][document]
        return "", 204

    return app


@pytest.fixture
def dify() -> Iterator[Dify]:
    dify = Dify()
    server = make_server("127.0.0.1", 0, app_of(dify), threaded=True)
    dify.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield dify
    server.shutdown()
    thread.join()
    server.server_close()


def run(dify: Dify, shop: Shop, material: dict[str, list[Wanted]], **more: Any) -> Any:
    with Datasets(dify.url, more.pop("key", KEY), pause=lambda _seconds: None) as datasets:
        return sync_shop(datasets, shop.name, material, **more)


def test_a_sample_shop_is_copied_and_then_only_what_changed(dify: Dify, sample_db: Database, sample_shop: Shop) -> None:
    """First all, then nothing, then one update; what is gone is deleted; documents of other people stay."""
    with sample_db.read() as connection:
        material = material_of(connection, sample_shop.id)
    first = run(dify, sample_shop, material)
    assert (first.created, first.errors) == (sum(map(len, material.values())), ())
    assert set(dify.datasets) == {f"demo · {one}" for one in ("products", "manuals", "after-sales", "scripts")}
    dify.datasets["demo · manuals"]["own"] = {"id": "own", "name": "同事的文件", "indexing_status": "completed"}
    dify.calls.clear()
    again = run(dify, sample_shop, material)
    assert (again.same, dify.writes()) == (first.created, [])
    extra = Entry("x", "after-sales", "新条", "新内容。", source="质保政策")
    with sample_db.write() as connection:
        save_entries(connection, sample_shop.id, [extra])
        material = material_of(connection, sample_shop.id)
    changed = run(dify, sample_shop, material)
    assert (changed.created, changed.updated, changed.deleted) == (0, 1, 0)
    with sample_db.write() as connection:
        delete_entries(connection, sample_shop.id, ["x"])
    material["manuals"] = material["manuals"][1:]
    assert run(dify, sample_shop, material).deleted == 1
    assert "own" in dify.datasets["demo · manuals"]


def test_one_piece_is_one_chunk_and_no_stock_is_copied(sample_db: Database, sample_shop: Shop) -> None:
    """Pieces stand between empty lines; stock figures only come when asked for."""
    now = make_clock(load_settings({}, now="2026-11-20T14:00:00+08:00"))()
    with sample_db.read() as connection:
        plain = material_of(connection, sample_shop.id, ["products"])["products"]
        describe = describer(connection, sample_shop.id, now, timedelta(days=9))
        counted = material_of(connection, sample_shop.id, ["products"], describe=describe)
    assert all("现货" not in one.text and "库存" not in one.text for one in plain)
    assert any("现货" in one.text for one in counted["products"])
    assert all("\n" not in piece for one in plain for piece in one.text.split("\n\n"))


def test_a_run_that_broke_off_goes_on(dify: Dify, sample_shop: Shop) -> None:
    """Whatever was copied stays; the next run does the rest and clears a double."""
    material = {"manuals": [Wanted(f"手册{n}", "内容") for n in range(5)]}
    dify.faults["create-by-text"] = [(400, "invalid_param"), (400, "invalid_param")]
    broken = run(dify, sample_shop, material)
    assert (broken.created, len(broken.errors)) == (3, 2)
    held = dify.datasets["demo · manuals"]
    held["double"] = {**next(iter(held.values())), "id": "double"}
    assert run(dify, sample_shop, material).summary() == "2 created, 0 updated, 1 deleted, 3 the same"
    assert sorted(one["name"] for one in held.values()) == sorted(one.name for one in material["manuals"])


@pytest.mark.parametrize("fault", [(429, "too_many_requests"), (500, "internal"), (400, "document_indexing")])
def test_a_busy_dify_is_asked_again(dify: Dify, sample_shop: Shop, fault: tuple[int, str]) -> None:
    """Three pauses; then the document is named and the others go on."""
    run(dify, sample_shop, ECONOMY)
    dify.faults["update-by-text"] = [fault] * 3
    changed = {"manuals": [Wanted("手册", "丙")]}
    assert run(dify, sample_shop, changed).updated == 1
    dify.faults["update-by-text"] = [fault] * 4
    (error,) = run(dify, sample_shop, {"manuals": [Wanted("手册", "丁")]}).errors
    assert "update 手册" in error


def test_a_document_that_dify_could_not_index_is_sent_again(dify: Dify, sample_shop: Shop) -> None:
    """Its name is right, its state is not."""
    run(dify, sample_shop, ECONOMY)
    for one in dify.datasets["demo · manuals"].values():
        one["indexing_status"] = "error"
    assert run(dify, sample_shop, ECONOMY).updated == 1


def test_many_documents_are_read_page_by_page(dify: Dify, sample_shop: Shop) -> None:
    """Dify gives a hundred at a time."""
    material = {"scripts": [Wanted(f"t{n}", "x") for n in range(205)]}
    run(dify, sample_shop, material)
    assert run(dify, sample_shop, material).same == 205


def test_a_dry_run_only_reads(dify: Dify, sample_shop: Shop) -> None:
    """It says what is left, before and after there is anything, and makes not even the knowledge base."""
    said: list[str] = []
    run(dify, sample_shop, ECONOMY, dry_run=True, progress=said.append)
    assert said == ["manuals 1/1: create 手册"]
    assert (dify.datasets, dify.writes()) == ({}, [])
    run(dify, sample_shop, ECONOMY)
    dify.calls.clear()
    changed = {"manuals": [Wanted("手册", "丙"), Wanted("新书", "丁")]}
    report = run(dify, sample_shop, changed, dry_run=True, progress=said.append)
    assert said[1:] == ["manuals 1/2: update 手册", "manuals 2/2: create 新书"]
    assert (report.created, report.updated, report.deleted) == (1, 1, 0)
    assert dify.writes() == []


def test_a_base_without_vectors_is_searched_by_keywords(dify: Dify, sample_shop: Shop) -> None:
    """Dify 1.14.1 answers the first search with “Default model not found for text-embedding” otherwise."""
    run(dify, sample_shop, ECONOMY, indexing="economy")
    run(dify, sample_shop, {"scripts": [Wanted("话术", "甲")]}, indexing="high_quality")
    economy, vectors = dify.made
    assert economy["retrieval_model"]["search_method"] == "keyword_search"
    assert "retrieval_model" not in vectors


def test_wrong_key_address_and_a_dead_dify_are_named(dify: Dify, sample_shop: Shop) -> None:
    """One clear error, with what to do."""
    with pytest.raises(Unauthorized, match="API 密钥"):
        run(dify, sample_shop, ECONOMY, key="wrong")
    with pytest.raises(BadInput, match="no address"):
        Datasets("dify.local", KEY)
    with Datasets("http://127.0.0.1:9", KEY, pause=lambda _: None) as datasets, pytest.raises(Unavailable):
        datasets.documents("x")


def test_the_command_copies_and_says_what_it_did(
    dify: Dify, sample_db: Database, tmp_path: Any, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    """`./kefu sync` on a shop's own data folder."""
    monkeypatch.setenv("DIFY_DATASET_KEY", KEY)
    arguments = ["sync", "--dify", dify.url, "--data", str(tmp_path), "--knowledge-id", "scripts", "--shop", "demo"]
    assert main(arguments) == 0
    assert capsys.readouterr().out == "1 created, 0 updated, 0 deleted, 0 the same\n"
