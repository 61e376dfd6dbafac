"""`./kefu reference`: write the pages that are made from the code: commands, settings, HTTP, import files."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import yaml

from kefu.cli import COMMANDS, build_parser
from kefu.cli.imports import describe
from kefu.clock import make_clock
from kefu.engine import TOOLS, Engine, fields_of
from kefu.engine.tools import FIELDS
from kefu.jobs.kinds import KINDS
from kefu.settings import SETTINGS, load_settings
from kefu.store.db import Database
from kefu.web.app import create_app
from kefu.web.openapi import describe as describe_http

ROOT = Path(__file__).resolve().parents[3]
_NOTE = "<!-- Made by `./kefu reference`; edit the code, not this page. -->"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing, fail if a page is stale")


def run(args: argparse.Namespace) -> int:
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if not args.check:
            path.write_text(pages()[path], encoding="utf-8")
        print(f"{'stale' if args.check else 'written'}: {path.relative_to(ROOT)}")
    return 1 if stale and args.check else 0


def pages() -> dict[Path, str]:
    """Path → text of every page that is made from the code."""
    return {
        ROOT / "docs" / "commands.md": _commands(),
        ROOT / "docs" / "settings.md": _settings(),
        ROOT / "docs" / "http.md": _http(),
        ROOT / "docs" / "import-files.md": _import_files(),
    }


def _commands() -> str:
    os.environ["COLUMNS"] = "110"  # argparse wraps to the terminal; the page must not depend on it
    parser = build_parser()
    actions = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    parts = ["# Commands", "", _NOTE, ""]
    for command in COMMANDS:
        parts += [f"## {command.name}", "", "```text", actions.choices[command.name].format_help().rstrip(), "```", ""]
    return "\n".join(parts)


def _settings() -> str:
    rows = [
        f"| `KEFU_{s.name.upper()}` | {'~/.kefu' if s.name == 'data_dir' else s.default or '–'} | {s.help} |"
        for s in SETTINGS
    ]
    head = ["# Settings", "", _NOTE, "", "| environment variable | default | meaning |", "|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _http() -> str:
    settings = load_settings({}, database_url="sqlite://")
    app = create_app(Engine(Database(settings.database_url), settings, make_clock(settings)))
    spec = describe_http(app)
    rows = [
        f"| `{method.upper()} {path}` | {_cell(operation['summary'])} |"
        for path, operations in spec["paths"].items()
        for method, operation in operations.items()
    ]
    head = ["# HTTP", "", _NOTE, "", "The same as OpenAPI: `GET /openapi.json`.", "", "| call | does |", "|---|---|"]
    return "\n".join([*head, *rows, "", *_tool_fields(), "", *_tool_answers(), ""])


def _tool_fields() -> list[str]:
    rows = []
    for field, meaning in FIELDS.items():
        takers = [tool for tool in TOOLS if field in fields_of(tool)]
        rows.append(f"| `{field}` | {'all' if len(takers) == len(TOOLS) else ', '.join(takers)} | {_cell(meaning)} |")
    said = "`POST /tools/{name}` takes a JSON object of these texts; each may be left out, others are ignored."
    head = ["## Fields of the tools' requests", "", said, "", "| field | tools | meaning |", "|---|---|---|"]
    return ["## A tool's call", "", *_CALL.splitlines(), "", *head, *rows]


_CALL = """Every call but `/healthz`, `/readyz`, `/metrics` and `/openapi.json` needs `Authorization: Bearer TOKEN`, the
token that `./kefu shop create` (or `shop token`) printed; without it the answer is 401.

```sh
curl -s http://127.0.0.1:8790/tools/understand \\
  -H "Authorization: Bearer $KEFU_TOKEN" -H "Content-Type: application/json" \\
  -d '{"query": "薄玉蓝牙键盘粉色有吗", "conversation_id": "c-1", "channel": "web"}'
```

```json
{"route": "stock", "intent": "stock_query", "confidence": 0.9925, "needs_llm": false, "reply":
 "您好，青键 薄玉 蓝牙键盘（粉色）有现货，目前库存40把（杭州仓28把、成都仓12把，库存更新于11月20日9:30）。",
 "context": "", "slots": {
   "product": {"value": "键盘", "normalised": "键盘", "source": "turn", "type": "product"},
   "颜色": {"value": "粉色", "normalised": "粉色", "source": "turn", "type": "attribute"}},
 "missing": [], "ask": "", "matched": false, "rule_id": "", "found": true, "available": true, "quantity": 40,
 "as_of": "2026-11-20T01:30:00+00:00", "delivery": "", "emotion": "calm", "handed_off": false, "handoff_reason": "",
 "reason": "product exact by name", "query": "薄玉蓝牙键盘粉色有吗"}
```"""


_ANSWERED = """Every field of a tool is in each of its answers; what there is nothing of is `""`, `0`, `false`, `[]`
or `{}`.

`needs_llm` is false: say `reply` (nothing, if it is empty). `needs_llm` is true: let a language model write the
answer from `context`, which holds the voice, the rules of honesty and the facts; `reply` is then what is said
without a model: the text of the entry that fits best, or that nothing is known and a person can help. `missing` is
not empty: `reply` asks for it (`ask` is the question alone), and the next message of the same `conversation_id` is
taken for the answer. `handed_off` is true: this turn has called a person, `handoff_reason` says why. From then on
`route` is `human_active`, `handed_off` false, and `reply` the desk's sentence for those who wait or nothing, until
somebody gives the conversation back with `POST /handoffs/ID/resolve` (`GET /handoffs` has the ids; [more](handoff.md)).

A failure is a status of 4xx or 5xx with `{"error": {"code", "message", "hint"}}`, never a `reply`."""


def _tool_answers() -> list[str]:
    """What the tools send back, as their declarations for Dify say it; a test compares these with the answers."""
    takers: dict[str, list[str]] = {}
    said: dict[str, dict[str, str]] = {}
    for tool in TOOLS:
        declared = yaml.safe_load((ROOT / "tools" / f"{tool}.yaml").read_text(encoding="utf-8"))
        for field, schema in declared["output_schema"]["properties"].items():
            takers.setdefault(field, []).append(tool)
            said.setdefault(field, schema)
    rows = []
    for field, tools in takers.items():
        meaning = said[field]["description"].partition(" · ")[0]
        whose = "all" if len(tools) == len(TOOLS) else ", ".join(tools)
        rows.append(f"| `{field}` | {said[field]['type']} | {whose} | {_cell(meaning)} |")
    head = ["## Fields of the tools' answers", "", *_ANSWERED.splitlines(), ""]
    return [*head, "| field | type | tools | meaning |", "|---|---|---|---|", *rows]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _import_files() -> str:
    parts = [
        "# Import files",
        "",
        _NOTE,
        "",
        "`./kefu import KIND FILE` reads CSV (UTF-8 or GBK), XLSX, JSON Lines, YAML. What is wrong is an error",
        "and keeps the file from being written. What may be a slip, such as stock of a SKU that no product has,",
        "is taken with a warning, as files may come in any order.",
        "",
        "A file that comes again changes rows and adds new ones. What it has no more stays, unless it is imported with",
        "`--prune`; `--preview` shows what would go. Orders, intents, voice and identity lose nothing by a file.",
        "",
        "Below the columns of each kind stands a sample of an invented shop, to copy and fill in; headers may be",
        "English or Chinese, in any order. `./kefu import --help KIND` prints the same.",
        "",
    ]
    for kind in KINDS.values():
        parts += [f"## {kind.name}", "", "```text", describe(kind), "```", ""]
    return "\n".join(parts)
