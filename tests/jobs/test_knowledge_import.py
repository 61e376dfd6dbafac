"""Tables of questions and answers: which product a row is of, and what an owner is told of its tags."""

from __future__ import annotations

import pytest

from kefu.jobs.documents import About, import_document
from kefu.jobs.exports import write_table
from kefu.jobs.imports import run_import
from kefu.jobs.kinds.knowledge import KNOWLEDGE, SCRIPTS
from kefu.jobs.kinds.products import PRODUCTS
from kefu.store.knowledge import list_entries

GOODS = """商品编号,商品名,别名,规格编号
n1,暖风机,取暖器|小太阳,N-1
n2,油汀,取暖器|电暖片,N-2
n3,暖手宝 Mini,,N-3
"""
HEAD = "问题,答案,商品,标签\n"


def imported(db, shop, tmp_path, kind, text):
    path = tmp_path / f"{kind.name}.csv"
    path.write_text(text, encoding="utf-8")
    return run_import(db, shop.id, kind, path)


def products_of_entries(db, shop) -> list[str]:
    with db.read() as connection:
        return [entry.product for entry in list_entries(connection, shop.id).values()]


@pytest.mark.parametrize(
    ("cell", "product"),
    [("n1", "n1"), ("暖风机", "n1"), ("小太阳", "n1"), ("暖手宝mini", "n3"), ("电暖片 | 小太阳", "n2|n1"),
     ("取暖器", "取暖器"), ("电热毯", "电热毯"), ("暖风机|电热毯", "n1|电热毯"), ("", "")],
)  # fmt: skip
def test_a_product_is_its_id_or_a_name_that_it_has_alone(db, shop, tmp_path, cell, product) -> None:
    imported(db, shop, tmp_path, PRODUCTS, GOODS)
    report = imported(db, shop, tmp_path, KNOWLEDGE, f"{HEAD}费电吗,不费,{cell},\n")
    assert products_of_entries(db, shop) == [product]
    unknown = next((one for one in ("取暖器", "电热毯") if one in product), "")
    assert [unknown in one and "whole shop" in one for one in report.warnings] == ([True] if unknown else [])


def test_a_row_that_came_before_its_product_is_replaced_when_it_is_imported_again(db, shop, tmp_path) -> None:
    text = f"{HEAD}费电吗,不费,暖风机,\n怎么开,按一下,暖风机,\n全店包邮吗,包邮,,\n"
    imported(db, shop, tmp_path, KNOWLEDGE, text)
    imported(db, shop, tmp_path, PRODUCTS, GOODS)
    assert imported(db, shop, tmp_path, KNOWLEDGE, text).count("new") == 2
    assert sorted(products_of_entries(db, shop)) == ["", "n1", "n1"]
    assert imported(db, shop, tmp_path, KNOWLEDGE, text).count("same") == 3


def test_a_document_is_of_the_product_that_is_named(db, shop, tmp_path) -> None:
    imported(db, shop, tmp_path, PRODUCTS, GOODS)
    manual = tmp_path / "manual.md"
    manual.write_text("# 安装\n\n插上就能用。\n", encoding="utf-8")
    import_document(db, shop.id, manual, About(product="小太阳"))
    assert products_of_entries(db, shop) == ["n1"]


def test_tags_that_ask_and_are_too_short_to_count_are_told_in_one_line(db, shop, tmp_path) -> None:
    tags = "费电不|费电吗|要不要预热|会跳闸吗|保修|功率大小|毛呢|性能"
    for kind in (KNOWLEDGE, SCRIPTS):
        (told,) = imported(db, shop, tmp_path, kind, f"问题,答案,标签\n费不费电,不费,{tags}\n").warnings
        assert told.startswith("Tags that ask something and are too short to count as ways of asking (5 characters;")
        assert ": 3: 费电不 (row 2), 费电吗 (row 2), 会跳闸吗 (row 2)." in told


def test_long_ways_of_asking_and_short_words_are_fine(db, shop, tmp_path) -> None:
    text = "问题,答案,标签\n费不费电,不费,一晚上几度电|保修|功率|能量|什么时候关比较好\n"
    assert imported(db, shop, tmp_path, KNOWLEDGE, text).warnings == ()


def exported(db, shop, tmp_path, kind):
    with db.read() as connection:
        table = write_table(kind, kind.load(connection, shop.id).values(), "csv")
    path = tmp_path / f"again-{kind.name}.csv"
    path.write_bytes(table)
    return path


def test_scripts_of_a_knowledge_file_keep_title_and_product_and_are_the_same_again(db, shop, tmp_path) -> None:
    imported(db, shop, tmp_path, PRODUCTS, GOODS)
    text = "知识库,标题,问题,答案,商品\n话术,嫌贵,太贵了,质保三年,小太阳|n3\n售后,退货,能退吗,七天内可以,n1\n"
    assert imported(db, shop, tmp_path, KNOWLEDGE, text).count("new") == 2
    assert imported(db, shop, tmp_path, KNOWLEDGE, text).count("same") == 2
    for kind, rows in ((KNOWLEDGE, 2), (SCRIPTS, 1)):
        path = exported(db, shop, tmp_path, kind)
        assert all(told in path.read_text() for told in ("嫌贵", "n1|n3"))
        again = run_import(db, shop.id, kind, path)
        assert (again.count("same"), len(again.rows)) == (rows, rows)


def test_a_script_may_be_of_a_product_by_its_name_and_of_an_unknown_one_is_told(db, shop, tmp_path) -> None:
    imported(db, shop, tmp_path, PRODUCTS, GOODS)
    report = imported(db, shop, tmp_path, SCRIPTS, "问题,话术,商品\n太贵了,质保三年,小太阳\n太吵了,有静音档,吹风机\n")
    assert sorted(products_of_entries(db, shop)) == ["n1", "吹风机"]
    assert ["吹风机 (row 3)" in one for one in report.warnings] == [True]
