"""Flags that say which Dify and as whom; secrets come from files, the environment or a prompt, never from a flag."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path

from kefu.dify.console import Account, AdminKey
from kefu.errors import BadInput


def add_dify_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dify", metavar="URL", help="address of the Dify (or KEFU_DIFY_URL)")
    parser.add_argument("--email", metavar="E-MAIL", help="account: owner or admin (or KEFU_DIFY_EMAIL)")
    parser.add_argument(
        "--password-file", metavar="FILE", type=Path, help="its password (or KEFU_DIFY_PASSWORD, else asked)"
    )
    parser.add_argument(
        "--admin-key-file", metavar="FILE", type=Path, help="Dify's ADMIN_API_KEY instead (or KEFU_DIFY_ADMIN_KEY)"
    )
    parser.add_argument("--workspace", metavar="ID", default="", help="workspace, if the admin key opens several")


def dify_url(args: argparse.Namespace) -> str:
    """Raises BadInput if none is named."""
    url = args.dify or os.environ.get("KEFU_DIFY_URL", "")
    if not url:
        raise BadInput("Which Dify?", "Name it with --dify URL.")
    return str(url)


def way_in(args: argparse.Namespace) -> Account | AdminKey:
    """The admin key if there is one, else e-mail and password; asks at a terminal for what is missing."""
    key = secret(args.admin_key_file, "KEFU_DIFY_ADMIN_KEY")
    if key:
        return AdminKey(key, args.workspace)
    email = args.email or os.environ.get("KEFU_DIFY_EMAIL", "") or _asked("E-mail of the Dify account: ", hidden=False)
    password = secret(args.password_file, "KEFU_DIFY_PASSWORD") or _asked(f"Password of {email}: ", hidden=True)
    return Account(email, password)


def secret(path: Path | None, variable: str) -> str:
    """From the file if named, else from the environment; empty if neither is."""
    if path is None:
        return os.environ.get(variable, "").strip()
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}.", "It holds the secret alone, on one line.") from error


def _asked(question: str, *, hidden: bool) -> str:
    if not sys.stdin.isatty():
        raise BadInput(
            f"{question.rstrip(': ')} is not given.",
            "Use --email with --password-file or KEFU_DIFY_PASSWORD, or --admin-key-file.",
        )
    return getpass.getpass(question) if hidden else input(question).strip()
