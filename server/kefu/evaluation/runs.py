"""A run of the ladder as it is saved: every row of every rung, so that any figure can be made again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import orjson

from kefu.errors import BadInput
from kefu.evaluation.measured import SECTIONS, Measured, Price, Row, figures_of
from kefu.jobs.output import write_whole

FORMAT = 1
"""Number of this file's form; another is refused."""


@dataclass(frozen=True, slots=True)
class Run:
    """``set``: digest of the frozen set; ``learnt``: sentences that could be learnt from; ``prices`` by upstream.

    ``left_out``: (section, rung, why) of what could not be measured.
    """

    shop: str
    set: str
    learnt: int
    measured: tuple[Measured, ...]
    prices: Mapping[str, Price] = field(default_factory=dict)
    currency: str = ""
    left_out: tuple[tuple[str, str, str], ...] = ()

    def rungs(self, section: str) -> dict[str, Measured]:
        """The rungs of one section by name, in the order in which they were climbed."""
        return {one.rung: one for one in self.measured if one.section == section}

    def price_of(self, measured: Measured) -> Price:
        return self.prices.get(measured.model, Price())


def write_run(path: Path, run: Run) -> None:
    """As JSON, with the figures for people and other programs. Raises BadInput if it cannot be written."""
    value = {
        "format": FORMAT,
        "shop": run.shop,
        "set": run.set,
        "learnt": run.learnt,
        "currency": run.currency,
        "prices": {name: [price.prompt, price.completion] for name, price in run.prices.items()},
        "left_out": run.left_out,
        "measured": [
            {
                "section": one.section,
                "rung": one.rung,
                "model": one.model,
                "figures": {f.name: [f.value, f.low, f.high, f.total] for f in figures_of(one, run.price_of(one))},
                "rows": [_plain(row) for row in one.rows],
            }
            for one in run.measured
        ],
    }
    write_whole(path, orjson.dumps(value, option=orjson.OPT_INDENT_2))


def _plain(row: Row) -> dict[str, Any]:
    """Members that say something: a default is left out."""
    empty = Row("", "", "", right=False)
    values = {f.name: getattr(row, f.name) for f in fields(Row)}
    kept = ("ask", "want", "got", "right")
    return {name: value for name, value in values.items() if name in kept or value != getattr(empty, name)}


def read_run(path: Path) -> Run:
    """Raises BadInput for anything that `eval ladder --json` did not write."""
    try:
        value = json.loads(path.read_bytes())
        if value["format"] != FORMAT:
            raise BadInput(f"{path} has another form ({value['format']}).", "Measure again with this version.")
        return Run(
            value["shop"],
            value["set"],
            value["learnt"],
            tuple(_measured(one) for one in value["measured"]),
            {name: Price(*price) for name, price in value["prices"].items()},
            value["currency"],
            tuple(tuple(one) for one in value["left_out"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"{path} is no saved run ({error}).", "Write one with `./kefu eval ladder --json FILE`."
        ) from error


def _measured(value: Mapping[str, Any]) -> Measured:
    if value["section"] not in SECTIONS:
        raise ValueError(f"unknown section {value['section']}")
    tuples = ("invented", "again", "near")
    rows: list[dict[str, Any]] = [{n: tuple(v) if n in tuples else v for n, v in r.items()} for r in value["rows"]]
    return Measured(value["section"], value["rung"], value["model"], tuple(Row(**row) for row in rows))
