"""What real frameworks read: LLaMA-Factory's dataset and YAML files, ms-swift's command, recipes for serving.

Template names checked against LLaMA-Factory's `template.py` and `constants.py` (August 2026).
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

DATASETS = {split: f"kefu_{split}" for split in SPLITS}
_LF_ROLES = {"system": "system", "user": "user", "assistant": "assistant", "tool": "observation"}


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A model to start from. ``template`` is LLaMA-Factory's; ``thinks``: it would think unless told not to."""

    repository: str
    template: str
    thinks: bool = False
    remote_code: bool = False
    cutoff: int = 2048
    note: str = ""


MODELS: dict[str, BaseModel] = {
    "qwen-7b-chat": BaseModel(
        "Qwen/Qwen-7B-Chat",
        "qwen",
        remote_code=True,
        note="The lesson's model. Its own code needs transformers 4.3x: use an environment of that time.",
    ),
    "qwen2.5-7b-instruct": BaseModel(
        "Qwen/Qwen2.5-7B-Instruct",
        "qwen",
        note="The template has a default system prompt that names the model's maker; rows without a system prompt are "
        "learnt with it on purpose, because a client without a system prompt gets it when the model is served.",
    ),
    "qwen3-4b-instruct-2507": BaseModel(
        "Qwen/Qwen3-4B-Instruct-2507", "qwen3_nothink", note="Never thinks: the shortest answers."
    ),
    "qwen3-8b": BaseModel(
        "Qwen/Qwen3-8B", "qwen3", thinks=True, note="Thinks unless told not to: off in training and in serving."
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
    if not calls:
        return {"role": _LF_ROLES[message["role"]], "content": str(message.get("content") or "")}
    function = calls[0]["function"]
    arguments = json.loads(function["arguments"])
    return {
        "role": "function_call",
        "content": json.dumps({"name": function["name"], "arguments": arguments}, ensure_ascii=False),
    }


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
    return [
        (f"{lf}/train.yaml", _yaml(train_config(key), model.note)),
        (f"{lf}/merge.yaml", _yaml(merge_config(key), "Never merge into a quantised model.")),
        (f"{lf}/chat.yaml", _yaml(chat_config(key), f"llamafactory-cli chat {lf}/chat.yaml")),
        (f"{lf}/api.yaml", _yaml(chat_config(key, merged=True), f"API_PORT=8001 llamafactory-cli api {lf}/api.yaml")),
        (f"{lf}/webui.yaml", _yaml(train_config(key, flat=True), _WEBUI)),
        (f"swift/{key}.sh", swift_command(key)),
    ]


_WEBUI = (
    "llamafactory-cli webui → tab Train → put this folder's parent as Data dir, choose kefu_train, "
    "“Load train config” reads a file of its own format: copy these values by hand, then Preview command, Start."
)


def train_config(key: str, *, flat: bool = False) -> dict[str, Any]:
    """LoRA on the last answer only: Dify's prompts hold example answers that must not be learnt."""
    model = MODELS[key]
    config: dict[str, Any] = _common(model) | {
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
        "cutoff_len": model.cutoff,
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
    if flat:
        kept: tuple[str, ...] = (
            "model_name_or_path",
            "template",
            "enable_thinking",
            "finetuning_type",
            "lora_rank",
            "lora_alpha",
        )
        kept += ("dataset_dir", "dataset", "cutoff_len", "mask_history", "learning_rate", "num_train_epochs")
        return {name: config[name] for name in kept if name in config}
    return config


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
    """ms-swift 3 reads the canonical JSONL as it is; `last_round` learns the last answer only."""
    model = MODELS[key]
    thinking = " \\\n  --loss_scale last_round" + ("+ignore_empty_think" if model.thinks else "")
    return (
        "#!/bin/sh\n# pip install ms-swift; run in this folder's parent. ms-swift 4 calls --train_type --tuner_type.\n"
        f"swift sft --model {model.repository} --train_type lora --lora_rank 16 --lora_alpha 32 \\\n"
        "  --target_modules all-linear --torch_dtype bfloat16 --dataset train.jsonl --val_dataset valid.jsonl \\\n"
        f"  --max_length {model.cutoff} --num_train_epochs 3 --learning_rate 1e-4 --warmup_ratio 0.1 \\\n"
        "  --per_device_train_batch_size 2 --gradient_accumulation_steps 8 \\\n"
        f"  --output_dir saves/{key}/swift{thinking}\n"
    )


def _common(model: BaseModel) -> dict[str, Any]:
    config: dict[str, Any] = {"model_name_or_path": model.repository, "template": model.template}
    if model.thinks:
        config["enable_thinking"] = False
    return config | ({"trust_remote_code": True} if model.remote_code else {})


def _yaml(config: Mapping[str, Any], note: str) -> str:
    head = f"# {note}\n" if note else ""
    return head + yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True)


def serving(name: str) -> str:
    """How to serve the tuned model, and how the shop comes to use it."""
    rows = "\n".join(
        f"| {key} | `{m.template}`{', enable_thinking: false' if m.thinks else ''} | {m.note} |"
        for key, m in MODELS.items()
    )
    thinking = "--default-chat-template-kwargs '{\"enable_thinking\": false}'"
    return f"""# Train, serve, switch

| model | template | |
|---|---|---|
{rows}

Train and merge, in this folder (`pip install llamafactory`):

```sh
llamafactory-cli train llamafactory/qwen3-4b-instruct-2507/train.yaml
llamafactory-cli export llamafactory/qwen3-4b-instruct-2507/merge.yaml
```

Serve in one of these ways:

```sh
# vLLM with the LoRA adapter beside its base; for qwen3-8b add {thinking}
vllm serve Qwen/Qwen3-4B-Instruct-2507 --enable-lora --max-lora-rank 16 \\
  --lora-modules kefu-tuned=saves/qwen3-4b-instruct-2507/lora --port 8000
# vLLM with the merged model
vllm serve saves/qwen3-4b-instruct-2507/merged --served-model-name kefu-tuned --port 8000
# Ollama, from the merged safetensors
printf 'FROM ./saves/qwen3-4b-instruct-2507/merged\\n' > Modelfile && ollama create kefu-tuned -f Modelfile
# LLaMA-Factory's own API (to try it; it constrains nothing)
API_PORT=8001 llamafactory-cli api llamafactory/qwen3-4b-instruct-2507/api.yaml
```

Then measure before you switch: add the server as an upstream of the shop (admin page Models), run
`./kefu eval ladder --base BASE --tuned kefu-tuned` and `./kefu finetune report`. If the gates hold, point the alias
`kefu` at it (a share of conversations first), or add it in Dify as a model of the provider Kefu. From the next turn on
{name} answers with it.
"""
