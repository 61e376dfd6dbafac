"""Figures of the catalogue: from a question to the variant and its live stock, against rank-bm25 with jieba.

Everything is real: a SQLite file, the importer, the same catalogue class that answers customers. Times are wall
clock on one core; ``p50`` is over questions, of each question the best of ``REPEATS`` tries.
"""

from __future__ import annotations

import csv
import statistics
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from kefu.core.catalogue import Catalogue, DeliveryBook, Shelf, StockAnswer, stock_answer
from kefu.core.text import tokenise
from kefu.core.textindex import TextIndex
from kefu.evaluation.baseline import jieba_cut, positive_bm25, resident_mib
from kefu.evaluation.bench_workers import fill, served
from kefu.evaluation.made_catalogue import Question, products, questions, title
from kefu.jobs.imports import run_import
from kefu.jobs.kinds.cells import now
from kefu.jobs.kinds.stock import STOCK
from kefu.store.catalogue import load_catalogue
from kefu.store.db import Database
from kefu.store.live_stock import LiveStock
from kefu.store.shops import create_shop
from kefu.store.stock import StockChange, change_stock

SIZES = (10_000, 100_000, 1_000_000)
REPEATS = 5
IMPORTED = 100_000
SERVED = 100_000
"""Up to so many SKUs two worker processes load the shop too."""

Say = Callable[[str], None]
Cut = Callable[[str], list[str]]
Row = dict[str, Any]


def run_catalogue(
    sizes: Sequence[int] = SIZES, *, asked: int = 200, seed: int = 1, say: Say = lambda _: None
) -> list[Row]:
    """One row a size. Raises Unavailable without the test extras (the baseline is in them)."""
    cut = jieba_cut()
    with tempfile.TemporaryDirectory(prefix="kefu-bench-") as folder:
        return [_one_size(size, Path(folder), asked, seed, cut, say) for size in sizes]


def _one_size(size: int, folder: Path, asked: int, seed: int, cut: Cut, say: Say) -> Row:
    db = Database(f"sqlite:///{folder / f'{size}.sqlite'}")
    try:
        say(f"{size:,} SKUs: store")
        shop_id = fill(db, size, seed)
        before = resident_mib()
        start, worked = perf_counter(), process_time()
        with db.read() as connection:
            catalogue = load_catalogue(connection, shop_id)
        row: Row = {
            "skus": size,
            "start_s": round(perf_counter() - start, 2),
            "start_cpu_s": round(process_time() - worked, 2),
            "memory_mb": round(resident_mib() - before),
        }
        made = questions(asked, size, seed)
        say(f"{size:,} SKUs: questions")
        row |= _answers(db, shop_id, catalogue, made)
        row |= _writes(db, shop_id, made)
        row |= _import(db, folder, size, say) if size >= IMPORTED else {}
        say(f"{size:,} SKUs: workers")
        row |= served(db, shop_id, folder, made[0]) if size <= SERVED else {}
        del catalogue
        say(f"{size:,} SKUs: baseline")
        row |= _against(size, seed, made, row["p50_us"], cut)
        return row
    finally:
        db.close()


def _answers(db: Database, shop_id: int, catalogue: Catalogue, made: Sequence[Question]) -> Row:
    """From the sentence to the variant and the rows of the store, and to the whole reply."""
    stock = LiveStock(db)

    def look_up(question: Question) -> bool:
        meant = catalogue.resolve(question.text)
        return meant.variant is not None and question.sku in stock.rows_of(shop_id, (meant.variant.sku,))

    shelf = Shelf(catalogue, lambda skus: stock.rows_of(shop_id, skus), DeliveryBook(), now(), timedelta(days=2))

    def reply(question: Question) -> StockAnswer:
        return stock_answer(shelf, catalogue.resolve(question.text))

    right = sum(look_up(q) and (v := catalogue.resolve(q.text).variant) is not None and v.sku == q.sku for q in made)
    looked_up = [_best(partial(look_up, question)) for question in made]
    replied = [_best(partial(reply, question)) for question in made]
    stock.close()
    return {
        "right": round(right / len(made), 4),
        "p50_us": _micro(statistics.median(looked_up)),
        "p95_us": _micro(float(np.quantile(looked_up, 0.95))),
        "reply_p50_us": _micro(statistics.median(replied)),
    }


def _writes(db: Database, shop_id: int, made: Sequence[Question]) -> Row:
    """From the call that changes stock to the read that shows it, commit included."""
    stock = LiveStock(db)
    took: list[float] = []
    for number, question in enumerate(made[:100]):
        start = perf_counter()
        with db.write() as connection:
            change_stock(connection, shop_id, StockChange(question.sku, "一号仓", quantity=5_000 + number), now())
        seen = stock.rows_of(shop_id, (question.sku,))[question.sku][0].quantity
        took.append(perf_counter() - start)
        assert seen == 5_000 + number
    stock.close()
    return {"write_visible_p50_ms": round(statistics.median(took) * 1e3, 3)}


def _import(db: Database, folder: Path, size: int, say: Say) -> Row:
    """A stock file of 100,000 rows through the importer, preview and per-row results included."""
    say(f"{size:,} SKUs: import of {IMPORTED:,} rows")
    path = folder / "stock.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("sku", "warehouse", "quantity"))
        writer.writerows((f"SKU{n // 4:07d}-{n % 4}", "二号仓", n % 500) for n in range(IMPORTED))
    with db.write() as connection:
        other = create_shop(connection, "import").id
    start, worked = perf_counter(), process_time()
    report = run_import(db, other, STOCK, path)
    assert report.count("new") == IMPORTED
    return {
        "import_rows": IMPORTED,
        "import_s": round(perf_counter() - start, 2),
        "import_cpu_s": round(process_time() - worked, 2),
    }


def _against(size: int, seed: int, made: Sequence[Question], ours_us: float, cut: Cut) -> Row:
    """rank-bm25 over one line a SKU, cut by jieba; the same words through our index must give the same ten scores."""
    skus: list[str] = []
    documents: list[list[str]] = []
    for product in products(size, seed):
        for variant in product.variants:
            skus.append(variant.sku)
            documents.append(tokenise(title(product, variant)))
    few = made[: 40 if size <= 100_000 else 12]
    ours, search_us = _searches(TextIndex(documents), [cut(question.text) for question in few])
    bm25 = positive_bm25(documents)
    del documents
    took, right, same = [], 0, True
    for question, found in zip(few, ours, strict=True):
        start = perf_counter()
        scores = bm25.get_scores(cut(question.text))
        best = int(np.argmax(scores))
        took.append(perf_counter() - start)
        right += skus[best] == question.sku
        ten = np.sort(scores)[::-1][:10]
        same &= len(found) == np.count_nonzero(ten) and np.allclose(ten[: len(found)], found, rtol=1e-9)
    theirs_us = statistics.median(took) * 1e6
    return {
        "baseline_p50_ms": round(theirs_us / 1e3, 2),
        "baseline_right": round(right / len(few), 4),
        "ratio": round(theirs_us / ours_us),
        "search_p50_us": round(search_us, 1),
        "search_ratio": round(theirs_us / search_us),
        "same_ten_scores": bool(same),
    }


def _searches(index: TextIndex, queries: Sequence[list[str]]) -> tuple[list[list[float]], float]:
    """The ten best scores of each query, and the median time of a search in µs."""
    took = [_best(partial(index.search, query, 10)) for query in queries]
    return [[score for _, score in index.search(query, 10)] for query in queries], statistics.median(took) * 1e6


def _best(work: Callable[[], Any]) -> float:
    took = []
    for _ in range(REPEATS):
        start = perf_counter()
        work()
        took.append(perf_counter() - start)
    return min(took)


def _micro(seconds: float) -> float:
    return round(seconds * 1e6, 1)
