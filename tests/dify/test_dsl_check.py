"""The check refuses what Dify imports without a word and then breaks on: one case a rule."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from kefu.cli import main
from kefu.dify.dsl.check import RULES, check_text
from kefu.dify.dsl.finding import Expected
from kefu.dify.dsl.render import render, to_yaml
from kefu.dify.dsl.source import load_app

Document = dict[str, Any]
CLASSIC = render(load_app("kefu-classic"))


def data_of(document: Document, node_id: str) -> Document:
    return next(row["data"] for row in document["workflow"]["graph"]["nodes"] if row["id"] == node_id)


def edges_of(document: Document) -> list[Document]:
    return document["workflow"]["graph"]["edges"]


def edge(document: Document, source: str, handle: str) -> Document:
    return next(row for row in edges_of(document) if (row["source"], row["sourceHandle"]) == (source, handle))


def drop_edge(document: Document, source: str, handle: str) -> None:
    edges_of(document).remove(edge(document, source, handle))


def add_variable(document: Document, kind: str, **row: Any) -> None:
    document["workflow"][f"{kind}_variables"].append(row)


MISTAKES: dict[str, tuple[str, Callable[[Document], Any]]] = {
    "an unknown node type": ("unknown-node", lambda d: data_of(d, "rule").update(type="magic")),
    "an unknown field": ("unknown-field", lambda d: data_of(d, "rule").update(colour="red")),
    "an edge to nowhere": ("edge-to-nowhere", lambda d: edges_of(d)[0].update(target="nobody")),
    "an edge from nowhere": ("edge-to-nowhere", lambda d: edges_of(d)[0].update(source="nobody")),
    "no start": ("one-start", lambda d: data_of(d, "start").update(type="answer", answer="x")),
    "an unreachable node": (
        "unreachable",
        lambda d: (
            edge(d, "rule", "fail-branch").update(target="say_rule")
            or [
                edge(d, s, "fail-branch").update(target="transfer")
                for s in ("classify", "listen", "order", "slots", "stock", "tell_after_sales", "tell_usage")
            ]
        ),
    ),
    "class 1 that is not 其他": ("first-class", lambda d: data_of(d, "classify")["classes"].reverse()),
    "a tool without error branch": ("error-branch", lambda d: data_of(d, "rule").pop("error_strategy")),
    "a classifier with a default value": (
        "error-branch",
        lambda d: data_of(d, "classify").update(error_strategy="default-value"),
    ),
    "an error exit that leads nowhere": ("open-exit", lambda d: drop_edge(d, "stock", "fail-branch")),
    "a class that leads nowhere": ("open-exit", lambda d: drop_edge(d, "classify", "usage")),
    "the dead success-branch handle": (
        "dead-handle",
        lambda d: edge(d, "rule", "source").update(sourceHandle="success-branch"),
    ),
    "an LLM without retries": ("retry", lambda d: data_of(d, "tell_usage").pop("retry_config")),
    "a foreign dataset": (
        "dataset",
        lambda d: data_of(d, "find_usage").update(dataset_ids=["0b7c8a52-4a47-4a9a-8f43-0d2d0f6b2d11"]),
    ),
    "no dataset": ("dataset", lambda d: data_of(d, "find_usage").update(dataset_ids=[])),
    "a model the target lacks": ("model", lambda d: data_of(d, "tell_usage")["model"].update(name="gpt-9")),
    "a foreign model provider": (
        "model",
        lambda d: data_of(d, "classify")["model"].update(provider="openai/openai/openai"),
    ),
    "a token in a text": ("secret", lambda d: data_of(d, "sorry").update(answer="kefu-" + "a1B2" * 9)),
    "a secret environment variable": (
        "secret",
        lambda d: add_variable(d, "environment", name="K", value="", value_type="secret"),
    ),
    "a variable named like a secret": (
        "secret",
        lambda d: add_variable(d, "environment", name="API_KEY", value="x", value_type="string"),
    ),
    "a named tool variable in an Answer": (
        "empty-answer",
        lambda d: data_of(d, "say_rule").update(answer="{{#rule.reply#}}"),
    ),
    "a variable that no node puts out": (
        "unknown-variable",
        lambda d: data_of(d, "say_rule").update(answer="{{#slots.colour#}}"),
    ),
    "a variable of a node that is not there": (
        "unknown-variable",
        lambda d: data_of(d, "say_rule").update(answer="{{#gone.text#}}"),
    ),
    "an unknown system variable": (
        "unknown-variable",
        lambda d: data_of(d, "say_rule").update(answer="{{#sys.mood#}}"),
    ),
    "an assigner that reads nothing": (
        "unknown-variable",
        lambda d: data_of(d, "remember")["items"][0].update(value=["classify", "mood"]),
    ),
    "a node id with a dash": ("node-id", lambda d: rename(d, "sorry", "sorry-1")),
    "a conversation variable without UUID": (
        "variable-id",
        lambda d: d["workflow"]["conversation_variables"][0].update(id="v1"),
    ),
    "a version that is a number": ("version", lambda d: d.update(version=0.6)),
    "a node without title": ("title", lambda d: data_of(d, "sorry").update(title="")),
    "a short provider id": ("tool", lambda d: data_of(d, "rule").update(provider_id="kefu")),
    "an unknown tool": ("tool", lambda d: data_of(d, "order").update(tool_name="nope")),
    "an unknown tool parameter": (
        "tool",
        lambda d: data_of(d, "order")["tool_parameters"].update(x={"type": "mixed", "value": ""}),
    ),
    "a missing required parameter": ("tool", lambda d: data_of(d, "order")["tool_parameters"].pop("query")),
    "a bare configuration value": (
        "tool",
        lambda d: data_of(d, "order").update(tool_configurations={"level": "loose"}),
    ),
    "a number parameter": ("parameter", lambda d: data_of(d, "slots")["parameters"][0].update(type="number")),
    "a question sent twice": (
        "query-twice",
        lambda d: data_of(d, "tell_usage")["prompt_template"].append({"role": "user", "text": "x"}),
    ),
    "an identifier without checksum": (
        "dependency",
        lambda d: d["dependencies"].append(
            {"type": "package", "value": {"plugin_unique_identifier": "kefu/kefu-tools:0.1.0"}}
        ),
    ),
    "an unknown field of the file": ("unknown-field", lambda d: d.update(dependancies=[])),
    "an unknown field of a model": ("unknown-field", lambda d: data_of(d, "classify")["model"].update(temperature=0)),
    "two nodes with one id": ("double-id", lambda d: rename(d, "sorry", "say_rule")),
    "a way that leads back": ("loop", lambda d: edge(d, "classify", "fail-branch").update(target="rule")),
    "a variable of another branch": (
        "not-before",
        lambda d: data_of(d, "say_rule").update(answer="{{#tell_usage.text#}}"),
    ),
    "a variable that comes later": (
        "not-before",
        lambda d: data_of(d, "rule")["tool_parameters"]["query"].update(value="{{#slots.place#}}"),
    ),
    "a mode that is no app": ("mode", lambda d: d["app"].update(mode="magic")),
    "an answer in a workflow": ("mode", lambda d: d["app"].update(mode="workflow")),
    "a truth value that Dify cannot read": (
        "boolean",
        lambda d: data_of(d, "hit")["cases"][0]["conditions"][0].update(value="True"),
    ),
    "a setting that no tool has": (
        "tool",
        lambda d: data_of(d, "rule").update(tool_configurations={"level": {"type": "constant", "value": "x"}}),
    ),
    "a list where parameters belong": ("shape", lambda d: data_of(d, "rule").update(tool_parameters=[1])),
    "a password in an address": (
        "secret",
        lambda d: data_of(d, "sorry").update(answer="http://me:hunter2@shop.example"),
    ),
    "a cloud key": ("secret", lambda d: data_of(d, "sorry").update(answer="AKIA" + "Z" * 16)),
    "a credential in a tool's settings": (
        "secret",
        lambda d: data_of(d, "rule").update(tool_configurations={"api_key": {"type": "constant", "value": "x1"}}),
    ),
    "what the engine's schema refuses": (
        "engine-schema",
        lambda d: data_of(d, "tell_usage")["model"].update(mode="telepathy"),
    ),
}


def rename(document: Document, old: str, new: str) -> None:
    for row in document["workflow"]["graph"]["nodes"]:
        row["id"] = new if row["id"] == old else row["id"]
    for row in edges_of(document):
        row.update({end: new for end in ("source", "target") if row[end] == old})


@pytest.mark.parametrize("name", MISTAKES)
def test_the_check_refuses(name: str) -> None:
    """Exactly that mistake is named and the file refused."""
    rule, spoil = MISTAKES[name]
    document = copy.deepcopy(CLASSIC)
    spoil(document)
    found = check_text(to_yaml(document))
    assert rule in {finding.rule for finding in found if finding.fatal}, found


def test_the_good_file_has_no_findings() -> None:
    """So each refusal above comes from its mistake."""
    assert check_text(to_yaml(CLASSIC)) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a: [", "yaml"),
        ("- 1", "shape"),
        ("kind: app", "shape"),
        ("", "shape"),
        ("app: {mode: chat}\nworkflow: {}", "shape"),
    ],
)
def test_what_is_no_app_is_refused(text: str, rule: str) -> None:
    """Broken YAML, lists, chat apps without a graph."""
    assert [finding.rule for finding in check_text(text)] == [rule]


def test_warnings_do_not_refuse() -> None:
    """An overlap or a raw sys.query is said, not refused; with environment variables the raw query is refused."""
    lesson = render(load_app("lesson-1-template"))
    lesson["workflow"]["graph"]["nodes"][1]["position"] = lesson["workflow"]["graph"]["nodes"][0]["position"]
    assert {(f.rule, f.fatal) for f in check_text(to_yaml(lesson))} == {("overlap", False), ("raw-query", False)}
    add_variable(lesson, "environment", name="SHOP", value="x", value_type="string")
    assert ("raw-query", True) in {(f.rule, f.fatal) for f in check_text(to_yaml(lesson))}


def test_a_target_may_have_other_models() -> None:
    """`--model` and `--dataset` name what the target has."""
    text = to_yaml(render(load_app("kefu-fast"), models={"answer": "shop-7b"}))
    assert any(finding.rule == "model" for finding in check_text(text))
    assert check_text(text, Expected(models={"shop-7b"})) == []


def test_the_command_says_where_and_what(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 1 for a refused file, 0 for a good one; each finding one line."""
    good, bad = tmp_path / "good.yml", tmp_path / "bad.yml"
    good.write_text(to_yaml(CLASSIC), encoding="utf-8")
    document = copy.deepcopy(CLASSIC)
    data_of(document, "rule").pop("error_strategy")
    bad.write_text(to_yaml(document), encoding="utf-8")
    assert main(["dsl", "check", str(good)]) == 0
    assert main(["dsl", "check", str(good), str(bad)]) == 1
    assert "refused: rule:" in capsys.readouterr().out
    assert main(["dsl", "check", str(tmp_path / "none.yml")]) == 2


def test_the_command_renders(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """One app to stdout, the family into a folder, the lesson with a shop's rules in its Code node."""
    assert main(["dsl", "render", "--app", "kefu-fast", "--dify", "1.4"]) == 0
    assert yaml.safe_load(capsys.readouterr().out)["version"] == "0.3.0"
    assert main(["dsl", "render", "--dify", "1.16", "--out", str(tmp_path / "out")]) == 0
    assert len(list((tmp_path / "out").glob("*.yml"))) == 8
    capsys.readouterr()
    rules = tmp_path / "rules.csv"
    rules.write_text("id,sentences,replies\nhello,在吗,您好在的\n", encoding="utf-8")
    assert main(["dsl", "render", "--rules-as-code", "--rules", str(rules)]) == 0
    assert '"您好在的"' in data_of(yaml.safe_load(capsys.readouterr().out), "rule")["code"]
    assert main(["dsl", "render", "--check-fresh"]) == 0
    assert main(["dsl", "list"]) == 0
    assert main(["dsl", "render", "--app", "kefu-fast", "--dataset", "x"]) == 2


def test_every_rule_is_in_the_table() -> None:
    """A rule that nobody calls checks nothing."""
    assert len(RULES) == len(set(RULES)) == 18
