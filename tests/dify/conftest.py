"""Fixtures for everything that talks to a Dify: the fake, and our two packages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import util
from pathlib import Path
from types import ModuleType

import pytest

from kefu.dify import package
from kefu.dify.dsl.places import REPOSITORY


@cache
def _fake() -> ModuleType:
    spec = util.spec_from_file_location("console_fake", Path(__file__).parent / "console_fake.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    import sys

    sys.modules["console_fake"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def fake() -> ModuleType:
    """The module of the fake, for Fault and ADMIN_KEY."""
    return _fake()


@pytest.fixture
def dify(fake: ModuleType) -> Iterator:
    """A running fake Dify with an account and nothing else."""
    with fake.running(fake.Dify()) as running:
        yield running


@pytest.fixture(scope="session")
def packages() -> tuple[package.Package, ...]:
    return package.build(REPOSITORY)
