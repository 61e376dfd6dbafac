"""`./kefu package`: build the release, or check a package of anyone's."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from kefu.dify import package, packagecheck
from kefu.errors import NotFound

ROOT = Path(__file__).resolve().parents[3]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="DIR", help="where to write (dist/)")
    parser.add_argument("--sign", type=Path, metavar="KEY", help="private key made by ./kefu keygen")
    parser.add_argument("--check", type=Path, metavar="FILE", help="check this .difypkg or .difybndl; build nothing")
    parser.add_argument("--public-key", type=Path, metavar="PEM", help="with --check: verify the signature")
    parser.add_argument("--offline", choices=sorted(package.PLATFORMS), help="put the wheels for this machine inside")


def run(args: argparse.Namespace) -> int:
    if args.check:
        return _check(args.check, args.public_key)
    key = _read(args.sign) if args.sign else None
    moment = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    packages = package.write_release(ROOT, args.out, key=key, time=moment, offline=args.offline)
    for built in packages:
        print(f"{args.out / built.file_name}\n  {built.identifier}")
    print(args.out / package.BUNDLE_NAME)
    return 0


def _check(path: Path, public_key: Path | None) -> int:
    report = packagecheck.check(_read(path), public_key=_read(public_key) if public_key else None)
    _print(report, path.name)
    return 0 if report.installs else 1


def _print(report: packagecheck.Report, name: str) -> None:
    print(report.identifier or name)
    for finding in report.findings:
        print(f"  {finding}")
    for inner in report.packages:
        _print(inner, name)
    if not report.packages:
        print("  installs" if report.installs else "  is refused")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
