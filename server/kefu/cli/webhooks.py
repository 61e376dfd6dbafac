"""`./kefu webhook list|set|remove|test|retry|deliver`: where hand-offs are told, and the outbox behind it."""

from __future__ import annotations

import argparse
import os
import uuid
from datetime import UTC, datetime

import httpx

from kefu.cli.context import add_shop_argument, open_database, open_shop
from kefu.jobs.webhooks import Report, deliver_due
from kefu.store import outbox
from kefu.store.db import Database
from kefu.store.outbox import EVENTS, FORMATS, Webhook

ACTIONS = (
    ("list", "the webhooks and their latest deliveries"),
    ("set", "add a webhook, or change the one of that name; the secret comes from KEFU_WEBHOOK_SECRET"),
    ("remove", "delete a webhook with what it has not received"),
    ("test", "send a test event to the webhooks that want `test`"),
    ("retry", "make waiting and given-up deliveries due now"),
    ("deliver", "send everything that is due, then stop"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="|".join(name for name, _ in ACTIONS))
    for name, help_text in ACTIONS:
        action = actions.add_parser(name, help=help_text, description=help_text)
        add_shop_argument(action)
        if name in ("set", "remove"):
            action.add_argument("name", metavar="NAME")
        if name == "set":
            action.add_argument("url", metavar="URL", help="the robot's whole webhook URL")
            action.add_argument("--format", default="json", choices=FORMATS, help="default: json")
            action.add_argument("--event", action="append", choices=EVENTS, help="repeatable; default: handoff.pending")


def run(args: argparse.Namespace) -> int:
    db = open_database(args)
    shop_id = open_shop(db, args).id
    print(_DO[args.action](db, shop_id, args))
    return 0


def _list(db: Database, shop_id: int, _args: argparse.Namespace) -> str:
    with db.read() as connection:
        hooks = outbox.list_webhooks(connection, shop_id)
        rows = outbox.list_deliveries(connection, shop_id, limit=20)
    lines = [
        f"{hook.name}  {hook.format}  {', '.join(hook.events)}  {'on' if hook.enabled else 'off'}" for hook in hooks
    ]
    lines += [f"  {row.event} → {row.webhook.name}: {row.state} ({row.attempts}) {row.error}".rstrip() for row in rows]
    return "\n".join(lines) or "no webhooks"


def _set(db: Database, shop_id: int, args: argparse.Namespace) -> str:
    secret, events = os.environ.get("KEFU_WEBHOOK_SECRET", ""), tuple(args.event or ("handoff.pending",))
    with db.write() as connection:
        outbox.save_webhook(connection, shop_id, Webhook(args.name, args.format, args.url, secret, events), _now())
    return f"{args.name} is told of {', '.join(events)}"


def _remove(db: Database, shop_id: int, args: argparse.Namespace) -> str:
    with db.write() as connection:
        outbox.delete_webhook(connection, shop_id, args.name)
    return f"{args.name} removed"


def _test(db: Database, shop_id: int, args: argparse.Namespace) -> str:
    with db.write() as connection:
        count = outbox.announce(connection, shop_id, "test", f"test-{uuid.uuid4().hex}", {"detail": "测试消息"}, _now())
    return f"{count} to send; " + _deliver(db, shop_id, args)


def _retry(db: Database, shop_id: int, _args: argparse.Namespace) -> str:
    with db.write() as connection:
        return f"{outbox.retry(connection, shop_id)} due now"


def _deliver(db: Database, _shop_id: int, _args: argparse.Namespace) -> str:
    done = Report()
    with httpx.Client(follow_redirects=False, trust_env=False) as client:
        while (round_ := deliver_due(db, client, _now)) != Report():
            done = Report(done.delivered + round_.delivered, done.failed + round_.failed)
    return f"{done.delivered} delivered, {done.failed} failed"


def _now() -> datetime:
    return datetime.now(UTC)


_DO = {"list": _list, "set": _set, "remove": _remove, "test": _test, "retry": _retry, "deliver": _deliver}
