"""`./kefu serve`: the server alone, for production (`up` adds the sample shop and the playground)."""

from __future__ import annotations

import argparse
import os
import socket
import sys

from kefu.cli.context import add_data_argument, make_data_dir, settings_of
from kefu.errors import BadInput
from kefu.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_argument(parser)
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port (default 8790)")
    parser.add_argument("--workers", type=int, help="worker processes (default 2)")


def run(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    make_data_dir(settings.data_dir)
    check_port(settings)
    environment = server_environment(settings)
    for name in ("host", "workers"):
        if getattr(args, name):
            environment[f"KEFU_{name.upper()}"] = str(getattr(args, name))
    os.execve(sys.executable, server_command(), environment)


def server_command() -> list[str]:
    return [sys.executable, "-m", "gunicorn", "--config", "python:kefu.web.gunicorn_conf", "kefu.web.wsgi:make_app()"]


def server_environment(settings: Settings) -> dict[str, str]:
    """The process environment with the settings that gunicorn's workers read."""
    return {
        **os.environ,
        "KEFU_DATA_DIR": str(settings.data_dir),
        "KEFU_DATABASE_URL": settings.database_url,
        "KEFU_PORT": str(settings.port),
    }


def check_port(settings: Settings) -> None:
    """Raises BadInput if somebody listens on the port already, or it may not be opened."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise BadInput(
                f"Port {settings.port} on {settings.host} cannot be used: {error.strerror}.",
                "Stop what runs there (perhaps another kefu) or choose one with --port.",
            ) from error
