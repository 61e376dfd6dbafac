"""What real frameworks read: LLaMA-Factory's dataset and YAML files, its web UI's values, ms-swift's command.

`./kefu test --finetune` has the installed LLaMA-Factory read every file of this, and train with them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson
import yaml

from kefu.finetune.sample import Sample
from kefu.finetune.splits import SPLITS

_DATA = Path(__file__).parent / "data"
DATASETS = {split: f"kefu_{split}" for split in SPLITS}
_LF_ROLES = {"system": "system", "user": "user", "assistant": "assistant", "tool": "observation"}


LLAMAFACTORY = "0.9.5"
"""The version whose parser reads these files in `./kefu test --finetune`; `finetune/llamafactory.txt` installs it."""
CUTOFF = 2048
"""Tokens a row may have. The longest of the sample shop has 1,380 with Qwen's tokenizer (Dify's classifier prompt)."""


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A model to start from. ``template`` is LLaMA-Factory's, ``listed`` the model's name in its web UI, ``system``
    what the template says if a row has no system prompt; ``thinks``: it would think unless told not to; ``old``: its
    own code, which only frameworks of its time run."""

    repository: str
    template: str
    listed: str
    system: str = ""
    thinks: bool = False
    old: bool = False
    note: str = ""


MODELS: dict[str, BaseModel] = {
    "qwen-7b-chat": BaseModel(
        "Qwen/Qwen-7B-Chat",
        "qwen",
        "Qwen-7B-Chat",
        system="You are a helpful assistant.",
        old=True,
        note="The lesson's model. Its own code fails with today's transformers: pip install \"llamafactory==0.9.2\" "
        '"transformers==4.42.4" "numpy<2" transformers_stream_generator tiktoken',
    ),
    "qwen2.5-7b-instruct": BaseModel(
        "Qwen/Qwen2.5-7B-Instruct",
        "qwen",
        "Qwen2.5-7B-Instruct",
        system="You are Qwen, created by Alibaba Cloud. You are a helpful assistant.",
        note="The template has a default system prompt that names the model's maker; rows without a system prompt are "
        "learnt with it on purpose, because a client without a system prompt gets it when the model is served.",
    ),
    "qwen3-4b-instruct-2507": BaseModel(
        "Qwen/Qwen3-4B-Instruct-2507",
        "qwen3_nothink",
        "Qwen3-4B-Instruct-2507",
        note="Never thinks: the shortest answers.",
    ),
    "qwen3-8b": BaseModel(
        "Qwen/Qwen3-8B",
        "qwen3",
        "Qwen3-8B-Thinking",
        thinks=True,
        note="Thinks unless told not to: off in training and in serving.",
    ),
}


def digest(sample: Sample) -> bytes:
    """What makes two rows the same: all that is said, and the tools."""
    body = orjson.dumps([list(sample.messages), list(sample.tools)])
    return hashlib.blake2b(body, digest_size=16).digest()


def open_dataset(folder: Path, split: str) -> IO[bytes]:
    target = folder / "llamafactory"
    target.mkdir(exist_ok=True)
    return (target / f"{DATASETS[split]}.jsonl").open("wb")


def dataset_line(sample: Sample) -> bytes:
    """A row as LLaMA-Factory's sharegpt form has it: a function call is a role of its own, tools are JSON text."""
    messages = [_lf_message(message) for message in sample.messages]
    tools = json.dumps([tool["function"] for tool in sample.tools], ensure_ascii=False) if sample.tools else ""
    return orjson.dumps({"messages": messages, "tools": tools}) + b"\n"


def _lf_message(message: Mapping[str, Any]) -> dict[str, str]:
    calls = message.get("tool_calls")
    said = str(message.get("content") or "")
    if not calls:
        return {"role": _LF_ROLES[message["role"]], "content": said}
    function = calls[0]["function"]
    call = json.dumps({"name": function["name"], "arguments": json.loads(function["arguments"])}, ensure_ascii=False)
    if said:  # the role for calls has no place for words: written as Qwen's chat template writes both
        return {"role": "assistant", "content": f"{said}\n<tool_call>\n{call}\n</tool_call>"}
    return {"role": "function_call", "content": call}


def dataset_info() -> str:
    tags = {
        **{"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"},
        **{"observation_tag": "observation", "function_tag": "function_call", "system_tag": "system"},
    }
    info = {
        name: {
            "file_name": f"{name}.jsonl",
            "formatting": "sharegpt",
            "columns": {"messages": "messages", "tools": "tools"},
            "tags": tags,
        }
        for name in DATASETS.values()
    }
    return json.dumps(info, indent=2) + "\n"


def files_for(key: str) -> list[tuple[str, str]]:
    """(path, text) of every file of one base model."""
    model = MODELS[key]
    lf = f"llamafactory/{key}"
    new = [] if model.old else [(f"swift/{key}.sh", swift_command(key)), (f"ollama/{key}.Modelfile", modelfile(key))]
    return [
        (f"{lf}/train.yaml", _yaml(train_config(key), model.note)),
        (f"{lf}/merge.yaml", _yaml(merge_config(key), "Never merge into a quantised model.")),
        (f"{lf}/chat.yaml", _yaml(chat_config(key), f"llamafactory-cli chat {lf}/chat.yaml")),
        (f"{lf}/api.yaml", _yaml(chat_config(key, merged=True), f"API_PORT=8001 llamafactory-cli api {lf}/api.yaml")),
        (f"{webui_folder(model)}/{key}-webui.yaml", _yaml(webui_config(key), _WEBUI)),
        *new,
    ]


def webui_folder(model: BaseModel) -> str:
    """Where the web UI looks for stored values; it was renamed in LLaMA-Factory 0.9.4."""
    return "config" if model.old else "llamaboard_config"


_WEBUI = "llamafactory-cli webui, in the folder above: tab Train, this file's name as Config path, Load arguments."


def train_config(key: str) -> dict[str, Any]:
    """LoRA on the last answer only: Dify's prompts hold example answers that must not be learnt."""
    return _common(MODELS[key]) | {
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "lora",
        "lora_rank": 16,
        "lora_alpha": 32,
        "lora_dropout": 0.05,
        "lora_target": "all",
        "dataset_dir": "llamafactory",
        "dataset": DATASETS["train"],
        "eval_dataset": DATASETS["valid"],
        "cutoff_len": CUTOFF,
        "mask_history": True,
        "overwrite_cache": True,
        "preprocessing_num_workers": 4,
        "output_dir": adapter_folder(key),
        "logging_steps": 10,
        "save_strategy": "epoch",
        "plot_loss": True,
        "overwrite_output_dir": True,
        "report_to": "none",
        "per_device_train_batch_size": 2,
        "gradient_accumulation_steps": 8,
        "learning_rate": 1.0e-4,
        "num_train_epochs": 3.0,
        "lr_scheduler_type": "cosine",
        "warmup_ratio": 0.1,
        "bf16": True,
        "per_device_eval_batch_size": 2,
        "eval_strategy": "epoch",
    }


def webui_config(key: str) -> dict[str, Any]:
    """The same training as the web UI stores it: a value for each of its fields; what has no field is an extra."""
    model, config = MODELS[key], train_config(key)
    extra = ("warmup_ratio", "eval_dataset", "eval_strategy", "per_device_eval_batch_size", "save_strategy")
    fields: dict[str, Any] = {
        "top.model_name": model.listed,
        "top.finetuning_type": "lora",
        "top.template": model.template,
        "train.training_stage": "Supervised Fine-Tuning",
        "train.dataset_dir": config["dataset_dir"],
        "train.dataset": [config["dataset"]],
        "train.learning_rate": str(config["learning_rate"]),
        "train.num_train_epochs": str(config["num_train_epochs"]),
        "train.compute_type": "bf16",
        "train.batch_size": config["per_device_train_batch_size"],
        "train.extra_args": json.dumps({"optim": "adamw_torch"} | {name: config[name] for name in extra}),
    }
    same = ["cutoff_len", "gradient_accumulation_steps", "lr_scheduler_type", "logging_steps", "mask_history"]
    same += ["lora_rank", "lora_alpha", "lora_dropout", "lora_target"]
    fields |= {f"train.{name}": config[name] for name in same}
    return fields | ({"train.enable_thinking": False} if model.thinks else {})


def merge_config(key: str) -> dict[str, Any]:
    exported = {"export_dir": merged_folder(key), "export_size": 5, "export_device": "cpu"}
    return _common(MODELS[key]) | {
        "adapter_name_or_path": adapter_folder(key),
        "finetuning_type": "lora",
        **exported,
        "export_legacy_format": False,
    }


def chat_config(key: str, *, merged: bool = False) -> dict[str, Any]:
    config = _common(MODELS[key]) | {"infer_backend": "huggingface"}
    if merged:
        return config | {"model_name_or_path": merged_folder(key)}
    return config | {"adapter_name_or_path": adapter_folder(key), "finetuning_type": "lora"}


def adapter_folder(key: str) -> str:
    return f"saves/{key}/lora"


def merged_folder(key: str) -> str:
    return f"saves/{key}/merged"


def swift_command(key: str) -> str:
    """ms-swift reads the canonical JSONL as it is; `last_round` learns the last answer only, and for a model that
    thinks ms-swift adds the empty thought to each row without learning it."""
    model = MODELS[key]
    return (
        "#!/bin/sh\n# pip install ms-swift; run in the folder above. ms-swift 3 calls --tuner_type --train_type.\n"
        f"swift sft --model {model.repository} --tuner_type lora --lora_rank 16 --lora_alpha 32 \\\n"
        "  --target_modules all-linear --torch_dtype bfloat16 --dataset train.jsonl --val_dataset valid.jsonl \\\n"
        f"  --max_length {CUTOFF} --num_train_epochs 3 --learning_rate 1e-4 --warmup_ratio 0.1 \\\n"
        "  --per_device_train_batch_size 2 --gradient_accumulation_steps 8 --loss_scale last_round \\\n"
        f'  --output_dir saves/{key}/swift "$@"\n'
    )


def _common(model: BaseModel) -> dict[str, Any]:
    config: dict[str, Any] = {"model_name_or_path": model.repository, "template": model.template}
    if model.thinks:
        config["enable_thinking"] = False
    return config | ({"trust_remote_code": True} if model.old else {})


def _yaml(config: Mapping[str, Any], note: str) -> str:
    head = f"# {note}\n" if note else ""
    return head + yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True)


def modelfile(key: str) -> str:
    """Ollama's template for ChatML with function calls: it finds none by itself for these models."""
    model = MODELS[key]
    text = (_DATA / "ollama.Modelfile").read_text(encoding="utf-8").replace("@KEY@", key)
    system = f"SYSTEM {model.system}\n" if model.system else ""
    thought = "<think>\n\n</think>\n\n" if model.thinks else ""
    return text.replace("@SYSTEM@", system).replace("@THOUGHT@", thought)


def serving(name: str) -> str:
    """How to serve the tuned model, and how the shop ``name`` comes to use it."""
    rows = "\n".join(
        f"| {key} | `{m.template}`{', enable_thinking: false' if m.thinks else ''} | {m.note} |"
        for key, m in MODELS.items()
    )
    text = (_DATA / "serve.md").read_text(encoding="utf-8").replace("@ROWS@", rows)
    return text.replace("@LLAMAFACTORY@", LLAMAFACTORY).replace("@NAME@", name)
