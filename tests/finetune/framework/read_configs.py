"""Has the installed LLaMA-Factory read a prepared folder: `python read_configs.py FOLDER MODEL OUT.json [KEY…]`.

MODEL is a tiny model that stands in for each base model. What the framework understood goes to OUT.json.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import yaml

IGNORED = -100


def main(folder: Path, model: str, keys: list[str]) -> dict[str, Any]:
    os.chdir(folder)
    return {key: read_model(key, model) for key in keys or sorted(p.name for p in Path("llamafactory").glob("q*"))}


def read_model(key: str, model: str) -> dict[str, Any]:
    from llamafactory.data import TEMPLATES
    from llamafactory.hparams import get_infer_args

    files = Path("llamafactory") / key
    understood: dict[str, Any] = {"train": read_training(load(files / "train.yaml"), model)}
    for name in ("merge", "chat", "api"):
        loaded = load(files / f"{name}.yaml")
        arguments, data, tuning, _ = get_infer_args(loaded | {"model_name_or_path": model})
        understood[name] = {
            "template": data.template if data.template in TEMPLATES else None,
            "thinking": getattr(data, "enable_thinking", None),
            "adapter": arguments.adapter_name_or_path,
            "model": loaded["model_name_or_path"],
            "export": arguments.export_dir,
            "tuning": tuning.finetuning_type,
        }
    understood["webui"] = read_webui(next(Path.cwd().glob(f"*config/{key}-webui.yaml")), model)
    return understood


def load(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def parse(config: dict[str, Any], model: str):
    """``get_train_args`` of a configuration as it stands, but for the model and this machine's missing GPU. A tiny
    tokenizer makes more tokens than a real one: nothing may be cut."""
    from llamafactory.hparams import get_train_args

    here = {"model_name_or_path": model, "use_cpu": True, "preprocessing_num_workers": 1, "cutoff_len": 16_384}
    return get_train_args(config | here)


def read_training(config: dict[str, Any], model: str) -> dict[str, Any]:
    """The rows as the framework would train on them: for each split the whole text, and the part that is learnt."""
    from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
    from llamafactory.model import load_tokenizer

    arguments, data, training, tuning, _ = parse(config, model)
    module = load_tokenizer(arguments)
    template = get_template_and_fix_tokenizer(module["tokenizer"], data)
    sets = get_dataset(template, arguments, data, training, stage="sft", **module)
    decode = module["tokenizer"].decode
    rows = {
        name: [
            [
                decode(row["input_ids"], skip_special_tokens=False),
                decode([token for token in row["labels"] if token != IGNORED], skip_special_tokens=False),
            ]
            for row in found
        ]
        for name, found in (("train", sets["train_dataset"]), ("valid", sets["eval_dataset"]))
    }
    return {"values": values(data, training, tuning), "rows": rows}


def values(data, training, tuning) -> dict[str, Any]:
    """What must be the same from the command line and from the web UI."""
    return {
        "template": data.template,
        "thinking": getattr(data, "enable_thinking", None),
        "dataset": data.dataset,
        "eval_dataset": data.eval_dataset,
        "dataset_dir": data.dataset_dir,
        "mask_history": data.mask_history,
        "learning_rate": training.learning_rate,
        "epochs": training.num_train_epochs,
        "batch": training.per_device_train_batch_size,
        "accumulation": training.gradient_accumulation_steps,
        "schedule": str(training.lr_scheduler_type),
        "bf16": training.bf16,
        "lora": [tuning.lora_rank, tuning.lora_alpha, tuning.lora_dropout, tuning.lora_target],
    }


def read_webui(file: Path, model: str) -> dict[str, Any]:
    """The web UI's own way: its fields, “Load arguments”, then the arguments that Start would train with."""
    import gradio
    from llamafactory.webui.common import DEFAULT_CONFIG_DIR
    from llamafactory.webui.components import create_top, create_train_tab
    from llamafactory.webui.control import get_model_info
    from llamafactory.webui.engine import Engine

    engine = Engine()
    with gradio.Blocks():
        engine.manager.add_elems("top", create_top())
        engine.manager.add_elems("train", create_train_tab(engine))
    fields = {field: getattr(field, "value", None) for field in engine.manager.get_elem_list()}
    fields |= engine.runner.load_args("en", str(file))
    listed = fields[engine.manager.get_elem_by_id("top.model_name")]
    fields[engine.manager.get_elem_by_id("train.output_dir")] = "kefu"
    path, template = get_model_info(listed)
    _, data, training, tuning, _ = parse(engine.runner._parse_train_args(fields), model)
    offered = file.parent.name == DEFAULT_CONFIG_DIR
    return {"listed": [path, template], "offered": offered, "values": values(data, training, tuning)}


if __name__ == "__main__":
    found = main(Path(sys.argv[1]), sys.argv[2], sys.argv[4:])
    Path(sys.argv[3]).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
