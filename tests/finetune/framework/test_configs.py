"""The real framework reads what `finetune prepare` writes: every file, and every row as it is served later.

`./kefu test --finetune`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kefu.finetune import frameworks
from kefu.finetune.prepare import Plan, prepare

pytestmark = [
    pytest.mark.finetune,
    pytest.mark.skipif(not os.environ.get("KEFU_TEST_FINETUNE"), reason="./kefu test --finetune"),
]

READ = str(Path(__file__).with_name("read_configs.py"))
TODAY = {key: model for key, model in frameworks.MODELS.items() if not model.old}


@pytest.fixture(scope="module")
def out(rows, tmp_path_factory):
    """A prepared folder of the sample shop, for every model."""
    folder = tmp_path_factory.mktemp("prepared") / "out"
    prepare(rows, Plan(folder, per_intent=2, copies=1), "salt")
    return folder


@pytest.fixture(scope="module")
def understood(framework, out):
    """What LLaMA-Factory understood of each model's files."""
    framework.make_tiny(out.parent, "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n", [("你是谁", "我是小砚")])
    framework.run(out.parent, "python", READ, str(out), str(out.parent / "base"), str(out.parent / "read.json"))
    return json.loads((out.parent / "read.json").read_text(encoding="utf-8"))


def read_rows(out, split):
    return [json.loads(line) for line in (out / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()]


def chatml(row, system, thought):
    """A row as Qwen's chat templates put it: (all of it, what the model is to say).

    With a model that thinks, LLaMA-Factory looks for thoughts in earlier answers and takes line breaks at their start
    away with them, those of Dify's examples too: one token that is there when the model is served.
    """
    messages = list(row["messages"])
    if messages[0]["role"] == "system":
        system = messages.pop(0)["content"]
    text = tools_text(row.get("tools")) if row.get("tools") else ""
    text = f"<|im_start|>system\n{system}{text}<|im_end|>\n" if system or text else ""
    for message in messages[:-1]:
        role, said = message["role"], spoken(message)
        if thought and role == "assistant":
            said = said.lstrip("\n")
        if role == "tool":
            role, said = "user", f"<tool_response>\n{said}\n</tool_response>"
        text += f"<|im_start|>{role}\n{said}<|im_end|>\n"
    learnt = f"{spoken(messages[-1])}<|im_end|>\n"
    return f"{text}<|im_start|>assistant\n{thought}{learnt}", learnt


def spoken(message):
    calls = [call["function"] for call in message.get("tool_calls") or ()]
    parts = [message.get("content") or ""] if message.get("content") or not calls else []
    for call in calls:
        body = json.dumps({"name": call["name"], "arguments": json.loads(call["arguments"])}, ensure_ascii=False)
        parts.append(f"<tool_call>\n{body}\n</tool_call>")
    return "\n".join(parts)


def tools_text(tools):
    listed = "\n".join(json.dumps(tool, ensure_ascii=False) for tool in tools)
    return (
        "\n\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
        f"You are provided with function signatures within <tools></tools> XML tags:\n<tools>\n{listed}\n</tools>\n\n"
        "For each function call, return a json object with function name and arguments within <tool_call></tool_call> "
        'XML tags:\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>'
    )


@pytest.mark.parametrize("key", TODAY)
def test_every_row_is_trained_on_as_it_is_served_and_only_its_last_answer_is_learnt(understood, out, key):
    model = TODAY[key]
    thought = "<think>\n\n</think>\n\n" if model.thinks else ""
    for split in ("train", "valid"):
        expected = [list(chatml(row, model.system, thought)) for row in read_rows(out, split)]
        assert understood[key]["train"]["rows"][split] == expected


@pytest.mark.parametrize("key", frameworks.MODELS)
def test_every_file_means_the_same_model_template_and_thinking(understood, key):
    model, read = frameworks.MODELS[key], understood[key]
    thinking = not model.thinks
    for part in (read["train"]["values"], read["merge"], read["chat"], read["api"]):
        assert (part["template"], part["thinking"]) == (model.template, thinking)
    adapter, merged = frameworks.adapter_folder(key), frameworks.merged_folder(key)
    assert (read["merge"]["model"], read["merge"]["adapter"], read["merge"]["export"]) == (
        model.repository,
        [adapter],
        merged,
    )
    assert (read["chat"]["model"], read["chat"]["adapter"]) == (model.repository, [adapter])
    assert (read["api"]["model"], read["api"]["adapter"]) == (merged, None)


@pytest.mark.parametrize("key", frameworks.MODELS)
def test_the_web_ui_would_train_what_the_command_line_trains(understood, key):
    assert understood[key]["webui"]["values"] == understood[key]["train"]["values"]


@pytest.mark.parametrize("key", TODAY)
def test_the_web_ui_knows_the_model_by_its_name_and_would_choose_the_same_template(understood, key):
    assert understood[key]["webui"]["listed"] == [TODAY[key].repository, TODAY[key].template]
    assert understood[key]["webui"]["offered"], "the web UI looks for stored values elsewhere"
