"""The sample shop's files say what they promise, and its conversation cases are held out."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from rapidfuzz import fuzz, process

from kefu.core.intents.context_learning import conversations, everyday
from kefu.core.text import normalise
from kefu.demo.load import FILES, sample_files
from kefu.jobs.tables import read_table

CASES = Path(__file__).parents[1] / "cases"
SLOT_TYPES = {"product", "size", "color", "capacity", "quantity", "money", "city", "date", "time"} | {
    "order_no",
    "phone",
    "device",
    "person",
    "address",
    "range",
}


def rows(kind: str) -> list[dict[str, str]]:
    return [row.values for row in read_table(dict(sample_files())[kind])]


def dialogues(name: str = "dialogues.yaml") -> list[dict[str, Any]]:
    return yaml.safe_load((CASES / name).read_text(encoding="utf-8"))


def bare(text: str) -> str:
    return "".join(c for c in normalise(text).text if c.isalnum())


def said(value: Any) -> list[tuple[str, bool]]:
    """(as typed, negated) of a slot's cell in a case."""
    if isinstance(value, list):
        return [pair for item in value for pair in said(item)]
    if isinstance(value, dict):
        return [(str(value["value"]), bool(value.get("negated")))]
    return [(str(value), False)]


def test_every_file_of_the_load_order_exists() -> None:
    """The load order names files that are there, each kind once."""
    assert all(path.is_file() for _, path in sample_files())
    assert len({kind for kind, _ in FILES}) == len(FILES)


def test_the_shop_is_as_large_as_promised() -> None:
    """Products, devices, rules, knowledge, scripts and orders reach the numbers that the demo needs."""
    kinds = Counter(row["type"] for row in rows("compatibility"))
    assert len({row["product"] for row in rows("products")}) >= 60
    assert kinds["device"] >= 40
    assert len({row["id"] for row in rows("rules")}) >= 40
    assert len(rows("knowledge")) >= 60
    assert len(rows("scripts")) >= 30
    assert len(rows("orders")) >= 20


@pytest.mark.parametrize("kind", ["stock", "orders"])
def test_every_sku_named_elsewhere_is_sold(kind: str) -> None:
    """Stock and orders name only SKUs of products.csv."""
    sold = {row["sku"] for row in rows("products")}
    named = rows(kind)
    cells = [row["sku"] for row in named] if kind == "stock" else [i for row in named for i in row["items"].split("|")]
    assert {cell.split("*")[0] for cell in cells} <= sold


def test_each_intent_has_forty_different_sentences() -> None:
    """At least 18 intents with 40 sentences each, and no sentence twice, whatever its punctuation."""
    examples = rows("intents")
    counts = Counter(row["intent"] for row in examples)
    assert len(counts) >= 18
    assert min(counts.values()) >= 40
    assert not [text for text, n in Counter(bare(row["text"]) for row in examples).items() if n > 1]


LONG_ENOUGH = 5
"""Characters from which two sentences can be near copies; shorter ones (在吗, 好的谢谢) are what everybody types."""
NEAR = 80
"""Likeness (`rapidfuzz.fuzz.ratio`, 0–100) from which a sentence is a near copy of another."""


def shape(text: str) -> str:
    """Letters and numbers, every number the same: 订单202611190006 and 订单202611180007 are one sentence."""
    return re.sub(r"\d+", "0", bare(text))


def learnt_sentences() -> set[str]:
    """Everything that intents are learnt from: the shop's examples and the conversations."""
    talks = [said.text for talk in (*conversations(), *everyday()) for said in talk]
    return {shape(text) for text in [*(row["text"] for row in rows("intents")), *talks]}


UNREAD = ("dialogues_held_out.yaml", "dialogues_strangers.yaml", "dialogues_others.yaml")
"""Nobody looks into these: their turns are not shown."""


@pytest.mark.parametrize("name", ["dialogues.yaml", "dialogues_more.yaml", *UNREAD])
def test_dialogues_share_no_sentence_with_what_intents_are_learnt_from(name: str) -> None:
    """The evaluation is held out: no turn of some length is learnt, whatever its punctuation, nor a near copy of it."""
    learnt = sorted(learnt_sentences())
    turns = [shape(turn["say"]) for case in dialogues(name) for turn in case["turns"]]
    assert len(turns) >= 240
    long = [turn for turn in turns if len(turn) >= LONG_ENOUGH]
    assert len(long) > len(turns) / 2
    likeness = process.cdist(long, learnt, scorer=fuzz.ratio, score_cutoff=NEAR, dtype=np.uint8, workers=-1)
    copies = {long[at]: learnt[near] for at, near in zip(*np.nonzero(likeness), strict=True)}
    assert not (len(copies) if name in UNREAD else copies)


def test_no_sentence_of_everyday_talk_is_an_example() -> None:
    """What the conversation's weights are learnt from is heard as a stranger's, however short a sentence is shared."""
    examples = {bare(row["text"]) for row in rows("intents")}
    said = [bare(said.text) for talk in everyday() for said in talk if len(bare(said.text)) >= LONG_ENOUGH]
    assert not examples.intersection(said)


def test_a_near_copy_would_be_found() -> None:
    """The measure catches what a person would call the same sentence."""
    assert fuzz.ratio(shape("退到哪张卡"), shape("退到哪张卡上？")) >= NEAR
    assert fuzz.ratio(shape("发顺丰加多少钱"), shape("寄到南京得多长时间")) < NEAR


@pytest.mark.parametrize("name", ["dialogues.yaml", "dialogues_more.yaml", *UNREAD])
def test_dialogues_are_labelled_with_known_intents_and_typed_words(name: str) -> None:
    """Every intent is the shop's, every slot has a known type and stands in its turn's text."""
    intents = {row["intent"] for row in rows("intents")}
    for turn in (turn for case in dialogues(name) for turn in case["turns"]):
        assert {turn["intent"], *turn.get("intent_also", ())} <= intents, turn
        for kind, cell in turn.get("slots", {}).items():
            assert kind in SLOT_TYPES, turn
            assert all(typed in turn["say"] for typed, _ in said(cell)), turn


@pytest.mark.parametrize("name", ["dialogues.yaml", "dialogues_more.yaml", *UNREAD, "acceptance.yaml"])
def test_conversations_have_an_id_of_their_own(name: str) -> None:
    """Case ids are unique in their file and every case has a turn."""
    cases = yaml.safe_load((CASES / name).read_text(encoding="utf-8"))
    assert len({case["id"] for case in cases}) == len(cases)
    assert all(case["turns"] for case in cases)
