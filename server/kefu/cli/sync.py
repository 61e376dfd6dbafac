"""`./kefu sync --dify URL --key dataset-…`: the shop's knowledge in Dify's own knowledge bases."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import timedelta

from kefu.cli.context import add_shop_argument, open_database, open_shop, settings_of
from kefu.clock import make_clock
from kefu.core.knowledge import KNOWLEDGE_IDS
from kefu.core.knowledge.copies import describe_without_stock
from kefu.dify.sync_datasets import Datasets
from kefu.dify.sync_knowledge import sync_shop
from kefu.engine.retrieval import describer
from kefu.errors import BadInput
from kefu.jobs.sync import material_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dify", metavar="URL", required=True, help="address of the Dify, for example http://dify.local"
    )
    parser.add_argument("--key", metavar="KEY", default="", help="knowledge API key (default: DIFY_DATASET_KEY)")
    parser.add_argument(
        "--knowledge-id", nargs="+", choices=KNOWLEDGE_IDS, default=list(KNOWLEDGE_IDS), help="which (default: all)"
    )
    parser.add_argument(
        "--indexing",
        choices=("high_quality", "economy"),
        default="high_quality",
        help="of a new knowledge base: vectors (needs an embedding model in Dify) or keywords",
    )
    parser.add_argument("--with-stock", action="store_true", help="copy today's stock too; it is old at the next sale")
    parser.add_argument("--dry-run", action="store_true", help="say what is left to do, change nothing")
    add_shop_argument(parser)


def run(args: argparse.Namespace) -> int:
    key = args.key or os.environ.get("DIFY_DATASET_KEY", "")
    if not key:
        raise BadInput("There is no knowledge API key.", "Give --key, or set DIFY_DATASET_KEY.")
    settings = settings_of(args)
    db = open_database(args)
    shop = open_shop(db, args)
    age = timedelta(hours=settings.stock_max_age_hours)
    now = make_clock(settings)()
    with db.read() as connection:
        describe = describer(connection, shop.id, now, age) if args.with_stock else describe_without_stock
        material = material_of(connection, shop.id, args.knowledge_id, describe=describe)
    with Datasets(args.dify, key) as datasets:
        report = sync_shop(
            datasets,
            shop.name,
            material,
            indexing=args.indexing,
            dry_run=args.dry_run,
            progress=lambda line: print(line, file=sys.stderr),
        )
    for line in report.errors:
        print(line, file=sys.stderr)
    print(report.summary() + (" (dry run: nothing was changed)" if args.dry_run else ""))
    return 1 if report.errors else 0
