"""`./kefu rules test|lint|list|stats`."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from kefu.cli.context import add_shop_argument, open_database, open_shop, settings_of
from kefu.clock import make_clock, parse_moment
from kefu.core.rules import MatchContext
from kefu.core.rules.explain import report, try_message
from kefu.core.rules.lint import lint
from kefu.store import rules as store
from kefu.store.knowledge import list_questions
from kefu.store.rule_sets import load_rules

_ACTIONS = (
    ("test", "which rule fires on a message, and why the others do not"),
    ("lint", "refused, shadowed, conflicting and never-fired rules; status 1 on errors (for CI)"),
    ("list", "the rules in the order in which they are asked"),
    ("stats", "how often each rule fired"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="test|lint|list|stats")
    for name, help_text in _ACTIONS:
        action = actions.add_parser(name, help=help_text, description=help_text)
        add_shop_argument(action)
        action.add_argument("--json", action="store_true", help="print JSON")
    test = actions.choices["test"]
    test.add_argument("text", nargs="+", metavar="MESSAGE", help="what a customer types")
    test.add_argument("--channel", default="", help="the channel that it comes from")
    test.add_argument("--product", default="", help="id or name of the product that it is about")
    test.add_argument("--now", default="", metavar="ISO", help="the time of the message (default: now)")
    test.add_argument("--first", action="store_true", help="it is the first message of a conversation")
    actions.choices["lint"].add_argument("--strict", action="store_true", help="status 1 on warnings too")


def run(args: argparse.Namespace) -> int:
    db = open_database(args)
    shop = open_shop(db, args)
    with db.read() as connection:
        ruleset, _ = load_rules(connection, shop.id)
        hits = store.list_hits(connection, shop.id)
        questions = list_questions(connection, shop.id) if args.action == "lint" else {}
    db.close()
    if args.action == "test":
        return _test(args, ruleset)
    if args.action == "lint":
        return _lint(args, ruleset, hits, questions)
    rows: list[dict[str, Any]] = [
        {"id": r.id, "priority": r.priority, "enabled": r.enabled, "patterns": [p.label for p in r.patterns]}
        | {"fired": hits[r.id].count if r.id in hits else 0}
        for r in ruleset
    ]
    if args.action == "stats":
        rows.sort(key=lambda row: -row["fired"])
    _show(args, rows, lambda r: f"{r['fired']:>6}  {r['id']}  {' · '.join(r['patterns'])[:80]}")
    return 0


def _test(args: argparse.Namespace, ruleset) -> int:
    settings = settings_of(args)
    now = parse_moment(args.now, ZoneInfo(settings.timezone)) if args.now else make_clock(settings)()
    context = MatchContext(args.channel, (args.product,) if args.product else (), now, args.first)
    reports = [report(try_message(ruleset, text, context)) for text in args.text]
    _show(args, reports, _as_text)
    return 0 if all(row["matched"] for row in reports) else 1


def _lint(args: argparse.Namespace, ruleset, hits, questions) -> int:
    findings = [asdict(finding) for finding in lint(ruleset, hits or None, questions)]
    _show(args, findings, lambda f: f"{f['level']} {f['code']} {f['rule_id']}: {f['message']} {f['hint']}")
    if not args.json:
        print(f"{len(ruleset)} rules, {len(findings)} findings")
    bad = ("error", "warning") if args.strict else ("error",)
    return 1 if any(finding["level"] in bad for finding in findings) else 0


def _show(args: argparse.Namespace, rows: list[dict[str, Any]], line) -> None:
    if args.json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        print(line(row))


def _as_text(row: dict[str, Any]) -> str:
    lines = [f"message     {row['text']}", f"normalised  {row['normalised']}"]
    if row["matched"]:
        lines.append(f"fired       {row['rule_id']} by {row['pattern_kind']} “{row['pattern']}”")
        lines.append(f"matched     “{row['matched_text']}” at {row['span'][0]}–{row['span'][1]}")
        lines.extend(f"reply       {reply}" for reply in row["replies"])
        lines.extend([f"action      {row['action']}"] if row["action"] else [])
    else:
        lines.append("fired       no rule")
    lines.extend(f"near        {miss['rule_id']} “{miss['pattern']}”: {miss['reason']}" for miss in row["near_misses"])
    lines.extend(f"blocked     {name}: {reason}" for name, reason in row["blocked"].items())
    for name in ("shadowed", "conflicts", "slow"):
        lines.extend([f"{name:<11} {', '.join(row[name])}"] if row[name] else [])
    return "\n".join(lines)
