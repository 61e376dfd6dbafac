"""Two real worker processes: what one commits is in the very next answer of both, on either database."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.evaluation.bench_workers import measure_workers, workers_of
from kefu.evaluation.made_catalogue import products, questions
from kefu.store.catalogue import ProductRow, save_product_rows
from kefu.store.db import Database
from kefu.store.shops import create_shop

SKUS = 40


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_committed_change_is_in_the_next_answer_of_every_worker(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str
) -> None:
    """Stock by `PUT /stock` at either worker; a term of jargon that another process commits."""
    db: Database = request.getfixturevalue("sqlite_database" if engine == "sqlite" else "postgres_database")
    [question] = questions(1, SKUS)
    with db.write() as connection:
        shop = create_shop(connection, "demo")
        made = [ProductRow(product, variant) for product in products(SKUS) for variant in product.variants]
        save_product_rows(connection, shop.id, made)
    with workers_of(db, shop.id, tmp_path) as workers:
        assert len({worker.process for worker in workers}) == 2
        found = measure_workers(workers, db, shop.id, question.sku, question.text, changes=6)
    assert (found["workers"], found["first_answers"]) == (2, 1.0)
    assert 0 < found["visible_p50_ms"] <= found["visible_max_ms"]
