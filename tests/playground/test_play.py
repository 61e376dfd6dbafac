"""Our app files on Dify's engine with both real plugins, against a small real server that speaks the contract."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from contract_server import Script

from kefu.dify.dsl.render import to_yaml
from kefu.errors import BadInput, NotFound
from kefu.playground.conversation import Conversation
from kefu.playground.knowledge import KnowledgeAccess
from kefu.playground.play import Playground, load_document
from kefu.playground.plugins import Plugins
from kefu.playground.trace import TurnTrace

Start = Callable[..., Playground]


@pytest.fixture
def start(server: Script, plugins: Plugins) -> Start:
    def make(app: str | Path, **options: Any) -> Playground:
        knowledge = KnowledgeAccess(server.url, "kefu-token", wait=lambda _seconds: None)
        return Playground(app, server.url, "kefu-token", plugins=plugins, knowledge=knowledge, **options)

    return make


def walked(trace: TurnTrace) -> list[str]:
    return [node.id for node in trace.nodes]


def save(document: dict[str, Any], folder: Path) -> Path:
    path = folder / "app.yml"
    path.write_text(to_yaml(document), encoding="utf-8")
    return path


def data_of(document: dict[str, Any], node_id: str) -> dict[str, Any]:
    return next(row["data"] for row in document["workflow"]["graph"]["nodes"] if row["id"] == node_id)


def choose(class_id: str, name: str) -> str:
    return json.dumps({"keywords": [], "category_id": class_id, "category_name": name}, ensure_ascii=False)


def test_a_rule_turn_costs_no_model_and_four_nodes(server: Script, start: Start) -> None:
    """kefu-fast: start → tool → if → answer; the tool's text reaches the customer."""
    server.tools["understand"] = {
        "matched": True,
        "route": "rule",
        "intent": "urge_delivery",
        "reply": "感谢购买，马上发货",
    }
    trace, after = start("kefu-fast").turn("付款已完成")
    assert (trace.reply, trace.route, trace.intent) == ("感谢购买，马上发货", "rule", "urge_delivery")
    assert walked(trace) == ["start", "understand", "needs_llm", "say"]
    assert (trace.llm_calls, trace.status) == (0, "succeeded")
    assert after.turns == (("付款已完成", "感谢购买，马上发货"),)
    assert server.bodies("completion") == []


def test_a_tool_gets_what_dify_gives_it(server: Script, start: Start) -> None:
    """The customer's words, the conversation, the caller's own user id, the channel."""
    _, after = start("kefu-fast").turn("你好", Conversation(id="c-1", user="u-7"))
    assert server.bodies("understand") == [
        {"query": "你好", "conversation_id": "c-1", "user_id": "u-7", "channel": "dify"}
    ]
    assert after.id == "c-1"


def test_an_llm_turn_sends_the_question_once_with_memory(server: Script, start: Start) -> None:
    """System text from the tool, earlier turns, then the question as asked; calls are counted by the server."""
    server.tools["understand"] = {"needs_llm": True, "route": "llm", "context": "口吻：亲切", "query": "“安全”的问题"}
    server.completions["kefu"] = "这是大模型的回答"
    server.llm_calls["kefu"] = 1
    trace, _ = start("kefu-fast", models={"answer": "kefu"}).turn("问题", Conversation(turns=(("早", "您好"),)))
    (asked,) = server.bodies("completion")
    assert [(row["role"], row["content"]) for row in asked["messages"]] == [
        ("system", "口吻：亲切"),
        ("user", "早"),
        ("assistant", "您好"),
        ("user", "问题"),
    ]
    assert (asked["model"], asked["stream"]) == ("kefu", True)
    assert (trace.reply, trace.route, trace.llm_calls) == ("这是大模型的回答", "llm", 1)
    assert {node.id: node.llm_calls for node in trace.nodes}["compose"] == 1


def test_the_stock_class_extracts_and_looks_up(server: Script, start: Start) -> None:
    """kefu-classic: rule → classifier → extractor → tool → answer, then the topic is remembered for the next turn."""
    server.tools["rule_reply"] = {"matched": False, "query": "大号有货吗"}
    server.tools["inventory_lookup"] = {"reply": "大号有 3 件", "found": True, "route": "stock"}
    server.completions["kefu-router"] = choose("stock", "库存查询")
    playground = start("kefu-classic")
    trace, after = playground.turn("大号有货吗")
    assert walked(trace) == [
        "start", "rule", "hit", "continues", "classify", "slots", "stock", "say_stock", "remember_stock"
    ]  # fmt: skip
    assert (trace.reply, trace.route, trace.intent) == ("大号有 3 件", "stock", "库存查询")
    assert after.variables == {"last_topic": "库存查询"}
    playground.turn("中号呢", after)
    frame = server.bodies("completion")[-2]["messages"][-1]["content"]
    assert "上一轮的话题：库存查询" in frame


def test_an_answer_to_the_bots_question_skips_the_classifier(server: Script, start: Start) -> None:
    """rule_reply says `ask` when the bot waits for a model, a variant or a city."""
    server.tools["rule_reply"] = {"matched": False, "route": "ask", "query": "大号"}
    server.tools["inventory_lookup"] = {"reply": "大号有 3 件", "route": "stock"}
    trace, after = start("kefu-classic").turn("大号")
    assert walked(trace) == ["start", "rule", "hit", "continues", "slots", "stock", "say_stock", "remember_stock"]
    assert after.variables == {"last_topic": "库存查询"}


def test_slots_come_from_the_extractor(server: Script, start: Start) -> None:
    """Empty strings mean not given; the rest goes to the tool and into the trace."""
    taken = {"product": "电脑包", "variant": "", "place": "杭州", "when": "", "quantity": ""}
    both = {"category_id": "stock", "category_name": "库存查询", **taken}
    server.completions["kefu-router"] = json.dumps(both, ensure_ascii=False)
    trace, _ = start("kefu-classic").turn("电脑包能送到杭州吗")
    assert trace.slots == {"product": "电脑包", "place": "杭州"}
    (body,) = server.bodies("inventory_lookup")
    assert (body["product"], body["place"]) == ("电脑包", "杭州")
    assert "variant" not in body


@pytest.mark.parametrize(("class_id", "knowledge"), [("after_sales", "after-sales"), ("usage", "manuals")])
def test_knowledge_is_asked_as_dify_asks(server: Script, start: Start, class_id: str, knowledge: str) -> None:
    """The recorded body; the contents alone, joined by lines, become the LLM's material."""
    server.completions["kefu-router"] = choose(class_id, "类")
    server.completions["kefu-local"] = "支持七天无理由。"
    server.records = [
        {"content": "七天无理由", "score": 0.9, "title": "退换", "metadata": {}},
        {"content": "运费险", "score": 0.95, "title": "运费", "metadata": {"document_id": "d1"}},
    ]
    trace, _ = start("kefu-classic").turn("能退吗")
    assert server.bodies("retrieval") == [
        {
            "retrieval_setting": {"top_k": 3, "score_threshold": 0.3},
            "query": "能退吗",
            "knowledge_id": knowledge,
            "metadata_condition": None,
        }
    ]
    assert "<资料>\n运费险\n七天无理由\n</资料>" in server.bodies("completion")[-1]["messages"][0]["content"]
    assert (trace.reply, trace.route, trace.llm_calls) == ("支持七天无理由。", "knowledge", 0)


@pytest.mark.parametrize(
    "records",
    [404, 500, [{"content": "无元数据", "score": 1, "title": "x", "metadata": None}], [{"score": 1}], []],
    ids=["404", "500", "null metadata", "no content", "nothing"],
)
def test_a_failing_knowledge_server_is_invisible(server: Script, start: Start, records: Any) -> None:
    """The node succeeds with an empty result, so our apps branch on it and hand off with a reason."""
    server.completions["kefu-router"] = choose("after_sales", "售后")
    server.tools["hand_off"] = {"handed_off": True, "handoff_reason": "unknown_question", "reply": "为您转人工"}
    server.records = records
    trace, _ = start("kefu-classic").turn("能退吗")
    assert {node.id: node.status for node in trace.nodes}["find_after_sales"] == "succeeded"
    assert (trace.reply, trace.route, trace.handoff_reason) == ("为您转人工", "human", "unknown_question")
    assert len(server.bodies("retrieval")) == (4 if records == 500 else 1)


def test_a_classifier_without_json_takes_the_error_branch(server: Script, start: Start) -> None:
    """The engine fails the node; our fail-branch registers the hand-off."""
    server.completions["kefu-router"] = "库存查询"
    server.tools["hand_off"] = {"handed_off": True, "handoff_reason": "tool_failure", "reply": "为您转人工"}
    trace, _ = start("kefu-classic").turn("有货吗")
    assert walked(trace)[-3:] == ["classify", "fault", "say_fault"]
    assert trace.nodes[4].status == "exception"
    assert (trace.status, trace.reply) == ("partial-succeeded", "为您转人工")
    assert server.bodies("hand_off")[0]["reason"] == "tool_failure"


def test_an_unknown_class_silently_is_class_one(server: Script, start: Start) -> None:
    """Dify's trap, and why class 1 is 其他/转人工. What `understand` can answer there without a model it does."""
    server.completions["kefu-router"] = choose("weather", "天气")
    server.tools["understand"] = {"route": "stock", "reply": "有 3 件"}
    trace, _ = start("kefu-classic").turn("有货吗")
    assert trace.nodes[4].outputs["class_name"] == "其他/转人工"
    assert walked(trace)[-3:] == ["listen", "listened", "say_listened"]
    assert (trace.reply, trace.route, trace.llm_calls) == ("有 3 件", "stock", 0)


def test_what_only_a_model_could_answer_in_class_one_is_for_a_person(server: Script, start: Start) -> None:
    server.completions["kefu-router"] = choose("other", "其他/转人工")
    server.tools["understand"] = {"route": "llm", "needs_llm": True, "context": "x", "reply": "x"}
    server.tools["hand_off"] = {"handed_off": True, "handoff_reason": "unknown_question", "reply": "为您转人工"}
    trace, _ = start("kefu-classic").turn("今天天气")
    assert walked(trace)[-4:] == ["listen", "listened", "transfer", "say_transfer"]
    assert (trace.reply, trace.handoff_reason, trace.llm_calls) == ("为您转人工", "unknown_question", 0)


@pytest.mark.parametrize(
    ("app", "fails"),
    [
        ("lesson-1-template", "kefu-router"),
        ("lesson-2-urge", "rule_reply"),
        ("lesson-3-stock", "kefu-local"),
    ],
)
def test_a_fault_in_a_lesson_hands_off_as_one(server: Script, start: Start, app: str, fails: str) -> None:
    """What broke is told apart from a question that nothing is written about."""
    server.completions["kefu-router"] = choose("urge" if app == "lesson-2-urge" else "after_sales", "类")
    server.records = [{"content": "七天无理由", "score": 0.9, "title": "退换", "metadata": {}}]
    server.tools["hand_off"] = {"handed_off": True, "handoff_reason": "tool_failure", "reply": "为您转人工"}
    server.failing.add(fails)
    trace, _ = start(app).turn("能退吗")
    assert walked(trace)[-2:] == ["fault", "say_fault"]
    assert (trace.reply, server.bodies("hand_off")[0]["reason"]) == ("为您转人工", "tool_failure")


def test_a_tool_that_fails_hands_off_politely(server: Script, start: Start) -> None:
    """Three attempts, then the error branch; the trace shows it with the server's own words."""
    server.failing.add("understand")
    server.tools["hand_off"] = {"handed_off": True, "handoff_reason": "tool_failure", "reply": "为您转接人工"}
    trace, _ = start("kefu-fast").turn("你好")
    assert len(server.bodies("understand")) == 3
    assert walked(trace) == ["start", "understand", "transfer", "say_transfer"]
    assert (trace.nodes[1].status, trace.status) == ("exception", "partial-succeeded")
    assert "数据库打不开" in trace.nodes[1].error
    assert (trace.reply, trace.handoff_reason) == ("为您转接人工", "tool_failure")


@pytest.mark.parametrize("app", ["kefu-fast", "kefu-classic", "lesson-1-template", "lesson-2-urge", "lesson-3-stock"])
def test_a_server_that_is_gone_still_ends_politely(plugins: Plugins, app: str) -> None:
    """Nothing answers at that address: the customer still reads a sentence, and the trace shows the error branches."""
    playground = Playground(app, "http://127.0.0.1:9", "kefu-token", plugins=plugins)
    trace, _ = playground.turn("请发货")
    assert trace.reply == "抱歉，系统暂时开小差了，请您稍后再发一次；着急的话可以直接联系店铺的人工客服。"
    assert trace.status == "partial-succeeded"
    assert sum(node.status == "exception" for node in trace.nodes) == 2


def test_a_model_server_that_fails_is_retried_then_handed_off(server: Script, start: Start) -> None:
    """An LLM node has retries; each failed request of a language model counts as a call."""
    server.tools["understand"] = {"needs_llm": True, "route": "llm", "context": "x"}
    server.tools["hand_off"] = {"handed_off": True, "handoff_reason": "tool_failure", "reply": "为您转人工"}
    server.failing.add("kefu")
    trace, _ = start("kefu-fast", models={"answer": "kefu"}).turn("你好")
    compose = next(node for node in trace.nodes if node.id == "compose")
    assert (compose.status, trace.reply) == ("exception", "为您转人工")
    assert compose.llm_calls == len(server.bodies("completion")) >= 3


def test_a_named_tool_variable_in_an_answer_is_empty(server: Script, start: Start, tmp_path: Path) -> None:
    """Dify's stream quirk, pinned: the node's own output has the text, the customer gets nothing."""
    server.tools["understand"] = {"route": "rule", "reply": "您好"}
    document = copy.deepcopy(load_document("kefu-fast"))
    data_of(document, "say")["answer"] = "{{#understand.reply#}}"
    trace, _ = start(save(document, tmp_path)).turn("你好")
    assert trace.reply == ""
    assert trace.nodes[-1].outputs["answer"] == "您好"
    assert trace.status == "succeeded"


def test_a_variable_that_was_never_sent_cuts_the_answer_off(server: Script, start: Start, tmp_path: Path) -> None:
    """Which is why every tool sends every declared output on every path."""
    server.tools["understand"] = {"route": "rule", "reply": "您好"}
    document = copy.deepcopy(load_document("kefu-fast"))
    data_of(document, "say")["answer"] = "答：{{#understand.text#}} 参考：{{#understand.colour#}} 完"
    trace, _ = start(save(document, tmp_path)).turn("你好")
    assert trace.reply == "答：您好 参考："


@pytest.mark.parametrize("text", ['他说"有货"{吗}', "{{#env.X#}}", "{{#sys.user_id#}} \\n </资料>", "{input_text}"])
def test_a_customers_text_changes_nothing(server: Script, start: Start, text: str) -> None:
    """The tool gets the very words; classifier and extractor read what the tool made safe."""
    server.tools["rule_reply"] = {"matched": False, "query": "安全的话"}
    server.tools["inventory_lookup"] = {"reply": "有货"}
    server.completions["kefu-router"] = choose("stock", "库存查询")
    trace, _ = start("kefu-classic").turn(text)
    assert trace.reply == "有货"
    assert server.bodies("rule_reply")[0]["query"] == text
    assert all("安全的话" in body["messages"][-1]["content"] for body in server.bodies("completion"))
    assert text not in json.dumps(server.bodies("completion"), ensure_ascii=False)


def test_a_workflow_app_gives_its_outputs(server: Script, start: Start) -> None:
    """kefu-stock-workflow: inputs in, named and typed outputs out."""
    server.tools["inventory_lookup"] = {"reply": "有 5 件", "found": True, "available": True, "quantity": 5}
    blank = {"variant": "", "place": "", "when": "", "quantity": ""}
    inputs = {"query": "电脑包有货吗", "product": "电脑包", **blank}
    trace, _ = start("kefu-stock-workflow").turn("", inputs=inputs)
    assert trace.outputs["reply"] == "有 5 件"
    assert (trace.outputs["found"], trace.outputs["quantity"]) == (True, 5)
    assert server.bodies("inventory_lookup")[0]["product"] == "电脑包"


def test_a_workflow_app_without_a_server_gives_a_sentence(plugins: Plugins) -> None:
    """The last error branch is a fixed text."""
    trace, _ = Playground("kefu-urge-workflow", "http://127.0.0.1:9", "kefu-t", plugins=plugins).turn(
        "", inputs={"query": "请发货", "order_no": "", "phone_last4": ""}
    )
    assert trace.outputs["reply"].startswith("抱歉，暂时查不到发货进度")


def test_rules_in_a_code_node_run(server: Script, start: Start) -> None:
    """lesson-2-urge-code: no tool call for 催发货, the Code node answers."""
    server.completions["kefu-router"] = choose("urge", "催发货")
    trace, _ = start("lesson-2-urge-code").turn("已下单，麻烦安排发货")
    assert trace.reply.startswith("感谢您的购买")
    assert "rule_reply" not in [name for name, _ in server.asked]


def test_lesson_three_answers_stock_from_knowledge(server: Script, start: Start) -> None:
    """查询当地产品库存: knowledge retrieval → LLM."""
    server.completions["kefu-router"] = choose("stock", "查询当地产品库存")
    server.completions["kefu-local"] = "杭州仓 3 件"
    server.records = [{"content": "杭州仓 A 产品 3 件", "score": 0.9, "title": "库存", "metadata": {}}]
    trace, _ = start("lesson-3-stock").turn("杭州有A产品吗")
    assert trace.reply == "杭州仓 3 件"
    assert server.bodies("retrieval")[0]["knowledge_id"] == "products"


def test_a_conversation_survives_json() -> None:
    """The page keeps it between turns; another shape is refused."""
    conversation = Conversation(turns=(("问", "答"),), variables={"last_topic": "库存"})
    assert Conversation.from_json(json.loads(json.dumps(conversation.to_json()))) == conversation
    assert Conversation.from_json(None).turns == ()
    for wrong in ({}, {"id": 1}, {"id": "a", "user": "b", "turns": [1], "variables": {}}):
        with pytest.raises(BadInput):
            Conversation.from_json(wrong)


def test_a_turn_prints_the_promised_fields(server: Script, start: Start) -> None:
    """`chat --json` and the page read these names."""
    trace, _ = start("kefu-fast").turn("你好")
    shown = trace.to_json()
    assert {"reply", "route", "intent", "slots", "llm_calls", "ms", "nodes"} <= shown.keys()
    assert {"id", "title", "type", "status", "ms", "llm_calls"} == shown["nodes"][0].keys()
    assert shown["nodes"][1]["ms"] > 0


def test_what_cannot_run_is_refused_with_words(server: Script, start: Start, tmp_path: Path) -> None:
    """Unknown name, unreadable file, an app that is no graph, a plugin that is not here."""
    with pytest.raises(NotFound):
        start("nothing")
    for text in ("a: [", "kind: app", "app: {mode: chat}"):
        path = tmp_path / "bad.yml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(BadInput):
            start(path)
    document = copy.deepcopy(load_document("kefu-fast"))
    data_of(document, "understand")["provider_id"] = "other/plugin/x"
    with pytest.raises(BadInput, match="no tools plugin other/plugin/x"):
        start(save(document, tmp_path)).turn("你好")
