"""`./kefu handoff list|show|claim|release|reply|resolve`: an agent's desk on the command line."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from kefu.cli.context import add_shop_argument, open_database, open_shop, settings_of
from kefu.clock import make_clock
from kefu.core.handoff import REASONS, STATES, HandOff, read_clock
from kefu.store import handoffs, profiles

ACTIONS = (
    ("list", "who waits, the most urgent first"),
    ("show", "one conversation with its transcript"),
    ("claim", "take it"),
    ("release", "put it back into the queue"),
    ("reply", "say something to the customer"),
    ("resolve", "end it: the bot has the conversation again"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="|".join(name for name, _ in ACTIONS))
    for name, help_text in ACTIONS:
        action = actions.add_parser(name, help=help_text, description=help_text)
        add_shop_argument(action)
        if name == "list":
            action.add_argument(
                "--state", default="", choices=("", *STATES), help="only these; default: all, newest first"
            )
            continue
        action.add_argument("id", type=int, metavar="ID", help="the number in `list`")
        if name != "show":
            action.add_argument("--agent", required=True, metavar="NAME", help="who does it")
        if name == "reply":
            action.add_argument("text", metavar="TEXT", help="what is said")
        if name == "resolve":
            action.add_argument("--note", default="", metavar="TEXT", help="what was done")


def run(args: argparse.Namespace) -> int:
    db = open_database(args)
    shop, now = open_shop(db, args), make_clock(settings_of(args))()
    with db.write() as connection:
        if args.action == "list":
            desk = profiles.get_profile(connection, shop.id, "desk")
            found = handoffs.list_handoffs(connection, shop.id, args.state)
            print("\n".join(_line(record, read_clock(record, desk, now).waiting) for record in found) or "nobody waits")
        elif args.action == "show":
            print(_show(connection, shop.id, args.id))
        else:
            done = _act(connection, shop.id, args, now)
            print(json.dumps(done, ensure_ascii=False, default=str))
    return 0


def _act(connection: Connection, shop_id: int, args: argparse.Namespace, now: datetime) -> dict[str, Any]:
    if args.action == "reply":
        said = handoffs.reply(connection, shop_id, args.id, args.agent, args.text, now)
        return {"message": said.id, "text": said.text}
    if args.action == "claim":
        record = handoffs.claim(connection, shop_id, args.id, args.agent, now)
    elif args.action == "release":
        record = handoffs.release(connection, shop_id, args.id, args.agent)
    else:
        record = handoffs.resolve(connection, shop_id, args.id, args.agent, now, args.note)
    return {"id": record.id, "state": record.state, "agent": record.agent}


def _line(record: HandOff, waiting: int) -> str:
    who = record.customer or record.conversation_id
    return f"{record.id:>5}  {record.state:<8}  {REASONS[record.reason]}  {waiting} s  {who}  {record.agent}".rstrip()


def _show(connection: Connection, shop_id: int, handoff_id: int) -> str:
    record = handoffs.get_handoff(connection, shop_id, handoff_id)
    lines = [f"{record.id} {record.state}: {REASONS[record.reason]} {record.detail}".rstrip()]
    lines += [f"  {line.who}: {line.text}" for line in record.transcript]
    lines += [f"  {m.who}: {m.text}" for m in handoffs.list_messages(connection, shop_id, handoff_id)]
    lines += [f"  {name} = {value}" for name, value in record.slots.items()]
    return "\n".join(lines + ([f"  suggested: {record.suggested_reply}"] if record.suggested_reply else []))
