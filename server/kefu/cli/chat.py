"""`./kefu chat`: turns through the real app file on Dify's engine, with both plugins and a real server."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from textwrap import indent

from kefu.cli.context import add_shop_argument, open_database, open_shop, settings_of
from kefu.cli.serve import server_command, server_environment
from kefu.clock import make_clock
from kefu.demo.install import NAME, ensure_sample_shop
from kefu.errors import BadInput
from kefu.jobs.training import ensure_model
from kefu.playground.conversation import Conversation
from kefu.playground.play import Playground, load_document
from kefu.playground.plugins import Plugins
from kefu.playground.server import ServerProcess, free_port
from kefu.playground.trace import TurnTrace
from kefu.store import shops
from kefu.store.db import Database
from kefu.store.examples import list_examples
from kefu.store.shops import Shop


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sentences", nargs="*", metavar="一句话", help="one conversation; none: lines of stdin, “# …” begins another"
    )
    parser.add_argument(
        "--app", default="kefu-fast", metavar="NAME", help="app of the family or a .yml file (kefu-fast)"
    )
    add_shop_argument(parser)
    parser.add_argument("--now", default="", metavar="ISO", help="freeze the shop's clock, for dates and promises")
    parser.add_argument("--json", action="store_true", help="one JSON object a line for each turn")
    parser.add_argument(
        "--material", action="store_true", help="also what a model is given to answer from (--json has it)"
    )
    parser.add_argument("--user", default="chat", help="the customer's id, as a channel would send it")
    parser.add_argument("--llm", metavar="MODEL", help="model of the LLM nodes (default kefu-local, which is none)")
    parser.add_argument("--server", metavar="URL", help="a running server instead of one of our own; needs --token")
    parser.add_argument("--token", metavar="TOKEN", help="shop token of that server")


def run(args: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    logging.getLogger("graphon").setLevel(logging.CRITICAL)  # a node's failure is in the trace
    models = {"answer": args.llm} if args.llm else None
    load_document(args.app, models)  # a wrong name is said before anything starts
    with ExitStack() as stack:
        plugins = stack.enter_context(Plugins())
        url, token = stack.enter_context(_server(args, plugins))
        playground = Playground(args.app, url, token, plugins=plugins, models=models)
        playground.warm_up()
        failed = False
        talk = Talk()
        for of, trace in converse(playground, _said(args), args.user):
            if of.title and of != talk and not args.json:
                print(f"\n# {of.title}")
            talk = of
            named = {"conversation": of.title} if of.title else {}
            print(
                json.dumps(named | trace.to_json(), ensure_ascii=False)
                if args.json
                else described(trace, args.material),
                flush=True,
            )
            failed = failed or trace.status == "failed"
    return 1 if failed else 0


@dataclass(frozen=True, slots=True)
class Talk:
    """One of several conversations in a file: the line that it begins in, and what that line says of it."""

    line: int = 0
    title: str = ""


def converse(playground: Playground, said: Iterable[tuple[Talk, str]], user: str) -> Iterator[tuple[Talk, TurnTrace]]:
    """Each sentence as a turn of its conversation; every talk but the first is another customer's."""
    now, conversation = Talk(), Conversation(user=user)
    for talk, sentence in said:
        if talk != now:
            now, conversation = talk, Conversation(user=f"{user}-{talk.line}")
        trace, conversation = playground.turn(sentence, conversation)
        yield talk, trace


def described(trace: TurnTrace, with_material: bool = False) -> str:
    """A turn for reading: the reply, then one line on how it came about, and what a model was given."""
    walked = " → ".join(node.title + ("（出错）" if node.status != "succeeded" else "") for node in trace.nodes)
    facts = [trace.route or "-", trace.intent or "-", f"{trace.ms:.0f} ms", f"大模型 {trace.llm_calls} 次"]
    if trace.is_for_a_model:
        facts[-1] += "（由 kefu-local 代答，接上大模型后 1 次）"
    error = f"\n   错误：{trace.error}" if trace.error else ""
    material = f"\n   给大模型的材料：\n{indent(trace.material, '   | ')}" if with_material and trace.material else ""
    return (
        f"顾客：{trace.query}\n客服：{trace.reply or '（无回复）'}\n   {' · '.join(facts)} · {walked}{error}{material}"
    )


def _said(args: argparse.Namespace) -> Iterator[tuple[Talk, str]]:
    """The sentences given, or the lines of standard input, where “# …” begins another conversation."""
    talk = Talk()
    if args.sentences:
        yield from ((talk, sentence) for sentence in args.sentences)
        return
    for number, line in enumerate(map(str.strip, sys.stdin), start=1):
        if line.startswith("#"):
            talk = Talk(number, line.lstrip("#").strip() or f"line {number}")
        elif line:
            yield talk, line


def _shop(db: Database, args: argparse.Namespace) -> Shop:
    """The named shop with its intents learnt; the sample shop in a store that has none yet."""
    with db.read() as connection:
        empty = not shops.list_shops(connection)
    shop = ensure_sample_shop(db, _say) if empty and args.shop in (None, NAME) else open_shop(db, args)
    with db.read() as connection:
        teachable = bool(list_examples(connection, shop.id))
    if teachable:
        ensure_model(db, shop.id, _say)
    return shop


def _say(text: str) -> None:
    print(f"kefu: {text}", file=sys.stderr, flush=True)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def _server(args: argparse.Namespace, plugins: Plugins) -> Iterator[tuple[str, str]]:
    """URL and token of the given server, or of one started on the shop's data while the plugins start."""
    if args.server or args.token:
        if not (args.server and args.token):
            raise BadInput("--server and --token belong together.", "Give both, or neither to start a server.")
        if args.now:
            raise BadInput(
                "--now cannot freeze a running server.", "Start that server with KEFU_NOW, or leave out --server."
            )
        yield args.server, args.token
        return
    settings = replace(settings_of(args), port=free_port(), workers=1, host="127.0.0.1", now=args.now)
    make_clock(settings)  # refuses a bad --now before anything starts
    db = open_database(args)
    shop = _shop(db, args)
    environment = {**server_environment(settings), "KEFU_HOST": "127.0.0.1", "KEFU_WORKERS": "1", "KEFU_NOW": args.now}
    with db.write() as connection:
        token = shops.create_token(connection, shop.id, label="chat")
    try:
        with ServerProcess(server_command(), environment, settings.port) as server:
            plugins.start()
            server.wait_ready()
            yield server.url, token
    finally:
        with db.write() as connection:
            shops.forget_token(connection, shop.id, token)
        db.close()
