"""`./kefu classify`: the intents of a file of sentences."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from kefu.core.intents import IntentModel
from kefu.errors import NotFound
from kefu.jobs.labelled import read_texts
from kefu.jobs.output import write_whole

EVERY = 1_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="FILE", type=Path, required=True, help="from `./kefu train`")
    parser.add_argument("--data", metavar="FILE", type=Path, required=True, help='rows {"text"}')
    parser.add_argument(
        "--out", metavar="FILE", type=Path, required=True, help='rows {"text", "label", "confidence", "unknown"}'
    )


def run(args: argparse.Namespace) -> int:
    model = load_model(args.model)
    texts = read_texts(args.data)
    lines: list[bytes] = []
    unknown = 0
    for number, text in enumerate(texts, start=1):
        found = model.classify(text)
        row = {
            "text": text,
            "label": found.label,
            "confidence": round(found.confidence, 4),
            "unknown": found.unknown,
        }
        lines.append(_line(row))
        unknown += found.unknown
        if number % EVERY == 0:
            print(f"classify: {number} of {len(texts)}", file=sys.stderr, flush=True)
    write_whole(args.out, b"".join(lines))
    print(f"{len(texts)} rows, {unknown} unknown: {args.out}")
    return 0


def _line(row: dict) -> bytes:
    """One line of JSON Lines; half a surrogate pair, which UTF-8 cannot hold, stays an escape."""
    try:
        return json.dumps(row, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(row).encode() + b"\n"


def load_model(path: Path) -> IntentModel:
    """Raises NotFound, or BadInput for a file that is no model."""
    if not path.is_file():
        raise NotFound(f"There is no model {path}.", "Make one with `./kefu train`.")
    return IntentModel.from_bytes(path.read_bytes())
