"""Everything in the store holds on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from kefu.store.db import Database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def db(request: pytest.FixtureRequest) -> Database:
    """A migrated database of the test's own, in each engine."""
    return request.getfixturevalue("sqlite_database" if request.param == "sqlite" else "postgres_database")
