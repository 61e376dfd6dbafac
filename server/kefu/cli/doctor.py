"""`./kefu doctor`: what is wrong between Dify and the kefu server, each line with what to do."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import Connection

from kefu.cli.context import add_shop_argument, open_database, open_shop, settings_of
from kefu.cli.dify_access import add_dify_arguments, secret, way_in
from kefu.clock import make_clock
from kefu.core.catalogue import Device
from kefu.core.catalogue.delivery.gaps import delivery_gaps
from kefu.core.intents import map_classes
from kefu.dify import package
from kefu.dify.console import Console
from kefu.dify.deploy import state_folder
from kefu.dify.doctor import examine
from kefu.dify.dsl.places import REPOSITORY
from kefu.dify.patient import Line, Patient
from kefu.dify.state import State
from kefu.engine import Engine
from kefu.errors import KefuError
from kefu.evaluation.own_questions import ASKED_LAST, ask_all, line_of, tuning_line, were_asked
from kefu.evaluation.runs import read_run
from kefu.evaluation.slots import progress_line
from kefu.jobs.kinds.compatibility import device_gaps, pair_gaps
from kefu.jobs.kinds.naming import naming_of
from kefu.jobs.training import intent_names
from kefu.store.catalogue import load_compatibility, load_products
from kefu.store.conversations import list_turns
from kefu.store.delivery import load_promises
from kefu.store.stock import sending_warehouses, skus_without_stock

SIGNS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_dify_arguments(parser)
    add_shop_argument(parser)
    parser.add_argument("--server", metavar="URL", help="the kefu server as seen from here (default: this machine's)")
    parser.add_argument("--token-file", metavar="FILE", type=Path, help="shop token to check with (or KEFU_TOKEN)")
    parser.add_argument(
        "--questions", metavar="FILE", type=Path, help="your own questions: one a line, or a table with a column query"
    )
    parser.add_argument(
        "--run", metavar="FILE", type=Path, help="a run that `eval ladder --json` saved: what tuning moved"
    )
    parser.add_argument("--json", action="store_true", help="the lines as JSON")


def run(args: argparse.Namespace) -> int:
    """Status 1 if a line failed; warnings are no failure."""
    url = args.dify or os.environ.get("KEFU_DIFY_URL", "")
    patient = _patient(args)
    if url:
        with Console(url) as console:
            way = way_in(args)
            patient.console, patient.sign_in = console, lambda: console.open(way)
            patient.state = State.load(state_folder(settings_of(args).data_dir), console.url, keep=False)
            lines = examine(patient, every=_shower(args.json))
    else:
        lines = examine(patient, every=_shower(args.json))
    for line in (_own_questions(args), tuning_line(read_run(args.run) if args.run else None)):
        _shower(args.json)(line)
        lines.append(line)
    if args.json:
        print(json.dumps([asdict(line) for line in lines], ensure_ascii=False, indent=1))
    elif not url:
        print("Without --dify URL only the kefu side was checked.")
    return 1 if any(line.status == "fail" for line in lines) else 0


def _patient(args: argparse.Namespace) -> Patient:
    server = args.server or f"http://127.0.0.1:{settings_of(args).port}"
    packages = package.build(REPOSITORY) if (REPOSITORY / "manifest.yaml").is_file() else ()
    return Patient(
        server_url=server.rstrip("/"),
        token=secret(args.token_file, "KEFU_TOKEN"),
        packages=packages,
        database=lambda: _database(args),
        without_stock=lambda: _of_the_shop(args, skus_without_stock),
        delivery_gaps=lambda: _of_the_shop(args, _delivery_gaps),
        device_gaps=lambda: _of_the_shop(args, _device_gaps),
        naming_gaps=lambda: _of_the_shop(args, _naming_gaps),
        unmapped=lambda texts: _unmapped(args, texts),
    )


def _database(args: argparse.Namespace) -> str:
    db = open_database(args)
    shop = open_shop(db, args)
    db.close()
    return f"{settings_of(args).data_dir}, shop {shop.name}"


def _of_the_shop(args: argparse.Namespace, read: Callable[[Connection, int], Sequence[str]]) -> Sequence[str]:
    db = open_database(args)
    try:
        shop = open_shop(db, args)
        with db.read() as connection:
            return read(connection, shop.id)
    finally:
        db.close()


def _delivery_gaps(connection: Connection, shop_id: int) -> Sequence[str]:
    return [*delivery_gaps(load_promises(connection, shop_id), sending_warehouses(connection, shop_id))]


def _device_gaps(connection: Connection, shop_id: int) -> Sequence[str]:
    devices = [item for item in load_compatibility(connection, shop_id) if isinstance(item, Device)]
    return [*device_gaps(devices), *pair_gaps(connection, shop_id)]


def _naming_gaps(connection: Connection, shop_id: int) -> Sequence[str]:
    return [*naming_of(load_products(connection, shop_id))]


def _own_questions(args: argparse.Namespace) -> Line:
    """What the shop's questions cost: those of the file, decided now, else the last that customers asked."""
    settings = settings_of(args)
    try:
        engine = Engine(open_database(args), settings, make_clock(settings))
    except KefuError as error:
        return Line("your questions", "fail", error.message, error.hint)
    try:
        shop = open_shop(engine.db, args)
        if args.questions:
            costs = ask_all(engine, shop, args.questions, progress_line())
            return line_of(costs, f"questions of {args.questions.name}")
        with engine.db.read() as connection:
            return line_of(were_asked(list_turns(connection, shop.id, limit=ASKED_LAST)), "turns of customers")
    except KefuError as error:
        return Line("your questions", "fail", error.message, error.hint)
    finally:
        engine.close()
        engine.db.close()


def _unmapped(args: argparse.Namespace, texts: Sequence[str]) -> Collection[str]:
    db = open_database(args)
    try:
        shop = open_shop(db, args)
        known, chosen = intent_names(db, shop.id)
    finally:
        db.close()
    return map_classes(texts, known, chosen).unmapped


def _shower(as_json: bool) -> Callable[[Line], None]:
    def show(line: Line) -> None:
        if not as_json:
            print(f"{SIGNS[line.status]}  {line.check}: {line.detail}", flush=True)
            if line.fix:
                print(f"      → {line.fix}")

    return show
