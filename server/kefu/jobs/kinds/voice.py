"""Import kind `voice`: the shop's 品牌调性, one record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection

from kefu.core.voice import Voice
from kefu.jobs.imports import Column, ImportKind
from kefu.jobs.tables import SEPARATOR
from kefu.store import profiles


def _parse(cells: Mapping[str, str]) -> Iterable[Voice]:
    lists = {
        name: tuple(filter(None, map(str.strip, cells[name].split(SEPARATOR)))) for name in ("do", "dont", "samples")
    }
    plain = {name: cells[name] for name in ("name", "maker", "tone", "address") if cells[name]}
    return [Voice.from_dict({**plain, **lists})]


def _dump(voice: Voice) -> Mapping[str, str]:
    lists = {name: SEPARATOR.join(getattr(voice, name)) for name in ("do", "dont", "samples")}
    return {"name": voice.name, "maker": voice.maker, "tone": voice.tone, "address": voice.address, **lists}


def _load(connection: Connection, shop_id: int) -> dict[str, Voice]:
    stored = profiles.get_profile(connection, shop_id, "voice")
    return {} if stored == Voice() else {"voice": stored}


def _save(connection: Connection, shop_id: int, items: list[Voice]) -> None:
    for voice in items:
        profiles.set_profile(connection, shop_id, "voice", voice.to_dict(), datetime.now(UTC))


VOICE = ImportKind(
    name="voice",
    help="brand voice (品牌调性): name, maker, tone, form of address, do, don't, samples; one record",
    columns=(
        Column("name", "the assistant's name", required=True, aliases=("名字", "客服名")),
        Column("maker", "who stands behind it: company, brand or shop", required=True, aliases=("公司", "品牌")),
        Column("tone", "how it speaks, in words", aliases=("语气", "调性")),
        Column("address", "how customers are addressed: 您, 你 or 亲", aliases=("称呼",)),
        Column("do", f"rules to follow, separated by {SEPARATOR}", aliases=("要",)),
        Column("dont", f"what to avoid, separated by {SEPARATOR}", aliases=("don't", "不要")),
        Column("samples", f"sentences as the shop says them, separated by {SEPARATOR}", aliases=("示例", "例句")),
    ),
    parse=_parse,
    key=lambda _voice: "voice",
    load=_load,
    save=_save,
    dump=_dump,
)
