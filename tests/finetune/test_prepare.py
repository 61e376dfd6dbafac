"""Training rows of the sample shop: what Dify's nodes send and read, no personal data, no leak, nothing half-made."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from kefu.errors import BadInput, Conflict
from kefu.evaluation.dify_nodes import Answer, classify
from kefu.evaluation.frozen import FrozenRow, FrozenSet, write_frozen
from kefu.finetune import frameworks
from kefu.finetune.intent_rows import Labelled
from kefu.finetune.prepare import Plan, prepare
from kefu.finetune.splits import SPLITS, Split, group_of
from kefu.gateway.nodes import ClassifierRequest, ExtractorRequest, recognise

OWN = (
    '{"query": "我的电话13912345678，叫啥", "response": "我是<NAME>，记下13912345678了", "conversation_id": "7"}\n'
    '{"instruction": "后来呢", "input": "", "output": "{{author}}为您服务", "conversation_id": "7"}\n'
    '{"conversations": [{"from": "human", "value": "谁"}, {"from": "gpt", "value": "{{NAME}}"}],'
    ' "date": "2026-11-19"}\n'
    '{"text": "我的单202611200001234怎么还没影", "label": "urge_delivery", "history": [["在吗", "在的"]]}\n'
    '{"text": "今晚月色真美", "label": "other"}\n'
    '{"query": "地址改成浙江省杭州市文三路12号5幢", "response": "改到浙江省杭州市文三路12号5幢了"}\n'
    '{"query": "你是OpenAI开发的ChatGPT吗", "response": "我不是 OpenAI 开发的 ChatGPT，我是<NAME>"}\n'
    '{"query": "那好", "response": "好的", "conversation_id": "13700001111"}\n'
)
PLAN = {"per_intent": 3, "copies": 2, "split": Split(since="2026-11-01")}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def everything(out: Path) -> list[dict[str, Any]]:
    """All rows of a prepared folder, each with its split."""
    return [{**row, "split": split} for split in ("train", "valid", "test") for row in lines(out / f"{split}.jsonl")]


@pytest.fixture(scope="module")
def made(rows, tmp_path_factory):
    """One run of everything: (folder, tally)."""
    folder = tmp_path_factory.mktemp("prepare")
    (folder / "own.jsonl").write_text(OWN, encoding="utf-8")
    return folder / "out", prepare(rows, Plan(folder / "out", (folder / "own.jsonl",), **PLAN), "salt")


def test_a_shop_becomes_rows_of_every_kind_and_form(made):
    out, tally = made
    found = everything(out)
    assert len(found) == tally.rows == tally.as_dict()["rows"]
    assert {(row["kind"], row["form"]) for row in found} == {
        *(("identity", form) for form in ("bare", "system", "mid")),
        *(("intent", form) for form in ("dify", "gateway")),
        *(("extraction", form) for form in ("dify", "function_call", "gateway")),
        *(("own", form) for form in ("own", "system", "mid")),
        *{("merged", "one_call"), ("replay", "general"), ("replay", "in_domain")},
    }


def test_a_group_stands_on_one_side_only(made):
    groups = {
        split: {row["group"] for row in everything(made[0]) if row["split"] == split and row["kind"] != "replay"}
        for split in SPLITS
    }
    assert not groups["train"] & groups["test"]
    assert not groups["train"] & groups["valid"]
    assert not groups["valid"] & groups["test"]


def test_the_user_s_rows_are_filled_scrubbed_and_split_by_day(made):
    mine = [row for row in everything(made[0]) if row["kind"] == "own"]
    written = "".join(path.read_text(encoding="utf-8") for path in made[0].rglob("*.jsonl"))
    assert not [private for private in ("13912345678", "文三路12号", "13700001111") if private in written]
    assert [r["messages"][-1]["content"] for r in mine if "后来" in str(r)] == ["砚木数码为您服务"]
    assert [r["group"] for r in mine if r.get("day") == "2026-11-19" and r["split"] == "test"]


def test_the_user_s_labelled_sentences_come_in_the_prompts_of_the_nodes(made):
    found = [row for row in everything(made[0]) if "怎么还没影" in str(row["messages"])]
    assert sorted(row["form"] for row in found) == ["dify", "gateway"]
    assert all("202611200001234" not in str(row) and "在的" in str(row["messages"]) for row in found)
    outside = next(r for r in everything(made[0]) if "月色真美" in str(r) and r["form"] == "dify")
    assert json.loads(outside["messages"][-1]["content"])["category_name"] == "其他/转人工"


def test_the_user_s_questions_about_who_speaks_are_asked_in_every_surrounding(made):
    mine = [row["messages"] for row in everything(made[0]) if row["kind"] == "own" and "ChatGPT吗" in str(row)]
    assert sorted([message["role"] for message in messages][:2] for messages in mine)[0] == ["system", "user"]
    assert {len(messages) for messages in mine} >= {2, 3}
    assert {messages[-1]["content"] for messages in mine} == {"我不是 OpenAI 开发的 ChatGPT，我是小砚"}


def test_a_shop_with_intents_of_its_own_learns_those_and_no_others(clothes, tmp_path):
    prepare(clothes, Plan(tmp_path / "out", copies=2, models=()), "salt")
    merged = [row["messages"] for row in everything(tmp_path / "out") if row["kind"] == "merged"]
    answers = [json.loads(messages[-1]["content"]) for messages in merged]
    asked = {answer["intent"] for answer in answers}
    assert asked == {"stock", "delivery", "urge", "aftersale", "care", "human", "other"}
    assert not [messages for messages in merged if "stock_query" in messages[0]["content"]]
    assert ["product"] in [answer["missing"] for answer in answers if answer["intent"] == "delivery"]
    assert not [answer for answer in answers if answer["intent"] == "other" and answer["missing"]]


def test_dify_s_own_prompts_are_recognised_as_such(made):
    for row in everything(made[0]):
        if row["form"] in ("dify", "function_call"):
            body = {"messages": row["messages"][:-1], "tools": row.get("tools")}
            assert isinstance(recognise(body), ClassifierRequest | ExtractorRequest)


def test_a_part_of_the_intents_is_asked_in_the_middle_of_a_dialogue(made):
    histories = [
        bool(recognise({"messages": row["messages"][:-1]}).history)
        for row in everything(made[0])
        if (row["kind"], row["form"]) == ("intent", "dify")
    ]
    assert 0.15 < sum(histories) / len(histories) < 0.5


def test_the_targets_of_the_classifier_have_no_keywords_and_ids_of_every_kind(made):
    found = [r for r in everything(made[0]) if (r["kind"], r["form"]) == ("intent", "dify")]
    targets = [json.loads(r["messages"][-1]["content"]) for r in found]
    assert {frozenset(target) for target in targets} == {frozenset({"category_id", "category_name"})}
    assert len({len(target["category_id"]) for target in targets}) >= 3


def test_the_same_seed_gives_the_same_files(rows, made, tmp_path):
    own = made[0].parent / "own.jsonl"
    prepare(rows, Plan(tmp_path / "again", (own,), **PLAN), "salt")
    assert (tmp_path / "again" / "train.jsonl").read_bytes() == (made[0] / "train.jsonl").read_bytes()


def test_every_dataset_that_llamafactory_is_told_of_exists_and_alternates(made):
    out = made[0] / "llamafactory"
    info = json.loads((out / "dataset_info.json").read_text())
    assert set(info) == {"kefu_train", "kefu_valid", "kefu_test"}
    for entry in info.values():
        for row in lines(out / entry["file_name"]):
            said = [m["role"] for m in row["messages"] if m["role"] != "system"]
            assert all(role in ("user", "observation") for role in said[::2])
            assert all(role in ("assistant", "function_call") for role in said[1::2])
            assert len(said) % 2 == 0


def test_every_configuration_names_what_is_there(made):
    info = json.loads((made[0] / "llamafactory" / "dataset_info.json").read_text())
    for key, model in frameworks.MODELS.items():
        train = yaml.safe_load((made[0] / "llamafactory" / key / "train.yaml").read_text())
        assert (train["model_name_or_path"], train["template"]) == (model.repository, model.template)
        assert train["mask_history"] is True
        assert train.get("enable_thinking") is (False if model.thinks else None)
        assert train["dataset"] in info
    assert "# Data card" in (made[0] / "DATA_CARD.md").read_text()
    assert "vllm serve" in (made[0] / "SERVE.md").read_text()


def test_nothing_of_the_frozen_set_is_trained_on(rows, tmp_path):
    """The sentences themselves, near copies of them, and the same sentence in the user's own file."""
    sentences = [row for row in rows.labelled if row.intent == "invoice"][:6]
    frozen = tmp_path / "frozen.jsonl"
    write_frozen(frozen, FrozenSet(tuple(FrozenRow(row.text, row.intent) for row in sentences)))
    own = tmp_path / "own.jsonl"
    own.write_text(json.dumps({"text": sentences[0].text + "！", "label": "invoice"}), encoding="utf-8")
    twin = Labelled(sentences[1].text + "呀", "invoice")
    shop = replace(rows, labelled=(twin, *rows.labelled), goods=())
    prepare(shop, Plan(tmp_path / "out", (own,), frozen=frozen, per_intent=30, copies=1, models=()), "salt")
    kept_away = {group_of(row.text) for row in (*sentences, twin)}
    asked = {"train": set(), "valid": set(), "test": set()}
    for row in everything(tmp_path / "out"):
        if (row["kind"], row["form"]) == ("intent", "dify"):
            asked[row["split"]].add(group_of(recognise({"messages": row["messages"][:-1]}).query))
    assert not kept_away & (asked["train"] | asked["valid"])
    assert kept_away <= asked["test"]


def test_a_repeated_row_is_written_once_and_a_leaking_one_left_out(bare, tmp_path):
    own = tmp_path / "own.jsonl"
    hello = [{"query": "你好", "response": "您好", "conversation_id": str(n)} for n in range(60)]
    several = [{"query": "你好", "response": f"您好{n}", "conversation_id": str(n)} for n in range(60)]
    own.write_text("".join(json.dumps(row) + "\n" for row in hello + several), encoding="utf-8")
    tally = prepare(bare, Plan(tmp_path / "out", (own,), copies=1, models=()), "salt")
    mine = [row for row in everything(tmp_path / "out") if row["kind"] == "own"]
    assert tally.repeated == 59
    assert tally.leaking > 0
    assert len({row["split"] for row in mine}) == 1
    assert len(mine) == 61 - tally.leaking


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"query": "a", "response": "b"}\n{"query": "a"\n', "own.jsonl line 2: not JSON"),
        ('[\n{"query": "a", "response": "b"},\n{"query": }\n]', "own.jsonl line 3: not JSON"),
        ('[{"query": "a", "response": "b"}', "own.jsonl line 1: not JSON"),
        ('{"query": "a", "response": "b"}\n{"x": 1}\n', "own.jsonl line 2 is in no known form"),
        ('{"query": "a", "response": "我是{{who}}"}\n', "placeholder .* “own.jsonl line 1”"),
        ('{"query": "你是谁做的", "response": "我是通义千问"}\n', "“own.jsonl line 1” names another maker: 通义"),
        ('{"query": "a", "response": ""}\n', "own.jsonl line 1 has an empty answer"),
        ('{"text": "a", "label": "invoice"}\n{"text": "b", "label": "invoise"}\n', "line 2: unknown label “invoise”"),
        ('{"text": "a", "label": ""}\n', "own.jsonl line 1 has an empty text or label"),
        ('{"text": " ", "label": "invoice"}\n', "own.jsonl line 1 has an empty text or label"),
        ('{"query": "a", "response": "b"}\n[1]\n', "own.jsonl line 2 is no object"),
    ],
)
def test_a_bad_row_names_file_and_line_and_leaves_nothing(bare, tmp_path, text, where):
    own = tmp_path / "own.jsonl"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=where):
        prepare(bare, Plan(tmp_path / "out", (own,), copies=1), "salt")
    assert [p.name for p in tmp_path.iterdir()] == ["own.jsonl"]


def test_a_broken_row_leaves_the_folder_that_was_there(bare, tmp_path):
    own, out = tmp_path / "own.jsonl", tmp_path / "out"
    prepare(bare, Plan(out, copies=1, models=()), "salt")
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    own.write_text("{", encoding="utf-8")
    with pytest.raises(BadInput):
        prepare(bare, Plan(out, (own,), copies=1, models=(), replace=True), "salt")
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_an_empty_class_is_named(bare, tmp_path):
    empty = replace(bare, names=(*bare.names, ("wholesale", ("批发",))))
    with pytest.raises(BadInput, match=r"wholesale \(0\)"):
        prepare(empty, Plan(tmp_path / "out"), "salt")
    thin = replace(bare, labelled=bare.labelled[1:])
    with pytest.raises(BadInput, match=rf"{bare.labelled[0].intent} \(2\)"):
        prepare(thin, Plan(tmp_path / "out"), "salt")


def test_an_unknown_label_in_the_frozen_set_is_named(bare, tmp_path):
    frozen = tmp_path / "frozen.csv"
    frozen.write_text("text,label\n开票,invoise\n", encoding="gbk")
    with pytest.raises(BadInput, match=r"frozen\.csv row 2: unknown label “invoise”"):
        prepare(bare, Plan(tmp_path / "out", frozen=frozen), "salt")


def test_a_folder_that_exists_is_kept(bare, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(Conflict):
        prepare(bare, Plan(tmp_path / "out"), "salt")


def test_an_answer_without_a_class_id_is_class_one_and_no_json_fails_the_node():
    """What graphon does with bad answers: the silent wrong class that the ladder counts."""
    classes = [("a", "催发货"), ("b", "其他")]
    assert classify("在吗", classes, "", (), Answer('{"category_name": "其他"}')).outcome.class_id == "a"
    assert classify("在吗", classes, "", (), Answer("其他")).outcome.failed


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow_with_the_file(db, shop, tmp_path):
    """The command itself, on 1 MB and on 5 MB of rows that all differ: it may use a few MB more, not a share of it."""
    peaks = []
    for megabytes in (1, 5):
        own = tmp_path / f"own{megabytes}.jsonl"
        with own.open("w", encoding="utf-8") as file:
            for number in range(megabytes * 5200):
                filler = "想问下这款怎么用" * 5
                row = {
                    "query": f"第{number}个问题：{filler}",
                    "response": f"第{number}个回答",
                    "conversation_id": number,
                }
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        assert own.stat().st_size > megabytes << 20
        command = ["finetune", "prepare", "--data", str(tmp_path), "--own", str(own), "--out", str(tmp_path / "out")]
        peaks.append(peak_of([*command, "--replace", "--copies", "1", "--model", "qwen3-8b"]))
    assert peaks[1] - peaks[0] < 4 << 20


WATCHED = """
import re, sys
from kefu.cli import main
status = main(sys.argv[1:])
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1], file=sys.stderr)
sys.exit(status)
"""


def peak_of(command: list[str]) -> int:
    """The most bytes of memory that `kefu COMMAND` has at once (a child's ru_maxrss would be this process's)."""
    done = subprocess.run([sys.executable, "-c", WATCHED, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stderr.splitlines()[-1]) * 1024
