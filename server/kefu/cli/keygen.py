"""`./kefu keygen`: a key to sign packages with."""

from __future__ import annotations

import argparse
from pathlib import Path

from kefu.dify import sign


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "key", type=Path, nargs="?", default=Path("kefu-signing.pem"), metavar="KEY", help="file to write"
    )


def run(args: argparse.Namespace) -> int:
    public = sign.write_key_pair(args.key)
    print(f"{args.key}  private, keep it (mode 600)")
    print(f"{public}  for the plugin daemon, see docs/packages.md")
    return 0
