"""`./kefu up` on a store that is there already."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

from tests.intent_files import with_header

from kefu.cli.up import _ready_sample_shop
from kefu.core.intent_file import FORMAT, format_of
from kefu.store import models
from kefu.store.db import Database
from kefu.store.shops import Shop

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_a_shop_that_another_version_taught_is_taught_anew(sample_db: Database, sample_shop: Shop) -> None:
    """An unreadable model would leave the shop with its rules alone."""
    assert _ready_sample_shop(sample_db) == sample_shop
    with sample_db.write() as connection:
        known, data = models.active_model(connection, sample_shop.id, "intents")
        assert format_of(data) == FORMAT
        old, learnt = with_header(data, {"format": FORMAT - 1}), known.trained_on
        models.save_model(connection, sample_shop.id, "intents", old, known.report, trained_on=learnt, now=NOW)
    assert _ready_sample_shop(sample_db) is None


def test_what_is_no_model_has_no_format() -> None:
    """Neither bytes of something else nor a zip without a header nor a header that says nothing."""
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("header.json", "[]")
    assert [format_of(data) for data in (b"", b"x" * 100, other.getvalue())] == [0, 0, 0]
