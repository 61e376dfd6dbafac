"""Rules from CSV, Excel, YAML, JSON Lines, or the Python list that people start with."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection

from kefu.core.handoff import REASONS
from kefu.core.rules import Rule, check_rule
from kefu.core.rules.record import from_record, to_record
from kefu.errors import BadInput, NotFound
from kefu.jobs.imports import Column, ImportKind
from kefu.jobs.kinds.cells import read_all
from kefu.jobs.tables import TableRow, decode, read_table
from kefu.store.rules import delete_rules, list_rules, save_rules

_LINES = "several: one a line in the cell, or separated by ||"
_WORDS = "several: separated by | or 、 or one a line"
_REASONS = "、".join(f"{reason}={label}" for reason, label in REASONS.items())
_GROUPS = f"{_WORDS}; || between keyword patterns of one rule"

COLUMNS = (
    Column("id", "name of the rule; empty = made from its patterns", aliases=("编号", "规则", "rule_id")),
    Column("sentences", f"whole messages; {_LINES}", aliases=("句子", "sentence", "问法")),
    Column("regexes", f"regular expressions; {_LINES}", aliases=("正则", "regex", "pattern", "patterns")),
    Column("keywords_all", f"all of these words; {_GROUPS}", aliases=("全部关键词", "all")),
    Column("keywords_any", f"at least one of these words; {_GROUPS}", aliases=("任一关键词", "关键词", "any")),
    Column("keywords_none", f"silent if one of these words is there; {_WORDS}", aliases=("排除关键词", "none")),
    Column("replies", f"reply variants with {{customer}} {{order_no}} {{product}} {{time}}; {_LINES}",
           aliases=("回复", "reply", "answer", "话术")),
    Column("priority", "whole number, higher is asked first (0)", aliases=("优先级",)),
    Column("channels", f"only on these channels; {_WORDS}", aliases=("渠道", "channel")),
    Column("products", f"only for these products; {_WORDS}", aliases=("商品", "product")),
    Column("hours", "daily window such as 09:00-18:00 or 22:00-08:00", aliases=("时段",)),
    Column("days", "first and last day such as 2026-11-01..2026-11-11", aliases=("日期",)),
    Column("first_message", "yes = only as the first message of a conversation", aliases=("仅首句",)),
    Column("enabled", "no = kept but silent (yes)", aliases=("启用",)),
    Column("cooldown_s", "seconds until it may fire again in one conversation (0)", aliases=("冷却秒数", "cooldown")),
    Column("action", f"hand_off:REASON (转人工:原因), set_topic:TOPIC or ask:SLOT; reasons: {_REASONS}; none = policy",
           aliases=("动作",)),
    Column("note", "for the people who keep the rules", aliases=("备注",)),
)  # fmt: skip

_NAMES = {alias.lower(): column.name for column in COLUMNS for alias in (column.name, *column.aliases)}
_FLAGS = {
    "": None,
    "yes": True,
    "true": True,
    "1": True,
    "是": True,
    "no": False,
    "false": False,
    "0": False,
    "否": False,
}


def parse(cells: Mapping[str, str]) -> list[Rule]:
    """One row as one rule, its patterns checked. Raises BadInput with every reason."""
    try:
        return [_rule(cells)]
    except BadInput:
        _tell_all(cells)
        raise  # what only the whole row shows


def _rule(cells: Mapping[str, str]) -> Rule:
    rule = from_record(_record(cells))
    check_rule(rule)
    return rule


def _patterns(cells: Mapping[str, str]) -> list[dict[str, Any]]:
    patterns: list[dict[str, Any]] = [{"sentence": text} for text in _lines(cells["sentences"])]
    patterns += [{"regex": text} for text in _lines(cells["regexes"])]
    keywords = _keywords(cells["keywords_all"], cells["keywords_any"])
    if keywords is None:
        raise BadInput(
            "keywords_all and keywords_any hold different numbers of keyword patterns.",
            "Write as many || in one as in the other.",
        )
    return patterns + [{"all": every, "any": some} for every, some in keywords]


def _record(cells: Mapping[str, str]) -> dict[str, Any]:
    patterns = _patterns(cells)
    return {
        "id": cells["id"] or _made_id(patterns),
        "patterns": patterns,
        "replies": _lines(cells["replies"]),
        "none": _words(cells["keywords_none"]),
        "channels": _words(cells["channels"]),
        "products": _words(cells["products"]),
        **{name: _number(name, cells[name]) for name in ("priority", "cooldown_s")},
        **{name: cells[name] for name in ("hours", "days", "action", "note")},
        **{name: _flag(name, cells[name]) for name in ("first_message", "enabled")},
    }


def _tell_all(cells: Mapping[str, str]) -> None:
    """Raises BadCells with all that is wrong: each part of the row is tried in a rule whose other parts are good."""

    name = "row" if set(cells["id"]) & set(" |") else cells["id"][:64] or "row"

    def tried(**part: Any) -> None:
        check_rule(from_record({"id": name, "patterns": ["好"], "replies": ["好"], **part}))

    def all_patterns() -> None:
        patterns = _patterns(cells)
        read_all(**{str(at): partial(tried, patterns=[one]) for at, one in enumerate(patterns)})
        tried(patterns=patterns)

    read_all(
        id=lambda: tried(id=cells["id"] or name),
        patterns=all_patterns,
        replies=lambda: tried(replies=_lines(cells["replies"]), action="ask:x" if cells["action"] else ""),
        **{name: partial(lambda name: tried(**{name: cells[name]}), name) for name in ("hours", "days", "action")},
        **{n: partial(lambda n: tried(**{n: _number(n, cells[n])}), n) for n in ("priority", "cooldown_s")},
        **{name: partial(_flag, name, cells[name]) for name in ("first_message", "enabled")},
    )


def dump(rule: Rule) -> dict[str, str]:
    """The row that `parse` reads back as the same rule, its patterns in the order of the columns."""
    record = to_record(rule)
    keywords = [pattern for pattern in rule.patterns if pattern.kind == "keywords"]
    row = {column.name: str(record.get(column.name, "")) for column in COLUMNS}
    row["sentences"] = _written([p.text for p in rule.patterns if p.kind == "sentence"], "\n", _lines)
    row["regexes"] = _written([p.text for p in rule.patterns if p.kind == "regex"], "\n", _lines)
    row["keywords_all"], row["keywords_any"] = _written_keywords([(p.all, p.any) for p in keywords])
    row["keywords_none"] = _written(rule.none, "|", _words)
    row["replies"] = _written(rule.replies, "\n", _lines)
    row["channels"], row["products"] = (_written(n, "|", _words) for n in (rule.scope.channels, rule.scope.products))
    row["first_message"], row["enabled"] = "yes" if rule.scope.first_message else "", "" if rule.enabled else "no"
    return row


def _written(items: Sequence[str], between: str, reads: Callable[[str], list[str]]) -> str:
    """A cell for ``items``: as people write it, or a JSON list where that would read back as something else."""
    plain = between.join(items)
    return plain if reads(plain) == list(items) else json.dumps(list(items), ensure_ascii=False)


def _written_keywords(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> tuple[str, str]:
    """The two cells of the keyword patterns, likewise."""
    every, some = ("||".join("|".join(pair[at]) for pair in pairs) for at in (0, 1))
    plain = every if every.strip("|") else "", some if some.strip("|") else ""
    if _keywords(*plain) == [(list(a), list(b)) for a, b in pairs]:
        return plain
    return json.dumps([a for a, _ in pairs], ensure_ascii=False), json.dumps([b for _, b in pairs], ensure_ascii=False)


def read(path: Path) -> Iterator[TableRow]:
    """`read_table`, but lists in YAML and JSON keep ``|`` as it is, and ``.py`` holds a Python list of rules."""
    suffix = path.suffix.lower()
    if suffix not in (".py", ".yaml", ".yml", ".jsonl"):
        yield from read_table(path)
        return
    if not path.is_file():
        raise NotFound(f"There is no file {path}.", "Check the path.")
    rows = read_python(decode(path), path.name) if suffix == ".py" else _read_records(path, suffix)
    for number, row in rows:
        if not isinstance(row, dict) or not all(isinstance(name, str) for name in row):
            raise BadInput(f"{path.name} row {number}: expected names and values.", "Write each row as a mapping.")
        cells = dict.fromkeys((column.name for column in COLUMNS), "")
        cells.update((_NAMES.get(name.lower(), name), _cell(value)) for name, value in row.items())
        yield TableRow(number, cells)


def _read_records(path: Path, suffix: str) -> Iterator[tuple[int, Any]]:
    text, at = decode(path), 0
    try:
        if suffix != ".jsonl":
            rows = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or []
            yield from enumerate(rows if isinstance(rows, list) else [rows], start=1)
            return
        for at, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                yield at, json.loads(line)
    except (yaml.YAMLError, json.JSONDecodeError) as error:
        where = f" line {at}" if at else ""
        raise BadInput(f"{path.name}{where}: not readable ({error}).", "Check quotes and brackets.") from error


def read_python(text: str, name: str = "rules.py") -> Iterator[tuple[int, dict[str, Any]]]:
    """Rules of Python source, which is parsed, never run: the first list or dict of patterns in it.

    ``[("regex", "reply"), …]``, ``[{"pattern": …, "reply": …}, …]``, ``{"regex": "reply"}``, or a list of patterns
    with a `reply = "…"` beside it; `re.compile(r"…")` stands for its text.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise BadInput(f"{name} line {error.lineno}: not Python ({error.msg}).", "Paste the list as it ran.") from error
    shared = _shared_reply(tree)
    for node in tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr) else None
        if isinstance(value, ast.Dict):
            pairs: list[tuple[ast.expr, Any]] = [
                (key, [key, reply]) for key, reply in zip(value.keys, value.values, strict=True) if key
            ]
        elif isinstance(value, ast.List | ast.Tuple | ast.Set):
            pairs = [(item, item) for item in value.elts]
        else:
            continue
        for at, item in pairs:
            yield at.lineno, _python_row(item, shared, name, at.lineno)


def _shared_reply(tree: ast.Module) -> str:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return node.value.value
    return ""


def _python_row(item: Any, shared: str, name: str, line: int) -> dict[str, Any]:
    value = [_literal(part, name, line) for part in item] if isinstance(item, list) else _literal(item, name, line)
    if isinstance(value, str):
        value = [value, shared]
    if isinstance(value, list | tuple) and len(value) == 2:
        patterns, reply = ([part] if isinstance(part, str) else part for part in value)
        return {"regexes": patterns, "replies": reply}
    if isinstance(value, dict):
        return value
    raise BadInput(f"{name} line {line}: expected a pattern and a reply.", 'Write ("^请发货$", "谢谢……").')


def _literal(node: ast.AST, name: str, line: int) -> Any:
    """The value of a literal; `re.compile(X, …)` is X."""
    if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in ("re.compile", "compile"):
        return _literal(node.args[0], name, line)
    if isinstance(node, ast.Tuple | ast.List):
        return [_literal(part, name, line) for part in node.elts]
    if isinstance(node, ast.Dict):
        keys = [_literal(key, name, line) for key in node.keys if key is not None]
        return dict(zip(keys, (_literal(value, name, line) for value in node.values), strict=True))
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError) as error:
        raise BadInput(
            f"{name} line {line}: only texts, lists and dicts are read.", "Write the text itself."
        ) from error


def _cell(value: Any) -> str:
    """A value of YAML, JSON or Python as a cell; a list as JSON, so that its texts stay as they are."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        nested = any(isinstance(item, list | tuple) for item in value)
        texts = [[_cell(part) for part in item] for item in value] if nested else [_cell(item) for item in value]
        return json.dumps(texts, ensure_ascii=False)
    return str(value).strip()


def _lines(cell: str) -> list[str]:
    listed = _json_list(cell)
    if listed is not None:
        return [text for text in listed if text.strip()]
    return [line.strip() for part in cell.splitlines() for line in part.split("||") if line.strip()]


def _words(cell: str) -> list[str]:
    listed = _json_list(cell)
    if listed is not None:
        return [word.strip() for word in listed if word.strip()]
    return [word.strip() for line in cell.splitlines() for word in line.replace("、", "|").split("|") if word.strip()]


def _keywords(every: str, some: str) -> list[tuple[list[str], list[str]]] | None:
    """Keyword patterns of the two cells, the first of one with the first of the other; None if they do not pair up."""
    groups = _groups(every), _groups(some)
    count = max(map(len, groups))
    if all(map(any, groups)) and min(map(len, groups)) != count:
        return None
    filled = [[*group, *[[]] * (count - len(group))] for group in groups]
    return [(a, b) for a, b in zip(*filled, strict=True) if a or b]


def _groups(cell: str) -> list[list[str]]:
    try:
        listed = json.loads(cell) if cell.startswith("[[") else None
    except json.JSONDecodeError:
        listed = None
    if isinstance(listed, list) and all(isinstance(group, list) for group in listed):
        return [[str(word) for word in group] for group in listed]
    if _json_list(cell) is not None:
        return [_words(cell)]
    return [_words(part) for part in cell.split("||")] if cell else []


def _json_list(cell: str) -> list[str] | None:
    """The texts of a cell that is a JSON list of texts; None for any other cell."""
    if not (cell.startswith("[") and cell.endswith("]")):
        return None
    try:
        listed = json.loads(cell)
    except json.JSONDecodeError:
        return None
    return listed if isinstance(listed, list) and all(isinstance(item, str) for item in listed) else None


def _number(name: str, cell: str) -> int:
    try:
        return int(cell or 0)
    except ValueError as error:
        raise BadInput(f"{name} “{cell}” is not a whole number.", f"Write {name} as a number, e.g. 10.") from error


def _flag(name: str, cell: str) -> bool | None:
    try:
        return _FLAGS[cell.lower()]
    except KeyError as error:
        raise BadInput(f"{name} “{cell}” is neither yes nor no.", "Write yes, no, 是 or 否.") from error


def _made_id(patterns: list[dict[str, Any]]) -> str:
    digest = hashlib.sha256(json.dumps(patterns, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    return f"r{digest[:10]}"


def load(connection: Connection, shop_id: int) -> dict[str, Rule]:
    """By id; patterns in the order of the columns, so that what was exported compares as the same."""
    kinds = ("sentence", "regex", "keywords")
    return {
        rule.id: replace(rule, patterns=tuple(sorted(rule.patterns, key=lambda pattern: kinds.index(pattern.kind))))
        for rule in list_rules(connection, shop_id)
    }


def save(connection: Connection, shop_id: int, rules: list[Rule]) -> None:
    if rules:
        save_rules(connection, shop_id, rules)


KIND = ImportKind(
    name="rules",
    help="what is answered without a model: sentences, keywords or regular expressions, and the reply",
    columns=COLUMNS,
    parse=parse,
    key=lambda rule: rule.id,
    load=load,
    save=save,
    remove=lambda c, s, rules: delete_rules(c, s, [rule.id for rule in rules]),
    dump=dump,
    reader=read,
)
