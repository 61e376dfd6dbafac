"""`./kefu deploy`: plugins, credentials, knowledge and apps in a Dify, in one command that may be repeated."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from kefu.cli.context import add_shop_argument, open_database, open_shop, settings_of
from kefu.cli.dify_access import add_dify_arguments, dify_url, secret, way_in
from kefu.dify import package
from kefu.dify.compose import compose_text
from kefu.dify.console import Account, Console, make_first_admin, say_nothing, setup_finished
from kefu.dify.deploy import Line, Outcome, Run, Wanted, deploy, roll_back, state_folder
from kefu.dify.dsl.places import REPOSITORY
from kefu.dify.dsl.rules_as_code import rows_of_rules
from kefu.dify.dsl.source import app_names
from kefu.dify.state import State
from kefu.errors import BadInput
from kefu.store.rules import list_rules
from kefu.store.shops import create_token

DEFAULT_APPS = ("kefu-fast", "kefu-classic")
MARKS = {"made": "+", "changed": "~", "kept": "=", "works": "✓", "warned": "!", "failed": "✗", "removed": "-"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_dify_arguments(parser)
    add_shop_argument(parser)
    add = parser.add_argument
    add("--server-url", metavar="URL", help="the kefu server as Dify's containers reach it")
    add("--knowledge-url", metavar="URL", default="", help="the same for knowledge, if Dify's api needs another")
    add(
        "--app", metavar="NAME", action="append", help="app to deploy, repeatable, or `all` (default: fast and classic)"
    )
    add("--llm", metavar="MODEL", help="model of the LLM nodes (default kefu-local)")
    add("--token-file", metavar="FILE", type=Path, help="shop token to use (or KEFU_TOKEN; default: a new one)")
    add(
        "--packages", metavar="PATH", type=Path, help="folder of built .difypkg files, or a bundle (default: built now)"
    )
    add("--sign", metavar="KEY", type=Path, help="sign the packages with this key")
    add("--offline", choices=sorted(package.PLATFORMS), help="packages with wheels, for a Dify without Internet")
    add("--first-admin", action="store_true", help="make the first account if the Dify is new")
    add("--default-model", action="store_true", help="make kefu-local the workspace's default model even if it has one")
    add("--dry-run", action="store_true", help="print each call that would change something, make none")
    add("--check", action="store_true", help="one conversation for each branch even if nothing changed")
    add("--no-check", action="store_true", help="no conversations")
    add("--rollback", action="store_true", help="back to the apps and plugins before the last deployment")
    add("--print-compose", action="store_true", help="print a compose file that runs the server beside Dify")
    add("--quiet", action="store_true", help="only what changed, warned or failed")


def run(args: argparse.Namespace) -> int:
    if args.print_compose:
        print(compose_text())
        return 0
    url = dify_url(args)
    trace: Callable[[str], None] = print if args.dry_run else say_nothing
    with Console(url, dry_run=args.dry_run, trace=trace) as console:
        way = way_in(args)
        if not setup_finished(console):
            _first_admin(args, console, way)
            if args.dry_run:
                return 0
        workspace = console.open(way)
        state = State.load(state_folder(settings_of(args).data_dir), console.url, keep=not args.dry_run)
        work = Run(console, state, _wanted(args), _printer(args.quiet), _progress)
        if args.rollback:
            return _rolled_back(work)
        outcome = deploy(work, workspace)
    return _finish(outcome, dry_run=args.dry_run)


def _first_admin(args: argparse.Namespace, console: Console, way: object) -> None:
    if not args.first_admin or not isinstance(way, Account):
        raise BadInput("This Dify is new: nobody has an account.", "Run again with --first-admin --email E-MAIL.")
    make_first_admin(console, way, init_password=secret(None, "KEFU_DIFY_INIT_PASSWORD"))
    if args.dry_run:
        print("Everything else needs that account: run with --first-admin, without --dry-run.")


def _wanted(args: argparse.Namespace) -> Wanted:
    token = secret(args.token_file, "KEFU_TOKEN")
    names = args.app or list(DEFAULT_APPS)
    return Wanted(
        server_url=_server_url(args),
        token=lambda: _new_token(args),
        packages=() if args.rollback else _packages(args),
        apps=tuple(app_names() if "all" in names else names),
        knowledge_url=args.knowledge_url.rstrip("/"),
        models={"answer": args.llm} if args.llm else {},
        rules=_rules(args) if "all" in names or "lesson-2-urge-code" in names else (),
        token_given=token,
        take_default_model=args.default_model,
        converse=not args.no_check,
        always_converse=args.check,
    )


def _server_url(args: argparse.Namespace) -> str:
    if args.server_url:
        url = str(args.server_url).rstrip("/")
        if not url.startswith(("http://", "https://")):
            raise BadInput(f"--server-url {url} is no address.", "For example http://kefu:8790.")
        return url
    if args.rollback:
        return ""
    host = urlsplit(args.dify or "").hostname
    if host in ("127.0.0.1", "localhost"):
        return f"http://host.docker.internal:{settings_of(args).port}"
    raise BadInput(
        "Where do Dify's containers reach the kefu server?",
        "--server-url http://kefu:8790 if it runs in Dify's network, else the address of this machine.",
    )


def _packages(args: argparse.Namespace) -> tuple[package.Package, ...]:
    if args.packages is None:
        key = args.sign.read_bytes() if args.sign else None
        return package.build(REPOSITORY, key=key, time=int(time.time()), offline=args.offline)
    return package.read_packages(args.packages)


def _new_token(args: argparse.Namespace) -> str:
    """Of the shop, made the moment Dify needs one."""
    if args.dry_run:
        return "kefu-token-of-the-shop"
    db = open_database(args)
    shop = open_shop(db, args)
    with db.write() as connection:
        token = create_token(connection, shop.id, label="dify")
    db.close()
    return token


def _rules(args: argparse.Namespace) -> tuple:
    db = open_database(args)
    shop = open_shop(db, args)
    with db.read() as connection:
        rows = rows_of_rules(list_rules(connection, shop.id))
    db.close()
    return rows


def _printer(quiet: bool) -> Callable[[Line], None]:
    def show(line: Line) -> None:
        if not (quiet and line.happened in ("kept", "works")):
            print(f"{MARKS[line.happened]} {line.what}: {line.happened}{'  ' if line.detail else ''}{line.detail}")

    return show


def _progress(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def _rolled_back(work: Run) -> int:
    if roll_back(work):
        return 0
    raise BadInput("There is no earlier version to go back to.", f"They are kept in {work.state.folder}.")


def _finish(outcome: Outcome, *, dry_run: bool) -> int:
    for link in outcome.links:
        print(f"\n{link.name}\n  canvas  {link.editor}\n  chat    {link.site or '–'}\n  API     {link.api}")
    if dry_run:
        print("\nNothing was changed: this was a dry run.")
    elif not outcome.changed:
        print("\nNothing changed: everything was there already.")
    if not outcome.works:
        print("\nSome conversations failed: see the ✗ lines, then ./kefu doctor.", file=sys.stderr)
        return 1
    return 0
