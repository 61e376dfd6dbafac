"""The family renders for every Dify version, reads well on the canvas and passes its own check."""

from __future__ import annotations

import copy
import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml

from kefu.core.rules import Pattern, Rule, Scope
from kefu.dify.dsl.check import check_text
from kefu.dify.dsl.compare import differences
from kefu.dify.dsl.finding import Expected
from kefu.dify.dsl.knowledge import KNOWLEDGE_SETS
from kefu.dify.dsl.layout import COLUMN, NODE_WIDTH, Box, columns, place
from kefu.dify.dsl.render import render, stale_files, to_yaml
from kefu.dify.dsl.rules_as_code import EXAMPLES, code_of_rules, rows_of_rules
from kefu.dify.dsl.source import app_names, load_app, read_app
from kefu.dify.dsl.versions import version_for, versions
from kefu.errors import BadInput, NotFound

APPS = app_names()
EVERY = [(name, row) for name in APPS for row in versions()]


def nodes_of(document: dict[str, Any], *types: str) -> list[dict[str, Any]]:
    return [row["data"] for row in document["workflow"]["graph"]["nodes"] if row["data"]["type"] in types]


def test_the_family_is_complete() -> None:
    """Eight apps: three lessons, the lesson's Code variant, two Chatflows, two workflows."""
    assert APPS == [
        "kefu-classic",
        "kefu-fast",
        "kefu-stock-workflow",
        "kefu-urge-workflow",
        "lesson-1-template",
        "lesson-2-urge",
        "lesson-2-urge-code",
        "lesson-3-stock",
    ]


def test_committed_files_are_what_the_sources_render() -> None:
    """`./kefu dsl render` writes them; nobody edits them."""
    assert stale_files() == []


@pytest.mark.parametrize("name", APPS)
def test_every_tool_is_told_who_asks(name: str) -> None:
    """Dify would send an id of its own: the shop knows neither its buyers by that, nor a deployment's probes."""
    for node in nodes_of(render(load_app(name), versions()[-1]), "tool"):
        assert node["tool_parameters"]["user_id"]["value"] == "{{#sys.user_id#}}", node["title"]


@pytest.mark.parametrize(("name", "version"), EVERY, ids=lambda value: getattr(value, "dify", value))
def test_every_app_passes_the_check_for_every_dify(name: str, version: Any) -> None:
    """Nothing is refused; only the lessons' plain sys.query is a warning."""
    found = check_text(to_yaml(render(load_app(name), version)))
    assert {finding.rule for finding in found} <= ({"raw-query"} if name.startswith("lesson") else set())
    assert not any(finding.fatal for finding in found)


@pytest.mark.parametrize(
    ("dify", "dsl"),
    [
        ("1.4", "0.3.0"),
        ("1.5", "0.3.0"),
        ("1.7", "0.3.1"),
        ("1.9.2", "0.4.0"),
        ("1.12", "0.5.0"),
        ("1.13", "0.6.0"),
        ("1.14.2", "0.6.0"),
        ("1.16", "0.7.0"),
    ],
)
def test_a_dify_takes_the_newest_row_that_is_not_above_it(dify: str, dsl: str) -> None:
    """The table of DSL versions, read from Dify's release commits."""
    assert version_for(dify).dsl == dsl


@pytest.mark.parametrize("dify", ["1.3", "0.15", "latest", "1"])
def test_an_unknown_or_too_old_dify_is_refused(dify: str) -> None:
    """Older ones ask the marketplace at import; a word is no version."""
    with pytest.raises(BadInput):
        version_for(dify)


def test_booleans_become_numbers_before_dify_1_8() -> None:
    """There a condition's value must be text and a tool's boolean counts as 0 or 1."""
    (old,) = nodes_of(render(load_app("kefu-fast"), version_for("1.7")), "if-else")
    (new,) = nodes_of(render(load_app("kefu-fast"), version_for("1.8")), "if-else")
    assert old["cases"][0]["conditions"][0]["value"] == "1"
    assert new["cases"][0]["conditions"][0]["value"] is True
    (code,) = nodes_of(render(load_app("lesson-2-urge-code"), version_for("1.7")), "code")
    assert code["outputs"]["matched"]["type"] == "number"


def test_a_classifier_fails_into_a_branch_only_since_dify_1_9() -> None:
    """Before, that branch makes every class a dead end: 1.4.2 answered nothing and called it a success."""
    old = render(load_app("lesson-3-stock"), version_for("1.8"))
    new = render(load_app("lesson-3-stock"), version_for("1.9"))
    for kind in ("question-classifier", "parameter-extractor"):
        assert not any("error_strategy" in data for data in nodes_of(old, kind))
        assert all(data["error_strategy"] == "fail-branch" for data in nodes_of(new, kind))
    assert all("error_strategy" in data for data in nodes_of(old, "tool"))


def test_an_old_dify_is_told_of_a_dead_branch() -> None:
    """A file that was made for a newer Dify, its version written down by hand."""
    document = render(load_app("lesson-1-template"), version_for("1.9"))
    document["version"] = "0.3.0"
    assert "dead-branch" in {finding.rule for finding in check_text(to_yaml(document))}


@pytest.mark.parametrize("name", APPS)
def test_no_nodes_overlap_and_columns_keep_apart(name: str) -> None:
    """Dify draws a node 240 px wide; an overlapped one cannot be read."""
    rows = render(load_app(name))["workflow"]["graph"]["nodes"]
    boxes = [Box(row["position"]["x"], row["position"]["y"], row["width"], row["height"]) for row in rows]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    left = sorted({row["position"]["x"] for row in rows if row["type"] == "custom"})
    assert all(later - earlier >= 300 for earlier, later in itertools.pairwise(left))


@pytest.mark.parametrize("name", APPS)
def test_every_edge_reads_left_to_right(name: str) -> None:
    """A column is the longest way from the start."""
    graph = render(load_app(name))["workflow"]["graph"]
    x = {row["id"]: row["position"]["x"] for row in graph["nodes"]}
    assert all(x[edge["source"]] < x[edge["target"]] for edge in graph["edges"])


def test_layout_of_a_circle_ends() -> None:
    """A circle is cut, not followed for ever; a lone node stands in the first column."""
    assert columns(["a", "b", "c"], [("a", "b"), ("b", "a")])["c"] == 0
    boxes = place({"a": 100, "b": 100, "c": 300}, [("a", "b"), ("a", "c")])
    assert boxes["b"].x == boxes["c"].x == COLUMN
    assert not boxes["b"].overlaps(boxes["c"])
    assert boxes["a"].width == NODE_WIDTH


@pytest.mark.parametrize("name", APPS)
def test_wiring_rules_hold(name: str) -> None:
    """Class 1 is 其他, extractor parameters are required texts, Answers use .text, no user message beside memory."""
    document = render(load_app(name))
    assert document["dependencies"] == []
    for data in nodes_of(document, "question-classifier"):
        assert data["classes"][0]["name"].startswith("其他")
    for data in nodes_of(document, "parameter-extractor"):
        assert all(row["type"] == "string" and row["required"] for row in data["parameters"])
    for data in nodes_of(document, "llm"):
        assert [row["role"] for row in data["prompt_template"]] == ["system"]
        assert data["memory"]["query_prompt_template"]
    for data in nodes_of(document, "tool", "llm", "question-classifier", "parameter-extractor", "code"):
        assert data["error_strategy"] == "fail-branch"


@pytest.mark.parametrize("name", [name for name in APPS if "workflow" not in name])
def test_chatflows_greet_and_are_explained(name: str) -> None:
    """Opening statement, suggested questions, notes on the canvas, Chinese titles."""
    document = render(load_app(name))
    assert document["workflow"]["features"]["opening_statement"]
    assert len(document["workflow"]["features"]["suggested_questions"]) >= 2
    rows = document["workflow"]["graph"]["nodes"]
    assert sum(row["type"] == "custom-note" for row in rows) >= 2
    assert all(
        any("一" <= letter <= "鿿" for letter in row["data"]["title"]) for row in rows if row["type"] == "custom"
    )


@pytest.mark.parametrize("name", APPS)
def test_an_export_is_the_same_app(name: str) -> None:
    """Import → export → import: what Dify fills in or drops does not matter; a changed sentence does."""
    document = render(load_app(name))
    exported = yaml.safe_load(to_yaml(document))
    exported["dependencies"] = [{"type": "package", "value": {"plugin_unique_identifier": "kefu/kefu-tools:0.1.0@ab"}}]
    exported["workflow"]["rag_pipeline_variables"] = []
    exported["workflow"]["graph"]["edges"].reverse()
    for row in exported["workflow"]["graph"]["nodes"]:
        row["selected"] = False
        if "dataset_ids" in row["data"]:
            row["data"]["dataset_ids"] = ["gAAAAAencrypted=="]
    assert differences(document, exported) == []
    changed = copy.deepcopy(exported)
    changed["workflow"]["graph"]["nodes"][0]["data"]["title"] = "别的"
    assert len(differences(document, changed)) == 1


def test_models_and_datasets_are_filled_in() -> None:
    """What `deploy` knows replaces the placeholders."""
    ids = {row.name: f"00000000-0000-4000-8000-00000000000{number}" for number, row in enumerate(KNOWLEDGE_SETS)}
    document = render(load_app("kefu-classic"), models={"answer": "kefu"}, datasets=ids)
    assert {data["model"]["name"] for data in nodes_of(document, "llm")} == {"kefu"}
    used = {dataset for data in nodes_of(document, "knowledge-retrieval") for dataset in data["dataset_ids"]}
    assert used == {ids["after_sales"], ids["product_usage"]}
    assert not any(f.fatal for f in check_text(to_yaml(document), Expected({"kefu", "kefu-router"}, set(ids.values()))))


def test_a_source_with_a_mistake_is_named(tmp_path: Path) -> None:
    """Each mistake says which app, which node, what to write."""
    for text, word in [
        ("nodes: {start: {type: start, title: 甲, next: nowhere}}", "nowhere"),
        ("nodes: {start: {type: begin, title: 甲}}", "no known type"),
        ("nodes: {start-1: {type: start, title: 甲}}", "no node id"),
        ("nodes: {start: {type: start}}", "no title"),
        ("nodes: {start: {type: start, title: 甲, colour: red}}", "colour"),
        ("colour: red", "colour"),
        ("- 1", "not a mapping"),
        ("a: [", "not valid YAML"),
    ]:
        with pytest.raises(BadInput, match=word):
            read_app(text, "app", tmp_path)
    with pytest.raises(NotFound, match="kefu-fast"):
        load_app("nothing")


@pytest.mark.parametrize(
    ("words", "word"),
    [
        ("{type: tool, title: 乙, tool: nope}", "no tool"),
        ("{type: tool, title: 乙, tool: rule_reply, with: {colour: red}}", "colour"),
        ("{type: llm, title: 乙, model: big, system: x, query: y, memory: 2}", "model role"),
        ("{type: knowledge, title: 乙, dataset: nope, query: sys.query}", "knowledge set"),
    ],
)
def test_a_source_that_cannot_mean_anything_is_refused(words: str, word: str) -> None:
    """Unknown tools, parameters, model roles and knowledge sets are found at rendering."""
    app = read_app(f"nodes: {{start: {{type: start, title: 甲, next: b}}, b: {words}}}", "app")
    with pytest.raises(BadInput, match=word):
        render(app)


def run_code(code: str, query: str) -> dict[str, Any]:
    program: dict[str, Any] = {}
    exec(code, program)
    return program["main"](query=query)


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("我已付款完成", "paid"),
        ("麻烦尽快安排发货", "urge"),
        ("没有收到网址和卡密，我已下单2份", "no_card"),
        ("怎么安装", ""),
    ],
)
def test_rules_as_code_answer_like_rules(query: str, rule: str) -> None:
    """The generated Code node finds the example rules."""
    found = run_code(code_of_rules(EXAMPLES), query)
    assert found["rule_id"] == rule
    assert found["matched"] is bool(rule)


def test_a_shops_rules_become_code() -> None:
    """Sentences, keywords and regexes are kept in the order of the rules; what needs more than text is left out."""
    rules = [
        Rule("low", (Pattern("regex", r"发货\d+"),), ("低",), priority=0),
        Rule("high", (Pattern("sentence", "请发货(急)"),), ('他说"好"\n第二行',), priority=9),
        Rule("words", (Pattern("keywords", all=("退", "货"), any=("今天", "明天")),), ("退货",), none=("不",)),
        Rule("named", (Pattern("sentence", "谁"),), ("{brand}",)),
        Rule("web", (Pattern("sentence", "网"),), ("网",), scope=Scope(channels=("web",))),
        Rule("off", (Pattern("sentence", "关"),), ("关",), enabled=False),
    ]
    code = code_of_rules(rows_of_rules(rules))
    assert run_code(code, "请发货(急)！！")["reply"] == '他说"好"\n第二行'
    assert run_code(code, "发货12")["rule_id"] == "low"
    assert run_code(code, "明天可以退这个货吗")["rule_id"] == "words"
    for silent in ("明天不退货", "退货", "谁", "网", "关"):
        assert run_code(code, silent)["matched"] is False
