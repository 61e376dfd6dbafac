"""Import kind `jargon` (术语): words of the trade and what they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kefu.core.catalogue import JargonTerm
from kefu.errors import BadInput
from kefu.jobs.imports import Column, ImportKind
from kefu.jobs.kinds.cells import limited, read_all
from kefu.store import catalogue as store


def _parse(cells: Mapping[str, str]) -> Iterable[JargonTerm]:
    found = read_all(
        term=lambda: limited(cells["term"], "term", 64),
        means=lambda: _means(cells),
        product=lambda: limited(cells["product"], "product", 64),
        sku=lambda: limited(cells["sku"], "sku", 64),
    )
    return [JargonTerm(**found)]


def _means(cells: Mapping[str, str]) -> str:
    if not (cells["means"] or cells["product"] or cells["sku"]):
        raise BadInput(f"“{cells['term']}” stands for nothing.", "Fill in means, product or sku, or remove the row.")
    return limited(cells["means"], "means", 255)


JARGON = ImportKind(
    name="jargon",
    help="words of the trade (术语) and what they stand for",
    columns=(
        Column("term", "what customers say", required=True, aliases=("术语", "行话")),
        Column("means", "what the shop calls it", aliases=("含义", "标准词")),
        Column("product", "or: the product it names", aliases=("商品编号",)),
        Column("sku", "or: the variant it names", aliases=("规格编号", "商家编码")),
    ),
    parse=_parse,
    key=lambda term: term.term,
    load=lambda c, s: {term.term: term for term in store.load_jargon(c, s)},
    save=store.save_jargon,
    remove=store.delete_jargon,
    dump=lambda t: {"term": t.term, "means": t.means, "product": t.product, "sku": t.sku},
)
