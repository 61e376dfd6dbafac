"""`./kefu COMMAND …`: one table of commands; each module turns flags into a call of a plain function."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from dataclasses import dataclass

from kefu import __version__
from kefu.errors import KefuError


@dataclass(frozen=True, slots=True)
class Command:
    """``module`` has ``add_arguments(parser)`` and ``run(args) -> int`` (the exit status)."""

    name: str
    module: str
    help: str


COMMANDS: tuple[Command, ...] = (
    Command("up", "kefu.cli.up", "sample shop, server, playground and one real conversation"),
    Command("shop", "kefu.cli.shop", "create, list and open shops"),
    Command("import", "kefu.cli.imports", "load rules, products, stock, … from a file"),
    Command("source", "kefu.cli.sources", "pull from an HTTP endpoint or a database, or watch a file"),
    Command("export", "kefu.cli.exports", "write rules, products, stock, … to a file"),
    Command("backup", "kefu.cli.backup", "the whole store as one file, and back"),
    Command("serve", "kefu.cli.serve", "run the server (gunicorn, loopback)"),
    Command("test", "kefu.cli.test", "run all tests"),
    Command("package", "kefu.cli.package", "build the plugin packages and the bundle, or check any package"),
    Command("keygen", "kefu.cli.keygen", "make a key to sign packages with"),
    Command("chat", "kefu.cli.chat", "turns through the real app on Dify's engine, with both plugins"),
    Command("dsl", "kefu.cli.dsl", "render the apps for a Dify version; check a file"),
    Command("train", "kefu.cli.train", "learn intents from a file, or a shop's own examples"),
    Command("eval", "kefu.cli.eval", "measure understanding, … on labelled files"),
    Command("finetune", "kefu.cli.finetune", "should I tune? training rows, configurations, proof"),
    Command("classify", "kefu.cli.classify", "intents of every sentence in a file"),
    Command("extract", "kefu.cli.extract", "slots of every sentence in a file"),
    Command("handoff", "kefu.cli.handoff", "who waits for a person; claim, reply, resolve"),
    Command("webhook", "kefu.cli.webhooks", "where hand-offs are told: chat robots and systems"),
    Command("profile", "kefu.cli.profile", "voice, emotion, guard and desk of a shop"),
    Command("models", "kefu.cli.models", "which upstream a model name means: add, alias, share, rollback, test"),
    Command("unanswered", "kefu.cli.unanswered", "what the bot could not answer, and making it known"),
    Command("knowledge", "kefu.cli.knowledge", "documents, their versions, and what a question finds"),
    Command("sync", "kefu.cli.sync", "copy the knowledge into Dify's own knowledge bases"),
    Command("bench", "kefu.cli.bench", "measure: rules, catalogue, knowledge, models, load"),
    Command("rules", "kefu.cli.rules", "try a message, lint, list, and see what fires"),
    Command("reference", "kefu.cli.reference", "write the reference pages that are made from the code"),
    Command("deploy", "kefu.cli.deploy", "plugins, credentials, knowledge and apps in a Dify; again = nothing changes"),
    Command("doctor", "kefu.cli.doctor", "what is wrong between Dify and the server, each line with what to do"),
    Command("undeploy", "kefu.cli.undeploy", "take away from a Dify what deploy made"),
    Command("check", "kefu.cli.check", "format, lint, types, import rules: edits nothing"),
)


def build_parser(names: tuple[str, ...] | None = None) -> argparse.ArgumentParser:
    """The whole parser, or only the named commands' arguments (imports stay cheap)."""
    parser = argparse.ArgumentParser(prog="kefu", description="E-commerce customer service for self-hosted Dify.")
    parser.add_argument("--version", action="version", version=f"kefu {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        sub = subparsers.add_parser(command.name, help=command.help, description=command.help)
        if names is None or command.name in names:
            importlib.import_module(command.module).add_arguments(sub)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command; a KefuError becomes one clear line on stderr and status 2. Who stops reading (``| head``) ends
    it quietly."""
    try:
        try:
            return _run(sys.argv[1:] if argv is None else argv)
        finally:  # help leaves by SystemExit, with its text still in the buffer
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # where the rest of the buffer goes at the end
        return 141


def _run(argv: list[str]) -> int:
    named = next((word for word in argv if not word.startswith("-")), "")
    args = build_parser((named,)).parse_args(argv)
    command = next(row for row in COMMANDS if row.name == args.command)
    try:
        return importlib.import_module(command.module).run(args)
    except KefuError as error:
        print(f"kefu {args.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
