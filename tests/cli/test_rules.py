"""`./kefu rules …` and importing rules from every kind of file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from kefu.cli import main
from kefu.core.rules import Pattern, Rule, check_rule
from kefu.core.rules.record import from_record
from kefu.errors import BadInput
from kefu.jobs.exports import write_table
from kefu.jobs.imports import run_import
from kefu.jobs.kinds.rules import KIND, dump, parse
from kefu.store.rules import list_rules, save_rules

CSV = """id,sentences,regexes,keywords_all,keywords_any,keywords_none,replies,priority,action
send,"请发货
已下单，麻烦安排发货",^已购买\\d+件$,,,,谢谢，马上发||谢谢{customer},5,set_topic:发货
refund,,"退(款|货)",,,,请稍等,,hand_off:policy
slow,,,没收到,卡密|网址,不是,为您补发,,
"""
LESSON = """
import re
reply = "感谢您，3–5分钟内发货"
patterns = [
    r"^付款已完成$",
    re.compile(r"^已购买(一|二|三|\\d+)件$"),
    ("^购买完成$", "谢谢购买"),
    {"id": "cards", "regexes": [r"^没有收到网址和卡密，我已下单\\d+份$"], "replies": "已补发"},
]
"""


def rules_in(db, shop):
    with db.read() as connection:
        return list_rules(connection, shop.id)


def wrote(tmp_path: Path, name: str, text: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("form", ["csv", "xlsx", "yaml", "jsonl"])
def test_an_export_in_each_form_comes_back_as_the_same_rules(db, shop, tmp_path, form):
    odd = Rule("odd", (Pattern("sentence", "=1+1"), Pattern("regex", "a||b\\n|c")), ("=SUM(1)", "一行\n两行"))
    with db.write() as connection:
        save_rules(connection, shop.id, [odd])
    run_import(db, shop.id, KIND, wrote(tmp_path, "r.csv", CSV))
    before = rules_in(db, shop)
    out = wrote(tmp_path, f"out.{form}", write_table(KIND, before, form))
    report = run_import(db, shop.id, KIND, out)
    assert (report.count("same"), len(report.rows)) == (len(before), len(before)), report


def test_an_export_of_unknown_form_and_a_file_that_is_no_excel_are_named(db, shop, tmp_path):
    with pytest.raises(BadInput, match="form of a table"):
        write_table(KIND, [], "docx")
    with pytest.raises(BadInput, match="cannot be read as Excel"):
        run_import(db, shop.id, KIND, wrote(tmp_path, "r.xlsx", "id,sentences"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_each_encoding_gives_the_same_rules(db, shop, tmp_path, encoding):
    report = run_import(db, shop.id, KIND, wrote(tmp_path, "r.csv", CSV.encode(encoding)))
    assert report.count("new") == 3, report
    send, refund, slow = rules_in(db, shop)
    assert [p.text for p in send.patterns] == ["请发货", "已下单，麻烦安排发货", r"^已购买\d+件$"]
    assert send.replies == ("谢谢，马上发", "谢谢{customer}")
    assert (send.priority, send.topic if hasattr(send, "topic") else send.action.value) == (5, "发货")
    assert refund.action.kind == "hand_off"
    assert slow.patterns == (Pattern("keywords", all=("没收到",), any=("卡密", "网址")),)
    assert slow.none == ("不是",)


def test_what_is_exported_imports_as_the_same(db, shop, tmp_path):
    run_import(db, shop.id, KIND, wrote(tmp_path, "r.csv", CSV))
    for rule in rules_in(db, shop):
        assert parse(dump(rule)) == [rule]


HARD = [
    Rule(
        "groups",
        (Pattern("keywords", all=("退款",), any=("慢", "久")), Pattern("keywords", all=("换货", "慢"))),
        ("好",),
    ),
    Rule("any", (Pattern("keywords", any=("催",)), Pattern("keywords", all=("快",), any=("点", "些"))), ("好",)),
    Rule(
        "bars", (Pattern("regex", "^(a||b)$"), Pattern("keywords", all=("a|b", "甲、乙"))), ("第一行\n第二行", "好||行")
    ),
    Rule("brackets", (Pattern("sentence", '["好"]'), Pattern("regex", "[送发]货$")), ('["好"]',), none=("不|要",)),
    Rule("order", (Pattern("regex", "发货.*"), Pattern("sentence", "请发货")), ("好", "行"), enabled=False),
]


def test_every_rule_comes_back_from_an_exported_file(db, shop, tmp_path):
    with db.write() as connection:
        save_rules(connection, shop.id, HARD)
    path = tmp_path / "out.csv"
    assert main(["export", "rules", "--out", str(path), "--data", str(tmp_path)]) == 0
    report = run_import(db, shop.id, KIND, path)
    assert [row.status for row in report.rows] == ["same"] * len(HARD)


AWKWARD = st.text(st.sampled_from('退货ab|、[]"\\,^$ \n\r;'), min_size=1, max_size=8)
WORDS = st.lists(AWKWARD, max_size=3)


@settings(max_examples=300, deadline=None)
@given(
    sentences=st.lists(AWKWARD, max_size=2),
    keywords=st.lists(st.tuples(WORDS, WORDS), max_size=3),
    none=WORDS,
    replies=WORDS,
    channels=WORDS,
)
def test_what_is_written_reads_back_whatever_its_signs(sentences, keywords, none, replies, channels):
    patterns = [*sentences, *({"all": every, "any": some} for every, some in keywords)]
    record = {"id": "r", "patterns": patterns, "none": none, "replies": replies, "channels": channels}
    try:
        rule = from_record(record)
        check_rule(rule)
    except BadInput:
        reject()
    assert parse(dump(rule)) == [rule]


def test_keyword_groups_that_do_not_pair_up_are_refused(db, shop, tmp_path):
    text = "id,keywords_all,keywords_any,replies\na,退||换||修,慢||久,好\nb,退||换,,好\n"
    report = run_import(db, shop.id, KIND, wrote(tmp_path, "r.csv", text), keep_going=True)
    assert [row.status for row in report.rows] == ["error", "new"]
    assert "different numbers of keyword patterns" in report.rows[0].message
    assert [pattern.all for pattern in rules_in(db, shop)[0].patterns] == [("退",), ("换",)]


def test_excel_with_chinese_headers(db, shop, tmp_path):
    book = Workbook()
    for row in (
        ["编号", "句子", "关键词", "回复", "优先级"],
        ["a", "请发货", "", "马上", 3],
        ["b", "", "催|快点", "稍等", None],
    ):
        book.active.append(row)
    book.save(tmp_path / "r.xlsx")
    assert run_import(db, shop.id, KIND, tmp_path / "r.xlsx").count("new") == 2
    first, second = rules_in(db, shop)
    assert (first.priority, second.patterns[0].any) == (3, ("催", "快点"))


def test_yaml_lists_keep_the_bar_of_a_regex(db, shop, tmp_path):
    text = "- id: a\n  regexes: ['退款|退货', '^a|b$']\n  replies: [好, 行]\n  enabled: false\n"
    run_import(db, shop.id, KIND, wrote(tmp_path, "r.yaml", text))
    (rule,) = rules_in(db, shop)
    assert [p.text for p in rule.patterns] == ["退款|退货", "^a|b$"]
    assert rule.replies == ("好", "行")
    assert not rule.enabled


def test_the_python_list_of_the_lesson_is_read_and_never_run(db, shop, tmp_path):
    report = run_import(db, shop.id, KIND, wrote(tmp_path, "r.py", LESSON))
    assert report.count("new") == 4, report
    rules = rules_in(db, shop)
    assert [rule.replies[0] for rule in rules] == ["感谢您，3–5分钟内发货"] * 2 + ["谢谢购买", "已补发"]
    assert rules[3].id == "cards"
    with pytest.raises(BadInput, match="line 1"):
        run_import(db, shop.id, KIND, wrote(tmp_path, "x.py", "rules = [open('/etc/passwd').read()]"))


def test_preview_says_new_changed_same_and_error_and_writes_nothing(db, shop, tmp_path):
    run_import(db, shop.id, KIND, wrote(tmp_path, "r.csv", CSV))
    text = "id,regexes,replies\nrefund,退(款|货),请稍等\nslow,卡,补\nnew,好,好\nbad,(a,好\nback,(a)\\1{2000000}(b,好\n"
    report = run_import(db, shop.id, KIND, wrote(tmp_path, "r2.csv", text), preview=True)
    assert [row.status for row in report.rows] == ["changed", "changed", "new", "error", "error"]
    assert "( needs its )" in report.rows[3].message
    assert len(rules_in(db, shop)) == 3
    assert not report.written


def test_twenty_thousand_rows_report_progress(tmp_path):
    rows = "".join(f"r{i},第{i}句话,好\n" for i in range(20_000))
    seen: list[int] = []
    from kefu.jobs.imports import parse_rows

    items, errors, _ = parse_rows(KIND, wrote(tmp_path, "r.csv", "id,sentences,replies\n" + rows), seen.append)
    assert (len(items), errors, seen[-1]) == (20_000, [], 20_000)


@pytest.fixture
def shop_folder(tmp_path, capsys) -> list[str]:
    flags = ["--data", str(tmp_path / "data")]
    assert main(["shop", "create", "demo", *flags]) == 0
    assert main(["import", "rules", str(wrote(tmp_path, "r.csv", CSV)), *flags]) == 0
    capsys.readouterr()
    return flags


def test_rules_test_says_what_fires_and_what_nearly_did(shop_folder, capsys):
    assert main(["rules", "test", "请 发货！！", *shop_folder]) == 0
    out = capsys.readouterr().out
    assert "send by sentence “请发货”" in out
    assert "“请 发货” at 0–4" in out
    assert main(["rules", "test", "--json", "麻烦安排发货", *shop_folder]) == 1
    (row,) = json.loads(capsys.readouterr().out)
    assert row["near_misses"][0]["rule_id"] == "send"


def test_rules_lint_list_and_stats(shop_folder, tmp_path, capsys):
    assert main(["rules", "lint", *shop_folder]) == 0
    assert main(["rules", "list", "--json", *shop_folder]) == 0
    assert '"id": "send"' in capsys.readouterr().out
    assert main(["rules", "stats", *shop_folder]) == 0
    text = "id,sentences,replies\nlate,请发货,另一句\n"
    assert main(["import", "rules", str(wrote(tmp_path, "r3.csv", text)), *shop_folder]) == 0
    assert main(["rules", "lint", "--strict", *shop_folder]) == 1
    assert "warning conflict late" in capsys.readouterr().out


def test_bench_rules_gives_rows_as_json(capsys):
    assert main(["bench", "rules", "--json", "--sizes", "300", "--messages", "20"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["rules"] == 300
    assert row["miss_ratio"] > 0
    assert main(["bench", "nothing"]) == 2
