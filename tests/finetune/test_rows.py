"""The parts that rows are made of: identity, filled dialogues, stored conversations, readers, the scrubber."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime

import pytest

from kefu.core.handoff import HandOff, Line
from kefu.core.voice import Voice
from kefu.errors import BadInput, NotFound
from kefu.evaluation.spoken import dialogues
from kefu.finetune.extraction_rows import DIALOGUES
from kefu.finetune.identity import Pair, fill_holes, filled, identity_samples, own_pairs, templates
from kefu.finetune.intent_rows import Labelled
from kefu.finetune.readers import read_own
from kefu.finetune.scrub import Scrubber
from kefu.finetune.stored import dialogue_samples, pasts_of, read_dialogues, scrubbed
from kefu.store import handoffs
from kefu.store.conversations import TurnRecord, record_turn

VOICE = Voice(name="小砚", maker="砚木数码")
NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


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


def test_the_shop_s_own_answers_are_learnt_as_customers_hear_them():
    own = own_pairs((("你是谁", "我是{maker}的{{name}}，{address}好"), ("*", "我是{name}"), ("谁做的你", "")), VOICE)
    assert [(pair.question, pair.answer) for pair in own] == [("你是谁", "我是砚木数码的小砚，您好")]


def test_a_shop_without_answers_of_its_own_is_asked_in_mid_dialogue_too():
    made = list(identity_samples(templates(), VOICE, (), random.Random(1)))
    assert {s.group for s in made if s.form == "mid"} >= {s.group for s in made if s.form == "bare"}


def test_a_repeated_identity_question_is_refused():
    pair = Pair("f", "direct", "zh", "你是谁", "我是<NAME>")
    with pytest.raises(BadInput, match="twice"):
        list(identity_samples([pair, pair], VOICE, (), random.Random(1)))


def test_values_are_spans_of_the_dialogue_and_missing_is_what_the_intent_needs():
    made = list(dialogues(DIALOGUES, (("小米灯", ("红色",)),), 3, random.Random(1)))
    assert all(value in row.spoken() for row in made for value in row.slots.values())
    assert next(r.missing for r in made if r.text.startswith("寄")) == ("product",)


def test_a_variant_is_one_of_its_own_product_s():
    goods = (("键盘", ("青轴", "红轴")), ("鼠标垫", ()))
    made = [row for row in dialogues(DIALOGUES, goods, 5, random.Random(1)) if "variant" in row.slots]
    assert made
    assert {row.slots.get("product", "键盘") for row in made} == {"键盘"}


def test_without_products_only_sentences_about_none_are_made():
    made = list(dialogues(DIALOGUES, (), 2, random.Random(1)))
    assert made
    assert not [row for row in made if "product" in row.slots]


def talked(db, shop, conversation: str, *turns: tuple[str, str, str, str]) -> None:
    with db.write() as connection:
        for said, reply, route, intent in turns:
            record_turn(connection, shop.id, TurnRecord(conversation, NOW, route, said, reply, intent=intent))


def stored(db, shop, most: int = 1000):
    with db.read() as connection:
        return read_dialogues(connection, shop.id, most)


def test_stored_conversations_are_learnt_up_to_the_last_answer_that_is_no_live_data(db, shop):
    talked(db, shop, "c1", ("在吗", "在的", "smalltalk", "greeting"), ("多久发货", "48小时内", "rule", "urge_delivery"),
           ("还有货吗", "剩3件", "stock", "stock_query"))  # fmt: skip
    talked(db, shop, "c2", ("有货吗", "剩5件", "stock", "stock_query"))
    (sample,) = dialogue_samples(stored(db, shop), VOICE)
    assert [m["content"] for m in sample.messages[1:]] == ["在吗", "在的", "多久发货", "48小时内"]
    assert (sample.kind, sample.group, sample.day) == ("dialogue", "conversation:c1", "2026-11-20")
    assert "小砚" in sample.messages[0]["content"]


def test_a_person_s_answers_are_learnt_and_what_a_model_wrote_is_not(db, shop):
    record = HandOff("c3", "customer_request", transcript=(Line("customer", "能便宜点吗"), Line("bot", "正在转接")))
    with db.write() as connection:
        opened = handoffs.open_handoff(connection, shop.id, record, NOW)
        handoffs.claim(connection, shop.id, opened.id, "小王", NOW)
        handoffs.hear(connection, shop.id, opened, "喂", NOW)
        handoffs.reply(connection, shop.id, opened.id, "小王", "老顾客减10元，领券就行", NOW)
        handoffs.resolve(connection, shop.id, opened.id, "小王", NOW)
        written = TurnRecord("c4", NOW, "knowledge", "怎么洗", "用水洗", llm_calls=1)
        record_turn(connection, shop.id, written)
    (sample,) = dialogue_samples(stored(db, shop), VOICE)
    assert sample.target == "老顾客减10元，领券就行"
    assert sample.question == "喂"


def test_a_sentence_keeps_what_came_before_it_and_others_may_get_a_likely_past(db, shop):
    talked(
        db, shop, "c1", ("K3键盘有货吗", "有的", "stock", "stock_query"), ("那黑色的呢", "也有", "stock", "stock_query")
    )
    pasts = pasts_of(stored(db, shop), [("怎么开票", "下单时填抬头")])
    rng = random.Random(1)
    asked = pasts.give(Labelled("那黑色的呢", "stock_query"), rng)
    assert asked.before == (("K3键盘有货吗", "有的"),)
    likely = {pasts.give(Labelled(f"还有{n}号吗", "stock_query"), rng).before for n in range(40)}
    assert likely == {(), (("K3键盘有货吗", "有的"),)}
    strange = {pasts.give(Labelled(f"第{n}张票", "invoice"), rng).before for n in range(40)}
    assert strange == {(), (("怎么开票", "下单时填抬头"),)}


def test_stored_conversations_are_scrubbed_and_only_the_latest_turns_read(db, shop):
    talked(db, shop, "old", ("早的问题", "早的回答", "rule", ""))
    talked(db, shop, "new", ("我电话13912345678", "记下13912345678了", "rule", ""))
    found = scrubbed(stored(db, shop, 1), Scrubber("s"))
    assert len(found) == 1
    assert "new" not in found[0].conversation
    assert "13912345678" not in str(found)
    assert found[0].turns[0].said[3:] == found[0].turns[0].reply[2:-1]
    assert stored(db, shop, 0) == ()


def test_gbk_and_a_list_in_one_file_are_read_row_by_row(tmp_path):
    path = tmp_path / "own.json"
    rows = [{"instruction": f"问{n}", "input": "补", "output": "答", "history": [["前", "后"]]} for n in range(50)]
    path.write_bytes(json.dumps(rows, ensure_ascii=False, indent=1).encode("gbk"))
    found = list(read_own(path))
    assert len(found) == 50
    assert [m["content"] for m in found[7].messages] == ["前", "后", "问7\n补", "答"]
    assert [row.where for row in found[:2]] == ["own.json line 2", "own.json line 13"]


def test_a_list_longer_than_what_is_read_at_once_is_read_whole(tmp_path):
    path = tmp_path / "own.json"
    rows = [{"query": f"问{n}", "response": "答" * 400} for n in range(2500)]
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    assert path.stat().st_size > 2 << 20
    assert [row.messages[0]["content"] for row in read_own(path)] == [row["query"] for row in rows]


def test_lines_are_streamed(tmp_path):
    """The first row comes before the last line is looked at."""
    path = tmp_path / "own.jsonl"
    path.write_text('{"query": "a", "response": "b"}\n' * 3000 + "{broken\n", encoding="utf-8")
    reader = read_own(path)
    assert next(reader).where == "own.jsonl line 1"
    with pytest.raises(BadInput, match="line 3001"):
        list(reader)


def test_a_file_in_no_known_encoding_and_one_that_is_not_there_are_named(tmp_path):
    (tmp_path / "own.jsonl").write_bytes(b'{"query": "\xff\xff\xff"}')
    with pytest.raises(BadInput, match="neither UTF-8 nor GBK"):
        list(read_own(tmp_path / "own.jsonl"))
    with pytest.raises(NotFound):
        list(read_own(tmp_path / "none.jsonl"))


def test_the_same_number_becomes_the_same_made_up_number():
    scrubber = Scrubber("s")
    text = scrubber.text("我13912345678，单号202611200001234，到人民路12号，再说一遍139-1234-5678")
    assert "13912345678" not in text
    assert "202611200001234" not in text
    assert "人民路12号" not in text
    phone = text[1:12]
    assert phone.isdigit()
    assert text.count(phone) == 2
    assert Scrubber("s").text("13912345678") == phone != Scrubber("t").text("13912345678")


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("写信到li.si@shop.example.cn", "li.si@shop"),
        ("打 139 12345678 找我", "12345678"),
        ("身份证11010519900307123X", "19900307"),
        ("加微信wang_2026", "wang_2026"),
        ("收件人：王小明，", "王小明"),
        ("单号SF1234567890123", "1234567890123"),
    ],
)
def test_personal_data_of_every_kind_are_gone(text, gone):
    assert gone not in Scrubber("s").text(text)


def test_a_text_without_personal_data_stays_as_it_is():
    scrubber = Scrubber("s")
    assert scrubber.text("满199减20，3到5天到，型号K380") == "满199减20，3到5天到，型号K380"
    assert scrubber.replaced == 0
