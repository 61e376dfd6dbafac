"""What an owner is told of names, values and pairs that customers' words are misread by, and no more than that."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.jobs.imports import run_import
from kefu.jobs.kinds.compatibility import COMPATIBILITY, pair_gaps
from kefu.jobs.kinds.naming import naming_of
from kefu.jobs.kinds.products import PRODUCTS
from kefu.store.catalogue import load_products

ROOT = Path(__file__).resolve().parents[2]
HEAD = "商品编号,商品名,别名,类目,单位,商家编码,规格,规格别名\n"
OTHERS = "s1,木工夹,,夹具,只,S-1,规格=大号,\n"


def warnings(db, shop, tmp_path, kind, text) -> tuple[str, ...]:
    path = tmp_path / f"{kind.name}.csv"
    path.write_text(text, encoding="utf-8")
    return run_import(db, shop.id, kind, path).warnings


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("n1,平头铆钉,,铆钉,盒,N-1,规格=M4|每盒=20只,", "how many are wanted: 20只 (row 3)."),
        ("n1,平头铆钉,,铆钉,盒,N-1,规格=M4|每盒=十个,", "are wanted: 十个 (row 3)."),
        (
            "n1,平头铆钉,,铆钉,盒,N-1,规格=M4|装量=50只装,\n,,,,,N-2,规格=M5|装量=20只装,",
            "50只装 (row 3), 20只装 (row 4).",
        ),
        ("n1,平头铆钉,,铆钉,盒,N-1,规格=M4,两盒", "are wanted: 两盒 (row 3)."),
        ("n1,黄铜球阀,,阀门,个,N-1,规格=4分,\nn2,静音木门锁,卧室门锁,门锁,把,N-2,门厚=40mm,", "门 of 阀门 (row 3)."),
        (
            "n1,镀锌平头空心铆钉家用不锈钢拉铆钉套装,钉|R4,铆钉,盒,N-1,规格=M4,",
            "镀锌平头空心铆钉家用不锈钢拉… (row 3).",
        ),
        (
            "n1,镀锌平头空心铆钉家用不锈钢拉铆钉套装,铆钉,铆钉,盒,N-1,,\n"
            "n2,彩色烤漆铆钉装饰皮具包包手工家用,铆钉|皮具铆钉,铆钉,盒,N-2,,",
            "call alike: 铆钉 (rows 3, 4).",
        ),
    ],
)
def test_what_is_misread_is_told_once_with_its_row_and_what_to_write(db, shop, tmp_path, row, told) -> None:
    (warning,) = warnings(db, shop, tmp_path, PRODUCTS, f"{HEAD}{OTHERS}{row}\n")
    assert told in warning
    with db.read() as connection:
        (line,) = naming_of(load_products(connection, shop.id))
    assert line.partition(":")[0] == warning.partition(":")[0]


@pytest.mark.parametrize(
    "row",
    [
        "n1,平头铆钉,,铆钉,盒,N-1,规格=M4|装量=20只装,一盒\n,,,,,N-2,规格=M4|装量=50只,",
        "n1,平头铆钉,,铆钉,盒,N-1,片数=84片|容量=30ml,一箱|四个的|两盒装",
        "n1,黄铜球阀,,阀门,个,N-1,规格=4分,\nn2,木工锯,,锯子,把,N-2,,",
        "n1,镀锌平头空心铆钉家用不锈钢拉铆钉套装,铆钉,铆钉,盒,N-1,规格=M4,",
    ],
)
def test_what_can_be_read_is_no_warning(db, shop, tmp_path, row) -> None:
    assert warnings(db, shop, tmp_path, PRODUCTS, f"{HEAD}{OTHERS}{row}\n") == ()


FILES = [path for folder in ("tests/cases/*", "server/kefu/*") for path in ROOT.glob(f"{folder}/products.csv")]
FILES.append(PRODUCTS.sample)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_the_shops_that_answer_well_get_no_warning(db, shop, path) -> None:
    run_import(db, shop.id, PRODUCTS, path)
    with db.read() as connection:
        assert [*naming_of(load_products(connection, shop.id))] == []
    if (fits := path.with_name("compatibility.csv")).exists():
        assert not run_import(db, shop.id, COMPATIBILITY, fits).warnings


PAIRS = """类型,机型,别名,商品编号,兼容,说明
机型,岩工 K8 电钻,K8电钻,,,
机型,岩工 K9 电钻,K9电钻,,,
机型,别家电钻,,,,
{}
"""
OWN = "k8,岩工 K8电钻 12V,,电钻,把,K8,,\nk9,岩工 K9电钻 20V,,电钻,把,K9,,\nb2,岩工直柄钻头,钻头,钻头,支,B-2,,\n"
FITS = "配对,岩工 K8 电钻,,b2,是,"


DESCRIBED = "商品编号,商品名,别名,类目,单位,商家编码,规格,描述\n"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("d1,竹筒糕,,糕点,盒,D-1,装量=大盒,西藏不发，现蒸\n,,,,,D-2,装量=小盒,现蒸\n", "西藏不发 (竹筒糕) (row 2)."),
        ("d1,竹筒糕,,糕点,盒,D-1,装量=大盒,每人限购2盒\n,,,,,D-2,装量=小盒,软糯\n", "每人限购2盒 (竹筒糕) (row 2)."),
    ],
)
def test_a_limit_in_the_row_of_one_variant_only_is_told(db, shop, tmp_path, rows, told) -> None:
    (warning,) = warnings(db, shop, tmp_path, PRODUCTS, DESCRIBED + rows)
    assert told in warning


@pytest.mark.parametrize(
    "rows",
    [
        "d1,竹筒糕,,糕点,盒,D-1,装量=大盒,西藏不发\n,,,,,D-2,装量=小盒,\n",
        "d1,竹筒糕,,糕点,盒,D-1,装量=大盒,西藏不发，10块\n,,,,,D-2,装量=小盒,西藏不发，5块\n",
    ],
)
def test_a_limit_of_all_variants_is_fine(db, shop, tmp_path, rows) -> None:
    assert warnings(db, shop, tmp_path, PRODUCTS, DESCRIBED + rows) == ()


def test_pairs_that_only_say_what_of_the_shops_own_goods_fits_are_told(db, shop, tmp_path) -> None:
    warnings(db, shop, tmp_path, PRODUCTS, HEAD + OWN)
    rows = f"{FITS}\n配对,岩工 K9 电钻,,b2,是,"
    (told,) = warnings(db, shop, tmp_path, COMPATIBILITY, PAIRS.format(rows))
    assert "only goods of your own: b2 (rows 5, 6)." in told
    with db.read() as connection:
        (line,) = pair_gaps(connection, shop.id)
    assert "only goods of your own: b2." in line


@pytest.mark.parametrize(
    "rows",
    [FITS, f"{FITS}\n配对,岩工 K9 电钻,,b2,否,夹不住", f"{FITS}\n配对,别家电钻,,b2,是,", "配对,别家电钻,,b2,是,"],
)
def test_pairs_of_goods_for_certain_devices_are_fine(db, shop, tmp_path, rows) -> None:
    warnings(db, shop, tmp_path, PRODUCTS, HEAD + OWN)
    assert warnings(db, shop, tmp_path, COMPATIBILITY, PAIRS.format(rows)) == ()
