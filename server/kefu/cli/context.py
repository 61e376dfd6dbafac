"""Flags that several commands share, and what they open."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from kefu.errors import BadInput
from kefu.settings import Settings, load_settings
from kefu.store.db import Database
from kefu.store.shops import Shop, find_shop, list_shops


def add_data_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="DIR", help="folder of the store (default: KEFU_DATA_DIR or ~/.kefu)")


def add_shop_argument(parser: argparse.ArgumentParser) -> None:
    add_data_argument(parser)
    parser.add_argument("--shop", metavar="NAME", help="the shop (default: the only one, else `demo`)")


def settings_of(args: argparse.Namespace) -> Settings:
    return load_settings(data_dir=getattr(args, "data", None), port=getattr(args, "port", None))


def open_database(args: argparse.Namespace) -> Database:
    """The migrated database in the folder that ``args`` names; makes it. Raises BadInput if it cannot be written."""
    settings = settings_of(args)
    make_data_dir(settings.data_dir)
    db = Database(settings.database_url)
    db.migrate()
    return db


def make_data_dir(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"The data folder {folder} cannot be made: {error.strerror}.", "Name another with --data DIR."
        ) from error
    if not os.access(folder, os.W_OK):
        raise BadInput(f"The data folder {folder} is not writable.", "Name another with --data DIR.")


def open_shop(db: Database, args: argparse.Namespace) -> Shop:
    """The shop named by ``--shop``; without it the only one, else ``demo``."""
    with db.read() as connection:
        name = getattr(args, "shop", None)
        if name:
            return find_shop(connection, name)
        every = list_shops(connection)
    named_demo = [shop for shop in every if shop.name == "demo"]
    if len(every) == 1 or named_demo:
        return every[0] if len(every) == 1 else named_demo[0]
    raise BadInput(
        "There is no shop yet." if not every else "There are several shops.",
        "Make one with `./kefu shop create NAME`." if not every else "Name one with --shop NAME.",
    )
