"""Training rows of the sample shop: what Dify's nodes send and read, no personal data, no leak, nothing half-made."""

from __future__ import annotations

import json
import random

import pytest
import yaml

from kefu.core.voice import Voice
from kefu.errors import BadInput, Conflict
from kefu.evaluation.dify_nodes import Answer, classify
from kefu.finetune import frameworks
from kefu.finetune.extraction_rows import dialogues
from kefu.finetune.identity import Pair, fill_holes, filled, identity_samples, templates
from kefu.finetune.prepare import Plan, prepare
from kefu.finetune.readers import read_own
from kefu.finetune.scrub import Scrubber
from kefu.finetune.shop_rows import check_classes, check_labels, read_shop
from kefu.finetune.splits import SPLITS, Split
from kefu.gateway.nodes import ClassifierRequest, ExtractorRequest, recognise

VOICE = Voice(name="小砚", maker="砚木数码")


@pytest.fixture
def rows(sample_db, sample_shop):
    with sample_db.read() as connection:
        return read_shop(connection, sample_shop.id)


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_shop_becomes_rows_of_every_kind_that_dify_reads_as_meant(rows, tmp_path):
    """One run of everything: kinds, forms, groups on one side, the same files again from the same seed."""
    own = tmp_path / "own.jsonl"
    own.write_text(
        '{"query": "我的电话13912345678，叫啥", "response": "我是<NAME>，记下13912345678了", "conversation_id": "7"}\n'
        '{"instruction": "后来呢", "input": "", "output": "{{author}}为您服务", "conversation_id": "7"}\n'
        '{"conversations": [{"from": "human", "value": "谁"}, {"from": "gpt", "value": "{{NAME}}"}],'
        ' "date": "2026-11-19"}\n',
        encoding="utf-8",
    )
    plan = Plan(tmp_path / "out", (own,), per_intent=3, copies=2, split=Split(since="2026-11-01"))
    tally = prepare(rows, plan, "salt")
    made = {split: lines(plan.out / f"{split}.jsonl") for split in SPLITS}
    everything = [row for split in SPLITS for row in made[split]]
    assert len(everything) == tally.rows
    assert {(row["kind"], row["form"]) for row in everything} == {
        *(("identity", form) for form in ("bare", "system", "mid")),
        *(("intent", form) for form in ("dify", "gateway")),
        *(("extraction", form) for form in ("dify", "function_call", "gateway")),
        *{("merged", "one_call"), ("replay", "general"), ("replay", "in_domain"), ("own", "own")},
    }
    assert not {r["group"] for r in made["train"]} & {r["group"] for r in made["test"]}
    assert not {r["group"] for r in made["valid"]} & {r["group"] for r in made["test"]}
    mine = [row for row in everything if row["kind"] == "own"]
    assert "13912345678" not in json.dumps(mine)
    assert [r["messages"][-1]["content"] for r in mine if "后来" in str(r)] == ["砚木数码为您服务"]
    assert [r["kind"] for r in made["test"] if r.get("day") == "2026-11-19"] == ["own"]
    for row in everything:
        if row["form"] in ("dify", "function_call"):
            body = {"messages": row["messages"][:-1], "tools": row.get("tools")}
            assert isinstance(recognise(body), ClassifierRequest | ExtractorRequest)
    again = Plan(tmp_path / "again", (own,), per_intent=3, copies=2, split=Split(since="2026-11-01"))
    prepare(rows, again, "salt")
    assert (again.out / "train.jsonl").read_bytes() == (plan.out / "train.jsonl").read_bytes()
    _check_outputs(plan.out)


def _check_outputs(out):
    """Every dataset that LLaMA-Factory is told of exists, alternates roles, and every YAML can be read."""
    info = json.loads((out / "llamafactory" / "dataset_info.json").read_text())
    for entry in info.values():
        for row in lines(out / "llamafactory" / entry["file_name"]):
            said = [m["role"] for m in row["messages"] if m["role"] != "system"]
            assert all(role in ("user", "observation") for role in said[::2])
            assert all(role in ("assistant", "function_call") for role in said[1::2])
            assert len(said) % 2 == 0
    for key, model in frameworks.MODELS.items():
        train = yaml.safe_load((out / "llamafactory" / key / "train.yaml").read_text())
        assert (train["model_name_or_path"], train["template"]) == (model.repository, model.template)
        assert train["mask_history"] is True
        assert train.get("enable_thinking") is (False if model.thinks else None)
        assert train["dataset"] in info
    assert "kefu_train" in info
    assert "# Data card" in (out / "DATA_CARD.md").read_text()
    assert "vllm serve" in (out / "SERVE.md").read_text()


def test_the_targets_of_the_classifier_have_no_keywords_and_are_read_by_the_node(rows, tmp_path):
    prepare(rows, Plan(tmp_path / "out", per_intent=2, copies=1, models=("qwen3-8b",)), "salt")
    found = [r for split in SPLITS for r in lines(tmp_path / "out" / f"{split}.jsonl") if r["kind"] == "intent"]
    targets = [json.loads(r["messages"][-1]["content"]) for r in found if r["form"] == "dify"]
    assert {frozenset(target) for target in targets} == {frozenset({"category_id", "category_name"})}
    assert len({len(target["category_id"]) for target in targets}) >= 3


def test_an_answer_without_a_class_id_is_class_one_and_no_json_fails_the_node():
    """What graphon does with bad answers: the silent wrong class that the ladder counts."""
    classes = [("a", "催发货"), ("b", "其他")]
    assert classify("在吗", classes, "", (), Answer('{"category_name": "其他"}')).outcome.class_id == "a"
    assert classify("在吗", classes, "", (), Answer("其他")).outcome.failed


def test_there_are_enough_identity_pairs_of_every_situation_in_both_languages():
    pairs = templates()
    assert len(pairs) >= 120
    assert {(p.situation, p.language) for p in pairs} >= {
        (s, x) for s in ("direct", "indirect", "adversarial", "mid", "probe") for x in ("zh", "en")
    }
    made = list(identity_samples(pairs, VOICE, [("有货吗", "有的")], random.Random(1)))
    assert {s.form for s in made} == {"bare", "system", "mid"}
    probes = [s for s in made if "probe" in s.group]
    assert not [s for s in probes if VOICE.name in s.target], "a question about others is answered with our name"


@pytest.mark.parametrize("hole", ["<NAME>", "{{name}}", "{{NAME}}", "{{ name }}"])
def test_every_spelling_of_a_placeholder_is_filled(hole):
    assert fill_holes(f"我是{hole}", VOICE) == "我是小砚"


@pytest.mark.parametrize(
    ("answer", "words"),
    [("我是<NAM_E>", "placeholder"), ("我是{{shop}}", "placeholder"), ("我是通义千问", "another maker")],
)
def test_a_bad_identity_answer_is_refused(answer, words):
    with pytest.raises(BadInput, match=words):
        filled(Pair("f", "direct", "zh", "你是谁", answer), VOICE)


def test_a_repeated_identity_question_is_refused():
    pair = Pair("f", "direct", "zh", "你是谁", "我是<NAME>")
    with pytest.raises(BadInput, match="twice"):
        list(identity_samples([pair, pair], VOICE, (), random.Random(1)))


def test_values_are_spans_of_the_dialogue_and_missing_is_what_the_intent_needs():
    made = list(dialogues(["小米灯"], ["红色"], 3, random.Random(1)))
    assert all(value in row.spoken() for row in made for value in row.slots.values())
    assert next(r.missing for r in made if r.text.startswith("寄")) == ("product",)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"query": "a", "response": "b"}\n{"query": "a"\n', "own.jsonl line 2"),
        ('[\n{"query": "a", "response": "b"},\n{"query": }\n]', "own.jsonl line 3"),
        ('{"query": "a", "response": "b"}\n{"x": 1}\n', "own.jsonl line 2"),
        ('{"query": "a", "response": "我是{{who}}"}\n', "own.jsonl line 1"),
        ('{"query": "a", "response": ""}\n', "own.jsonl line 1"),
    ],
)
def test_a_bad_row_names_file_and_line_and_leaves_nothing(rows, tmp_path, text, where):
    own = tmp_path / "own.jsonl"
    own.write_text(text, encoding="utf-8")
    small = Plan(tmp_path / "out", (own,), per_intent=1, copies=1)
    with pytest.raises(BadInput, match=where):
        prepare(_bare(rows), small, "salt")
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix != ".sqlite" and "sqlite" not in p.name) == [
        "own.jsonl"
    ]


def _bare(rows):
    """The shop without what takes long."""
    from dataclasses import replace

    return replace(rows, labelled=(), products=(), variants=())


def test_gbk_and_a_list_in_one_file_are_read_row_by_row(tmp_path):
    path = tmp_path / "own.json"
    rows = [{"instruction": f"问{n}", "input": "补", "output": "答", "history": [["前", "后"]]} for n in range(50)]
    path.write_bytes(json.dumps(rows, ensure_ascii=False, indent=1).encode("gbk"))
    found = list(read_own(path))
    assert len(found) == 50
    assert [m["content"] for m in found[7].messages] == ["前", "后", "问7\n补", "答"]


def test_a_large_file_is_streamed(tmp_path):
    """The first row comes before the last line is looked at."""
    path = tmp_path / "own.jsonl"
    path.write_text('{"query": "a", "response": "b"}\n' * 3000 + "{broken\n", encoding="utf-8")
    reader = read_own(path)
    assert next(reader).where == "own.jsonl line 1"
    with pytest.raises(BadInput, match="line 3001"):
        list(reader)


def test_the_same_number_becomes_the_same_made_up_number():
    scrubber = Scrubber("s")
    text = scrubber.text("我13912345678，单号202611200001234，到人民路12号，再说一遍13912345678")
    assert "13912345678" not in text
    assert "202611200001234" not in text
    assert "人民路12号" not in text
    phone = text[1:12]
    assert phone.isdigit()
    assert text.count(phone) == 2
    assert Scrubber("s").text("13912345678") == phone != Scrubber("t").text("13912345678")


def test_a_folder_that_exists_is_kept(rows, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(Conflict):
        prepare(_bare(rows), Plan(tmp_path / "out"), "salt")


def test_unknown_labels_and_empty_classes_are_named():
    with pytest.raises(BadInput, match="line 2: unknown label “x”"):
        check_labels([("f line 1", "a"), ("f line 2", "x")], ["a"])
    with pytest.raises(BadInput, match="Too few examples of b"):
        check_classes(["a"] * 5 + ["b"], ["a", "b"])
