"""Every setting of the server in one table: name, default, meaning. Environment variables are ``KEFU_<NAME>``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kefu.errors import BadInput


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table; ``parse`` turns the environment's text into the value."""

    name: str
    default: Any
    parse: type
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting("data_dir", str(Path.home() / ".kefu"), str, "folder of the SQLite store, models and compiled files"),
    Setting(
        "database_url",
        "",
        str,
        "SQLAlchemy URL; empty = SQLite file in data_dir; PostgreSQL: postgresql+psycopg://…",
    ),
    Setting("host", "127.0.0.1", str, "address to listen on; loopback unless told otherwise"),
    Setting("port", 8790, int, "port of the server and its pages"),
    Setting("workers", 2, int, "gunicorn worker processes"),
    Setting("threads", 8, int, "threads a worker"),
    Setting("max_body_bytes", 2_000_000, int, "largest accepted request body outside imports"),
    Setting("timezone", "Asia/Shanghai", str, "time zone of the shop's dates and cut-off times"),
    Setting("stock_max_age_hours", 48, int, "stock older than this is reported as 暂不确定"),
    Setting("conversation_ttl_hours", 24, int, "a conversation's state is forgotten after this silence"),
    Setting("now", "", str, "frozen clock for demonstrations and tests, ISO 8601; empty = the real time"),
    Setting("admin_password", "", str, "password of the admin pages; empty = pages open on loopback only"),
    Setting("price_prompt", 0.0, float, "price of 1,000 prompt tokens, for the costs in `eval ladder`"),
    Setting("price_completion", 0.0, float, "price of 1,000 tokens of an answer"),
    Setting("currency", "CNY", str, "of both prices"),
    Setting("log_level", "INFO", str, "DEBUG, INFO, WARNING or ERROR"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force."""

    data_dir: Path
    database_url: str
    host: str
    port: int
    workers: int
    threads: int
    max_body_bytes: int
    timezone: str
    stock_max_age_hours: int
    conversation_ttl_hours: int
    now: str
    admin_password: str
    price_prompt: float
    price_completion: float
    currency: str
    log_level: str


def load_settings(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Defaults, then ``KEFU_*`` of ``environ``, then ``overrides``. A value that does not parse raises BadInput."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for row in SETTINGS:
        raw = environ.get(f"KEFU_{row.name.upper()}")
        try:
            values[row.name] = row.default if raw is None else row.parse(raw)
        except ValueError as error:
            raise BadInput(
                f"KEFU_{row.name.upper()}={raw!r} is not a {row.parse.__name__}.", f"It is: {row.help}."
            ) from error
    values.update({name: value for name, value in overrides.items() if value is not None})
    values["data_dir"] = Path(values["data_dir"]).expanduser()
    if not values["database_url"]:
        values["database_url"] = f"sqlite:///{values['data_dir'] / 'kefu.sqlite'}"
    return Settings(**values)
