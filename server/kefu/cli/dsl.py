"""`./kefu dsl render|check|list`: the app files for a Dify version, and what would break in one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kefu.cli.context import add_shop_argument, open_database, open_shop
from kefu.core.rules import Rule
from kefu.dify.dsl.check import check_text
from kefu.dify.dsl.finding import Expected
from kefu.dify.dsl.render import render, stale_files, to_yaml, write_files
from kefu.dify.dsl.rules_as_code import RuleRow, rows_of_rules
from kefu.dify.dsl.source import app_names, load_app
from kefu.dify.dsl.versions import default_version, version_for, versions
from kefu.errors import BadInput
from kefu.jobs.imports import parse_rows
from kefu.jobs.kinds.rules import KIND
from kefu.store.rules import list_rules


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="render|check|list")
    rendering = actions.add_parser("render", help="write the app files", description="Write the app files.")
    rendering.add_argument(
        "--dify", metavar="X.Y", help="the Dify they are for; without it every committed file is written"
    )
    rendering.add_argument("--app", metavar="NAME", help="only this app")
    rendering.add_argument(
        "--out", metavar="DIR", type=Path, help="folder to write to; without it one app goes to stdout"
    )
    rendering.add_argument("--llm", metavar="MODEL", help="model of the LLM nodes (default kefu-local)")
    rendering.add_argument("--router", metavar="MODEL", help="model of classifier and extractor (default kefu-router)")
    rendering.add_argument("--dataset", action="append", default=[], metavar="SET=ID", help="real dataset id of a set")
    rendering.add_argument("--rules-as-code", action="store_true", help="lesson-2-urge with the rules in a Code node")
    rendering.add_argument(
        "--rules", type=Path, metavar="FILE", help="rule table for that Code node (default: examples)"
    )
    add_shop_argument(rendering)
    rendering.add_argument(
        "--check-fresh", action="store_true", help="write nothing; fail if a committed file is stale"
    )
    checking = actions.add_parser("check", help="refuse what breaks in Dify", description="Refuse what breaks in Dify.")
    checking.add_argument("files", nargs="+", type=Path, metavar="FILE")
    checking.add_argument("--model", action="append", default=[], metavar="NAME", help="a model the target has")
    checking.add_argument("--dataset", action="append", default=[], metavar="ID", help="a dataset the target has")
    actions.add_parser("list", help="the apps and Dify versions", description="The apps and Dify versions.")


def run(args: argparse.Namespace) -> int:
    return {"render": _render, "check": _check, "list": _list}[args.action](args)


def _list(_: argparse.Namespace) -> int:
    for name in app_names():
        app = load_app(name)
        print(f"{name:24} {app.mode:14} {app.name}  {app.about}")
    print("Dify:", ", ".join(f"{row.dify} (DSL {row.dsl})" for row in versions()))
    return 0


def _check(args: argparse.Namespace) -> int:
    default = Expected()
    expected = Expected({*default.models, *args.model}, {*default.datasets, *args.dataset})
    refused = False
    for path in args.files:
        try:
            found = check_text(path.read_text(encoding="utf-8"), expected)
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{path} cannot be read: {error}.") from error
        for finding in found:
            mark = "refused" if finding.fatal else "warning"
            print(f"{path}: {mark}: {finding.where}: {finding.message} [{finding.rule}]")
        refused = refused or any(finding.fatal for finding in found)
        if not found:
            print(f"{path}: ok")
    return 1 if refused else 0


def _render(args: argparse.Namespace) -> int:
    if args.check_fresh:
        for path in stale_files():
            print(f"{path} is stale: run ./kefu dsl render", file=sys.stderr)
        return 1 if stale_files() else 0
    if not (args.dify or args.app or args.out or args.rules_as_code):
        for path in write_files():
            print(path)
        return 0
    version = version_for(args.dify) if args.dify else default_version()
    names = ["lesson-2-urge-code"] if args.rules_as_code else [args.app] if args.app else app_names()
    chosen = {role: name for role, name in (("answer", args.llm), ("router", args.router)) if name}
    datasets = dict(_pair(text) for text in args.dataset)
    for name in names:
        text = to_yaml(render(load_app(name), version, models=chosen, datasets=datasets, rules=_rules(args)))
        if args.out is None and len(names) == 1:
            print(text, end="")
            continue
        folder = args.out or Path(f"dify-{version.dify}")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
        print(folder / f"{name}.yml")
    return 0


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise BadInput(f"--dataset {text} is not SET=ID.", "For example after_sales=3f0c….")
    return name, value


def _rules(args: argparse.Namespace) -> tuple[RuleRow, ...]:
    """The rules for a Code node: of a file, of a shop, or none (the examples)."""
    if args.rules:
        return rows_of_rules(_parsed(args.rules))
    if not (args.shop or args.data):
        return ()
    db = open_database(args)
    shop = open_shop(db, args)
    with db.read() as connection:
        rules = rows_of_rules(list_rules(connection, shop.id))
    db.close()
    return rules


def _parsed(path: Path) -> list[Rule]:
    """The rules of an import file; its first wrong row raises BadInput."""
    items, errors, _ = parse_rows(KIND, path)
    if errors:
        raise BadInput(f"{path} row {errors[0].number}: {errors[0].message}")
    return [rule for _, rule in items]
