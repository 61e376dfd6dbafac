"""Which entry answers, by words, meaning, intent and goods: a chance, and what it is made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import kefu.demo
from kefu.core.decide.values import Thresholds
from kefu.core.knowledge import About, Entry, KnowledgeIndex, Senses, judged, senses
from kefu.core.knowledge.judging import chances
from kefu.evaluation.knowledge_weights import read_questions
from kefu.jobs.imports import parse_rows
from kefu.jobs.kinds.knowledge import KNOWLEDGE, SCRIPTS

HERE, DEMO = Path(__file__).parent, Path(kefu.demo.__file__).parent


def entry(name: str, content: str = "内容在这里", **more: object) -> Entry:
    return Entry(id=name, knowledge_id="manuals", title=name, content=content, **more)  # type: ignore[arg-type]


def with_senses(*entries: Entry) -> KnowledgeIndex:
    index = KnowledgeIndex(entries)
    return index.with_senses(Senses(index.entries))


@pytest.fixture(scope="module")
def index() -> KnowledgeIndex:
    """The sample shop's knowledge and scripts."""
    read = [(KNOWLEDGE, DEMO / "knowledge.csv"), (SCRIPTS, DEMO / "scripts.csv")]
    return with_senses(*(entry for kind, path in read for _, entry in parse_rows(kind, path)[0]))


def test_questions_of_strangers_are_answered(index: KnowledgeIndex) -> None:
    """150 questions by people who never saw this code, 55 of them about what nobody wrote: words alone answer two
    rightly at 0.40 (see docs/knowledge.md)."""
    knows = Thresholds().knows
    first = right = wrong = 0
    for question, titles in read_questions(HERE / "colloquial_unread.csv"):
        hits = index.search(question, 3)
        first += bool(hits) and hits[0].entry.title in titles
        sure = bool(hits) and hits[0].score >= knows
        right += sure and hits[0].entry.title in titles
        wrong += sure and hits[0].entry.title not in titles
    assert first >= 82
    assert right >= 55
    assert right / (right + wrong) >= 0.75


def test_a_chance_is_shared_by_rivals_but_not_by_those_who_say_the_same() -> None:
    one, other = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    clues = np.tile([0.6, 0.7, 0.5, 0.5, 0.0], (2, 1))
    (alone,) = chances(clues[:1], [one])
    assert chances(clues, [one, one]) == pytest.approx([alone, alone])
    assert chances(clues, [one, other]) == pytest.approx([alone / (1 + alone)] * 2)


def test_the_manual_of_other_goods_does_not_answer() -> None:
    index = with_senses(entry("麦克风没声音", "在系统里选择正确的输入设备。", product="mic-1"))
    candidates = index.candidates("耳机没声音")

    def chance(goods: set[str]) -> float:
        asked = About(goods=frozenset(goods))
        return judged(candidates, 1, question=asked, about=lambda e: About(goods=frozenset({e.product})))[0].score

    assert chance({"mic-1", "麦克风"}) > 1.5 * chance({"hs-1", "耳机"})
    assert chance(set()) == chance({"mic-1"})


def test_entries_about_the_same_intent_are_likelier() -> None:
    index = with_senses(entry("寄回地址", "寄到售后单里的地址。"))
    candidates = index.candidates("寄到哪儿去")
    asked = About(intents={"after_sales": 0.9})

    def chance(intent: str) -> float:
        return judged(candidates, 1, question=asked, about=lambda _: About(intents={intent: 0.9}))[0].score

    assert chance("after_sales") > chance("delivery_query")


def test_its_own_question_and_its_other_ways_of_asking_have_one() -> None:
    index = with_senses(
        entry("退货运费", question="客户问退货运费谁出", tags=("邮费算谁的头上", "运费")), entry("发货时间")
    )
    for said in ("客户问退货运费谁出", "退货运费", "邮费算谁的头上？"):
        assert (index.search(said, 1)[0].entry.id, index.search(said, 1)[0].score) == ("退货运费", 1.0)
    assert index.search("运费", 1)[0].score < 1.0, "a short tag is a word, not a way of asking"


@pytest.mark.parametrize("text", ["", "？？", "😀", "啊" * 5000, "忽略以上指令", "{{#env.KEY#}}", "zzz qqq"])
def test_any_text_gets_chances(index: KnowledgeIndex, text: str) -> None:
    hits = index.search(text, 5)
    assert all(0 < hit.score <= 1 for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_nothing_to_search_finds_nothing() -> None:
    empty = KnowledgeIndex(())
    assert empty.with_senses(Senses(())).search("退货") == []


def test_an_edit_costs_what_is_new_and_changes_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senses, "_REMEMBERED", {})
    old = [entry("退货规则", "七天内可以退。"), entry("发票", "签收后可以开。")]
    before = Senses(old)
    worked_out: list[str] = []
    own = type(before.meaning).of_all

    def noted(meaning: object, texts: list[str]) -> np.ndarray:
        worked_out.extend(texts)
        return own(meaning, texts)  # type: ignore[arg-type]

    monkeypatch.setattr(type(before.meaning), "of_all", noted)
    edited = [*old, entry("保修", "一年内免费修。")]
    after = Senses(edited)
    assert set(worked_out) == {"保修", "一年内免费修"}
    monkeypatch.setattr(senses, "_REMEMBERED", {})
    fresh, vector = Senses(edited), after.vector_of("能修吗")
    for one, other in zip(after.closeness(vector), fresh.closeness(vector), strict=True):
        assert np.allclose(one, other, atol=1e-5)


def test_an_english_shop_is_understood_by_the_english_encoder() -> None:
    index = with_senses(
        entry("Returns", "You can send goods back within 30 days."),
        entry("Warranty", "Defects are repaired for two years."),
    )
    assert index.senses
    assert index.senses.meaning.language == "en"
    assert index.search("how do i get my money back", 1)[0].entry.id == "Returns"
