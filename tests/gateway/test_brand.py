"""A model that says who made it says the shop's name instead: in what it answers and in what it thinks."""

from __future__ import annotations

import json

import pytest
from asking import ASK, frames, text_of

CLAIM = "您好，我是通义千问，由阿里云训练。这款有货，今天下单请留意物流信息，感谢您的耐心等待。"
FIELDS = {"vllm": "reasoning", "sglang": "reasoning_content"}


def test_the_brand_guard_replaces_claims_in_any_split_and_counts_them(client, server, add):
    add(guard=True)
    claim = CLAIM
    for size in (1, 3, 7, 100):
        pieces = tuple(claim[at : at + size] for at in range(0, len(claim), size))
        server.answers(pieces=pieces)
        said = text_of(frames(client.post("/v1/chat/completions", json=ASK | {"stream": True})))
        assert "通义" not in said
        assert "阿里" not in said
        assert said.endswith("感谢您的耐心等待。")
    whole = client.post("/v1/chat/completions", json=ASK).json["choices"][0]["message"]["content"]
    assert whole == said
    metrics = client.get("/metrics").get_data(as_text=True)
    assert 'kefu_guard_replaced_total{kind="identity",model="tuned"}' in metrics


def test_the_guard_holds_back_at_most_thirty_characters(engine, shop, server, add):
    add(guard=True)
    text = "这款羽绒服可以机洗请用三十度以下的冷水洗完平铺晾干不要暴晒也不要拧干记得先把拉链拉好再放进洗衣袋里面"
    server.answers(pieces=tuple(text))
    sent = ""
    answer = engine.chat(shop, json.dumps(ASK | {"stream": True}).encode())
    for number, event in enumerate(answer.stream):
        for line in event.split(b"\n\n"):
            if line.startswith(b"data: {"):
                sent += text_of([json.loads(line[6:])])
        assert len(text[: max(0, number)]) - len(sent) <= 30 or sent == text
    assert sent == text


@pytest.mark.parametrize("kind", FIELDS)
@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_what_a_model_thinks_is_screened_too_and_stays_before_the_answer(client, server, add, kind, size):
    add(kind=kind, guard=True)
    pieces = tuple(CLAIM[at : at + size] for at in range(0, len(CLAIM), size))
    server.answers(kind=kind, reasoning=pieces, pieces=pieces)
    chunks = frames(client.post("/v1/chat/completions", json=ASK | {"stream": True}))
    thought, answer = text_of(chunks, FIELDS[kind]), text_of(chunks, "content")
    assert thought == answer
    assert "通义" not in thought
    assert thought.endswith("感谢您的耐心等待。")
    names = [
        name for c in chunks if c != "[DONE]" for choice in c["choices"] for name, t in choice["delta"].items() if t
    ]
    assert names.index("content") > max(at for at, name in enumerate(names) if name == FIELDS[kind])
    message = client.post("/v1/chat/completions", json=ASK).json["choices"][0]["message"]
    assert (message[FIELDS[kind]], message["content"]) == (thought, answer)


def test_thinking_that_no_answer_follows_is_screened_to_its_end(client, server, add):
    add(kind="sglang", guard=True)
    server.answers(kind="sglang", reasoning=("我是", "Deep", "Seek助手"), pieces=(), finish="length")
    chunks = frames(client.post("/v1/chat/completions", json=ASK | {"stream": True}))
    assert text_of(chunks, "reasoning_content") == "我是本店的小客"
    assert chunks[-2]["choices"][0]["finish_reason"] == "length"


def event(index: int, content: str, finish=None, **delta) -> bytes:
    choice = {"index": index, "delta": {"content": content, **delta}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


@pytest.mark.parametrize("guard", [True, False])
def test_two_answers_side_by_side_stay_apart_and_whole(client, server, add, guard):
    """`n: 2`: each is screened by itself, and neither end is lost."""
    add(guard=guard)
    texts = (
        "这款是有货的请放心下单吧我们会尽快安排的哦谢谢您的支持与理解",
        "这款暂时没有货了建议您看看别的款式或者留下联系方式",
    )
    events = [event(at % 2, texts[at % 2][at // 2]) for at in range(2 * min(map(len, texts)))]
    rest = event(0, texts[0][len(events) // 2 :], "stop") + event(1, texts[1][len(events) // 2 :], "length")
    server.answers(raw=b"".join(events) + rest + b"data: [DONE]\n\n")
    chunks = frames(client.post("/v1/chat/completions", json=ASK | {"stream": True, "n": 2}))
    choices = [choice for c in chunks[:-1] for choice in c["choices"]]
    for index, text in enumerate(texts):
        assert "".join(c["delta"].get("content") or "" for c in choices if c["index"] == index) == text
    assert {c["index"]: c["finish_reason"] for c in choices if c["finish_reason"]} == {0: "stop", 1: "length"}
    assert chunks[-2]["usage"]["completion_tokens"] > 0


def test_the_last_words_may_come_with_the_end(client, server, add):
    """Held words of thinking and answer, and both in one last delta: everything once, in its order."""
    add(guard=True)
    rest = event(0, "，有货。", "stop", reasoning_content="看库存")
    server.answers(raw=event(0, "", reasoning_content="先") + event(0, "您好") + rest + b"data: [DONE]\n\n")
    chunks = frames(client.post("/v1/chat/completions", json=ASK | {"stream": True}))
    assert (text_of(chunks, "reasoning_content"), text_of(chunks)) == ("先看库存", "您好，有货。")


def test_an_answer_in_parts_is_screened(client, server, add):
    add(guard=True)
    message = {
        "role": "assistant",
        "content": [{"type": "text", "text": "我是通义"}, {"type": "text", "text": "千问。"}],
    }
    server.answers(raw=json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode())
    answer = client.post("/v1/chat/completions", json=ASK).json
    assert answer["choices"][0]["message"]["content"] == "我是本店的小客。"
